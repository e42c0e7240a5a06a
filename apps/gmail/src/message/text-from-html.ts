import { readMime } from './mime-reading.js';

/** How much of HTML that defeats the converter is kept as rough text, in characters. */
const MAX_ROUGH_TEXT = 256 * 1024;

/** What the HTML says, for messages without plain text. Nothing in it is loaded or run. */
export async function textFromHtml(html: string): Promise<string> {
  const head = 'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n';
  const outcome = await readMime(Buffer.from(head + html, 'utf8'));
  if (outcome.ok && outcome.reading.warnings.length === 0) return outcome.reading.text ?? '';
  return roughText(html);
}

/** For HTML too large or too deeply nested to convert: a ticket with rough text beats one with none. */
function roughText(html: string): string {
  const text = html.replaceAll(/<[^<>]*>/g, ' ').replaceAll(/[^\S\n]+/g, ' ');
  return text.slice(0, MAX_ROUGH_TEXT).trim();
}
