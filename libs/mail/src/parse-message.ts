import { addressesIn, groupWriter, senderOf } from './correspondents.js';
import { headerValues, messageIdsIn, normalisedMessageId } from './headers.js';
import type { OpenedMessage } from './message-parts.js';
import { openMessage } from './message-parts.js';
import type { MimeReading } from './mime-reading.js';
import type { MessageEnvelope, ParsedMessage, ParseOutcome } from './parsed-message.js';
import { textFromHtml } from './text-from-html.js';

/**
 * Reads a raw RFC 5322 message as far as it can be read. Never throws, whatever the bytes are; the limits are the
 * constants of parsed-message.ts. The same bytes and envelope give the same message, at any time and anywhere.
 */
export async function parseMessage(raw: Buffer, envelope: MessageEnvelope): Promise<ParseOutcome> {
  try {
    const outcome = await openMessage(raw);
    if (!outcome.ok) return outcome;
    return { ok: true, message: await asParsed(outcome.opened, envelope, raw.length) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function asParsed(
  opened: OpenedMessage,
  envelope: MessageEnvelope,
  sizeBytes: number,
): Promise<ParsedMessage> {
  const headers = headerValues(opened.reading.headerLines);
  const messageId = headers['message-id']?.[0];
  const inReplyTo = messageIdsIn(headers['in-reply-to'])[0];
  const sender = senderOf(headers);
  const originalFrom = groupWriter(headers, sender.from);
  return {
    id: normalisedMessageId(messageId) ?? `gmail:${envelope.gmailId}`,
    provider: 'google',
    gmailId: envelope.gmailId,
    threadId: envelope.threadId,
    labelIds: envelope.labelIds,
    receivedAt: envelope.internalDate,
    ...sender,
    ...(originalFrom ? { originalFrom } : {}),
    replyTo: addressesIn(headers['reply-to']),
    to: addressesIn(headers['to']),
    cc: addressesIn(headers['cc']),
    bcc: addressesIn(headers['bcc']),
    subject: opened.reading.subject,
    body: await bodyOf(opened.reading),
    attachments: opened.attachments.map(({ content: _content, ...attachment }) => attachment),
    ...(messageId ? { messageId } : {}),
    ...(inReplyTo ? { inReplyTo } : {}),
    references: messageIdsIn(headers['references']),
    headers,
    sizeBytes,
    warnings: opened.warnings,
  };
}

async function bodyOf(reading: MimeReading): Promise<ParsedMessage['body']> {
  const { text = '', html } = reading;
  if (html === undefined) return { text, textDerived: false };
  const isHtmlAlone = reading.contentType === 'text/html';
  if (text.trim() !== '') return { text, html, textDerived: isHtmlAlone };
  return { text: await textFromHtml(html), html, textDerived: true };
}
