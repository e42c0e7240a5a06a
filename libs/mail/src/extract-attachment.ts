import { openMessage } from './message-parts.js';
import type { Attachment } from './parsed-message.js';

export type ExtractOutcome =
  { ok: true; attachment: Attachment; content: Buffer } | { ok: false; reason: 'not-found' | 'unreadable' };

/** One attachment out of a stored raw message, by the id that parsing gave it. */
export async function extractAttachment(raw: Buffer, attachmentId: string): Promise<ExtractOutcome> {
  try {
    const outcome = await openMessage(raw);
    if (!outcome.ok) return { ok: false, reason: 'unreadable' };
    const found = outcome.opened.attachments.find(({ id }) => id === attachmentId);
    if (!found) return { ok: false, reason: 'not-found' };
    const { content, ...attachment } = found;
    return { ok: true, attachment, content };
  } catch {
    return { ok: false, reason: 'unreadable' };
  }
}
