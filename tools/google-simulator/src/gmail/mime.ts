/** One MIME part as Gmail shows it: numbered, transfer-decoded, with its children. */
export interface MimePart {
  /** "" for the message itself, then "0", "1", "1.0" … in document order. */
  readonly partId: string;
  readonly mimeType: string;
  /** Decoded file name, "" when the part has none. */
  readonly filename: string;
  readonly headers: readonly MimeHeader[];
  /** The content after transfer decoding; empty for multipart containers. Character sets are left as they were sent. */
  readonly body: Buffer;
  readonly parts: readonly MimePart[];
}

export interface MimeHeader {
  readonly name: string;
  readonly value: string;
}

const DEEPEST_NESTING = 50;

export function parseMime(raw: Buffer, partId = '', depth = 0): MimePart {
  const { head, body } = splitHead(raw);
  const headers = parseHeaders(head);
  const contentType = parameterized(headerOf(headers, 'content-type') ?? 'text/plain');
  const mimeType = contentType.value.toLowerCase() || 'text/plain';
  const disposition = parameterized(headerOf(headers, 'content-disposition') ?? '');
  const filename = decodeWords(
    disposition.parameters.get('filename') ?? contentType.parameters.get('name') ?? '',
  );
  const childId = (index: number) => (partId === '' ? `${index}` : `${partId}.${index}`);
  const boundary = contentType.parameters.get('boundary');

  if (mimeType.startsWith('multipart/') && boundary && depth < DEEPEST_NESTING) {
    const parts = splitAtBoundary(body, boundary).map((part, index) =>
      parseMime(part, childId(index), depth + 1),
    );
    return { partId, mimeType, filename, headers, body: Buffer.alloc(0), parts };
  }
  const decoded = decodeTransfer(body, headerOf(headers, 'content-transfer-encoding') ?? '7bit');
  const parts =
    mimeType === 'message/rfc822' && depth < DEEPEST_NESTING
      ? [parseMime(decoded, childId(0), depth + 1)]
      : [];
  return { partId, mimeType, filename, headers, body: decoded, parts };
}

export function headerOf(headers: readonly MimeHeader[], name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name)?.value;
}

/** Decodes RFC 2047 encoded words; anything malformed stays as it was written. */
export function decodeWords(text: string): string {
  return text
    .replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, '$1')
    .replace(
      /=\?([^?*]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=/gi,
      (word, charset: string, encoding: string, data: string) => {
        const bytes =
          encoding.toLowerCase() === 'b'
            ? Buffer.from(data, 'base64')
            : decodeQuotedPrintable(Buffer.from(data.replaceAll('_', ' '), 'latin1'));
        return decodeText(bytes, charset) ?? word;
      },
    );
}

function decodeText(bytes: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return undefined;
  }
}

function splitHead(raw: Buffer): { head: Buffer; body: Buffer } {
  if (raw[0] === 0x0a) return { head: Buffer.alloc(0), body: raw.subarray(1) };
  if (raw[0] === 0x0d && raw[1] === 0x0a) return { head: Buffer.alloc(0), body: raw.subarray(2) };
  const ends = ['\r\n\r\n', '\n\n']
    .map((separator) => ({ at: raw.indexOf(separator), length: separator.length }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  const end = ends[0];
  return end
    ? { head: raw.subarray(0, end.at), body: raw.subarray(end.at + end.length) }
    : { head: raw, body: Buffer.alloc(0) };
}

function parseHeaders(head: Buffer): MimeHeader[] {
  return head
    .toString('utf8')
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [{ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }] : [];
    });
}

/** Reads `value; name="x"; name*=utf-8''x; name*0=…` header values. */
function parameterized(header: string): { value: string; parameters: Map<string, string> } {
  const [value = '', ...rest] = header.match(/(?:"(?:\\.|[^"\\])*"|[^;])+/g) ?? [];
  const plain = new Map<string, string>();
  const pieces = new Map<string, string[]>();
  for (const item of rest) {
    const equals = item.indexOf('=');
    if (equals < 0) continue;
    const name = item.slice(0, equals).trim().toLowerCase();
    const content = item
      .slice(equals + 1)
      .trim()
      .replace(/^"([\s\S]*)"$/, (_quoted, inner: string) => inner.replace(/\\(.)/g, '$1'));
    const piece = /^([^*]+)\*(\d+)?(\*)?$/.exec(name);
    if (!piece) plain.set(name, content);
    else pieces.set(piece[1]!, [...(pieces.get(piece[1]!) ?? []), content]);
  }
  for (const [name, contents] of pieces) {
    const joined = contents.join('');
    const extended = /^([^']*)'[^']*'([\s\S]*)$/.exec(joined);
    plain.set(name, extended ? decodePercent(extended[2]!, extended[1]! || 'utf-8') : joined);
  }
  return { value: value.trim(), parameters: plain };
}

function decodePercent(text: string, charset: string): string {
  const bytes = Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  return decodeText(bytes, charset) ?? text;
}

function splitAtBoundary(body: Buffer, boundary: string): Buffer[] {
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: Buffer[] = [];
  let start: number | undefined;
  for (let at = body.indexOf(delimiter); at >= 0; at = body.indexOf(delimiter, at + delimiter.length)) {
    const atLineStart = at === 0 || body[at - 1] === 0x0a;
    const after = at + delimiter.length;
    const closing = body.subarray(after, after + 2).toString() === '--';
    const lineEnd = body.indexOf(0x0a, after);
    const rest = body.subarray(after, lineEnd < 0 ? undefined : lineEnd).toString();
    if (!atLineStart || (!closing && rest.trim() !== '')) continue;
    if (start !== undefined) parts.push(withoutLastLineBreak(body.subarray(start, at)));
    start = closing || lineEnd < 0 ? undefined : lineEnd + 1;
    if (closing) return parts;
  }
  if (start !== undefined) parts.push(body.subarray(start));
  return parts;
}

function withoutLastLineBreak(part: Buffer): Buffer {
  if (part.at(-1) !== 0x0a) return part;
  return part.subarray(0, part.at(-2) === 0x0d ? -2 : -1);
}

function decodeTransfer(body: Buffer, encoding: string): Buffer {
  const name = encoding.trim().toLowerCase();
  if (name === 'base64') return Buffer.from(body.toString('latin1'), 'base64');
  if (name === 'quoted-printable') return decodeQuotedPrintable(body);
  return body;
}

function decodeQuotedPrintable(body: Buffer): Buffer {
  return Buffer.from(
    body
      .toString('latin1')
      .replace(/[ \t]+(?=\r?\n|$)/g, '')
      .replace(/=\r?\n/g, '')
      .replace(/=([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}
