const LF = 0x0a;
const CR = 0x0d;

/**
 * The same message with what stops a parser repaired: lone carriage returns for line ends, and raw 8-bit
 * header bytes that are not UTF-8, which in practice are windows-1252. Attachments are never touched.
 */
export function readableBytes(raw: Buffer): Buffer {
  const lines = raw.includes(LF) || !raw.includes(CR) ? raw : withLineFeeds(raw);
  const end = endOfHeaders(lines);
  const head = lines.subarray(0, end);
  if (isUtf8(head)) return lines;
  const repaired = Buffer.from(new TextDecoder('windows-1252').decode(head), 'utf8');
  return Buffer.concat([repaired, lines.subarray(end)]);
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
