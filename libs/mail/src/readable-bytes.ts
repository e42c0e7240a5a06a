const LF = 0x0a;
const CR = 0x0d;

/**
 * The same message with what stops a parser repaired: lone carriage returns for line ends, and raw 8-bit
 * text that claims no charset and is not UTF-8, in the headers or as the whole body; in practice that is
 * windows-1252. Attachments are never touched.
 */
export function readableBytes(raw: Buffer): Buffer {
  const lines = raw.includes(LF) || !raw.includes(CR) ? raw : withLineFeeds(raw);
  const end = endOfHeaders(lines);
  const head = lines.subarray(0, end);
  const body = lines.subarray(end);
  const isPlain = isTextWithoutCharset(head.toString('latin1'));
  if (isUtf8(head) && !(isPlain && !isUtf8(body))) return lines;
  return Buffer.concat([asUtf8(head), isPlain ? asUtf8(body) : body]);
}

export function bodyBytes(raw: Buffer): Buffer {
  return raw.subarray(endOfHeaders(raw));
}

function isTextWithoutCharset(head: string): boolean {
  const type = /^content-type:[ \t]*([^;\r\n]*)/im.exec(head)?.[1] ?? 'text/plain';
  return /^text\/(plain|html)\s*$/i.test(type) && !/charset|base64/i.test(head);
}

function asUtf8(bytes: Buffer): Buffer {
  return isUtf8(bytes) ? bytes : Buffer.from(new TextDecoder('windows-1252').decode(bytes), 'utf8');
}

function withLineFeeds(raw: Buffer): Buffer {
  const copy = Buffer.from(raw);
  for (let at = copy.indexOf(CR); at >= 0; at = copy.indexOf(CR, at + 1)) copy[at] = LF;
  return copy;
}

function endOfHeaders(raw: Buffer): number {
  const ends = [raw.indexOf('\r\n\r\n'), raw.indexOf('\n\n')].filter((at) => at >= 0);
  return ends.length > 0 ? Math.min(...ends) : raw.length;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
