import type { MimePart, MimeReading } from './mime-reading.js';
import { readMime } from './mime-reading.js';
import {
  MAX_NESTED_MESSAGES_DEPTH,
  MAX_PARTS,
  MAX_RAW_BYTES,
  MAX_UNREADABLE_BODY_SHOWN,
} from './parsed-message.js';
import { bodyBytes, readableBytes } from './readable-bytes.js';
import { attachmentOf, contentIdsShownIn } from './attachments.js';
import type { Attachment } from './parsed-message.js';

export interface FoundAttachment extends Attachment {
  content: Buffer;
}

export interface OpenedMessage {
  reading: MimeReading;
  /** In the order of the message; the attachments of a nested message follow its own `.eml`. */
  attachments: FoundAttachment[];
  warnings: string[];
}

/** Takes a message apart, and the messages nested in it. */
export async function openMessage(
  raw: Buffer,
): Promise<{ ok: true; opened: OpenedMessage } | { ok: false; reason: string }> {
  if (raw.length === 0) return { ok: false, reason: 'the message is empty' };
  if (raw.length > MAX_RAW_BYTES) {
    return { ok: false, reason: `the message is larger than ${MAX_RAW_BYTES} bytes` };
  }
  const outcome = await readMime(readableBytes(raw));
  if (!outcome.ok) return outcome;
  const { reading } = outcome;
  const opened: OpenedMessage = { reading, attachments: [], warnings: [...reading.warnings] };
  await listParts(reading, opened, '', 0);
  if (reading.contentType.startsWith('multipart/')) showBodyWithoutParts(raw, opened);
  return { ok: true, opened };
}

async function listParts(
  reading: MimeReading,
  opened: OpenedMessage,
  within: string,
  depth: number,
): Promise<void> {
  const shown = contentIdsShownIn(reading.html);
  for (const part of reading.parts) {
    const placed = { ...part, partPath: within + part.partPath };
    opened.attachments.push({ ...attachmentOf(placed, shown), content: part.content });
    if (part.contentType === 'message/rfc822') await openNested(placed, opened, depth + 1);
  }
}

async function openNested(part: MimePart, opened: OpenedMessage, depth: number): Promise<void> {
  const left = MAX_PARTS - opened.attachments.length;
  if (depth > MAX_NESTED_MESSAGES_DEPTH || left <= 0) {
    opened.warnings.push(`The message in part ${part.partPath} is nested too deeply to be opened.`);
    return;
  }
  if (part.content.length === 0) return;
  const outcome = await readMime(readableBytes(part.content), left);
  if (outcome.ok) await listParts(outcome.reading, opened, `${part.partPath}.`, depth);
  else opened.warnings.push(`The message in part ${part.partPath} could not be opened: ${outcome.reason}.`);
}

/** Without its boundary a multipart message has no parts, but what it says must not vanish. */
function showBodyWithoutParts(raw: Buffer, opened: OpenedMessage): void {
  const { reading, attachments } = opened;
  if (reading.text !== undefined || reading.html !== undefined || attachments.length > 0) return;
  const source = bodyBytes(raw).subarray(0, MAX_UNREADABLE_BODY_SHOWN).toString('utf8').trim();
  if (source === '') return;
  reading.text = source;
  opened.warnings.push('The message claims to have parts, but none was found: its source is shown as text.');
}
