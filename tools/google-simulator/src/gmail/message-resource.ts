import { randomBytes } from 'node:crypto';
import { headerOf, type MimePart } from './mime.js';
import type { StoredMessage } from './mailbox.js';

export type MessageFormat = 'minimal' | 'full' | 'raw' | 'metadata';

/** Parts without a file name come inline up to this size; attachments are always fetched apart. */
const LARGEST_INLINE_BYTES = 256 * 1024;
const SNIPPET_CHARACTERS = 200;

/** The message as users.messages.get answers it. */
export function messageResource(
  message: StoredMessage,
  format: MessageFormat,
  metadataHeaders: readonly string[] = [],
) {
  return {
    id: message.id,
    threadId: message.threadId,
    ...(message.labelIds.length > 0 && { labelIds: message.labelIds }),
    snippet: snippetOf(message.parsed),
    ...payloadIn(format, message, metadataHeaders),
    sizeEstimate: message.raw.length,
    historyId: message.historyId.toString(),
    internalDate: message.internalDate.getTime().toString(),
  };
}

function payloadIn(format: MessageFormat, message: StoredMessage, metadataHeaders: readonly string[]) {
  switch (format) {
    case 'minimal':
      return {};
    case 'raw':
      return { raw: toBase64Url(message.raw) };
    case 'full':
      return { payload: partResource(message.parsed) };
    case 'metadata': {
      const wanted = new Set(metadataHeaders.map((name) => name.toLowerCase()));
      const headers = message.parsed.headers.filter(
        ({ name }) => wanted.size === 0 || wanted.has(name.toLowerCase()),
      );
      return { payload: { mimeType: message.parsed.mimeType, headers } };
    }
  }
}

function partResource(part: MimePart): Record<string, unknown> {
  const apart = part.filename !== '' || part.body.length > LARGEST_INLINE_BYTES;
  const isContainer = part.mimeType.startsWith('multipart/');
  const content = apart ? { attachmentId: attachmentIdFor(part) } : { data: toBase64Url(part.body) };
  return {
    partId: part.partId,
    mimeType: part.mimeType,
    filename: part.filename,
    headers: part.headers,
    body: { ...(!isContainer && part.body.length > 0 && content), size: part.body.length },
    ...(part.parts.length > 0 && { parts: part.parts.map(partResource) }),
  };
}

/** Google's attachment ids are long, opaque and differ from fetch to fetch. */
function attachmentIdFor(part: MimePart): string {
  return `ANGjdJ${randomBytes(24).toString('base64url')}.${Buffer.from(part.partId).toString('base64url')}`;
}

/** The content behind an attachment id, or undefined when this message has no such attachment. */
export function attachmentOf(message: StoredMessage, attachmentId: string): MimePart | undefined {
  const encoded = /^ANGjdJ[\w-]{32}\.([\w-]*)$/.exec(attachmentId)?.[1];
  if (encoded === undefined) return undefined;
  const partId = Buffer.from(encoded, 'base64url').toString();
  return allParts(message.parsed).find((part) => part.partId === partId);
}

function allParts(part: MimePart): MimePart[] {
  return [part, ...part.parts.flatMap(allParts)];
}

/** Base64url with padding, as Google writes bytes. */
export function toBase64Url(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function snippetOf(root: MimePart): string {
  const text = allParts(root).find((part) => part.mimeType === 'text/plain' && part.filename === '');
  const html = text ?? allParts(root).find((part) => part.mimeType === 'text/html');
  if (!html) return '';
  const charset = /charset="?([\w-]+)/i.exec(headerOf(html.headers, 'content-type') ?? '')?.[1] ?? 'utf-8';
  return decode(html.body.subarray(0, 4_096), charset)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, SNIPPET_CHARACTERS);
}

function decode(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}
