import type { MimePart, MimeReading } from './mime-reading.js';
import { readMime } from './mime-reading.js';
import { MAX_NESTED_MESSAGES_DEPTH, MAX_PARTS, MAX_RAW_BYTES } from './parsed-message.js';
import { readableBytes } from './readable-bytes.js';
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
