import { readMime } from './mime-reading.js';

/** How much of HTML that the converter does not take is kept as rough text, in characters. */
const MAX_ROUGH_TEXT = 256 * 1024;

/** What the HTML says, for messages without plain text. Nothing in it is loaded or run. */
export async function textFromHtml(html: string): Promise<string> {
  const head = 'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n';
  const outcome = await readMime(Buffer.from(head + html, 'utf8'));
  if (outcome.ok && outcome.reading.warnings.length === 0) return outcome.reading.text ?? '';
  return roughText(html);
}

const HIDDEN = /^<(style|script|title)\b/i;
const BREAKS_LINE = /^<(?:br|hr)\b|^<\/(?:p|div|tr|li|h[1-6]|table|blockquote|pre)\b/i;

/**
 * Tags dropped in one pass, for HTML too large or too deeply nested to convert in reasonable time: a ticket with
 * rough text beats one with none.
 */
export function roughText(html: string): string {
  let text = '';
  let at = 0;
  while (at < html.length && text.length < MAX_ROUGH_TEXT) {
    const open = html.indexOf('<', at);
    if (open < 0) return tidied(text + html.slice(at));
    text += html.slice(at, open);
    const tag = html.slice(open, open + 12);
    const hidden = HIDDEN.exec(tag)?.[1];
    if (!/^<[a-z/!]/i.test(tag)) {
      text += '<';
      at = open + 1;
      continue;
    }
    if (BREAKS_LINE.test(tag)) text += '\n';
    if (/^<\/t[dh]\b/i.test(tag)) text += ' ';
    const close = hidden ? endOfHidden(html, open, hidden.toLowerCase()) : html.indexOf('>', open);
    if (close < 0) return tidied(text);
    at = close + 1;
  }
  return tidied(text);
}

function endOfHidden(html: string, from: number, name: string): number {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  const match = end.exec(html);
  return match ? html.indexOf('>', match.index) : -1;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };

function tidied(text: string): string {
  return text
    .slice(0, MAX_ROUGH_TEXT)
    .replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/g, (entity, name: string) => ENTITIES[name] ?? entity)
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n[ \n]*/g, '\n')
    .toWellFormed()
    .trim();
}
