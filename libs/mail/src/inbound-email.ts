import { createHash } from 'node:crypto';
import type { CutField, InboundEmailReceived, StoredObject } from '#contracts/inbound-email';
import { INBOUND_EMAIL_RECEIVED } from '#contracts/inbound-email';
import { Cuts, MAX_HTML_INLINE, MAX_TEXT_INLINE } from './inbound-email-cuts.js';
import type { ParsedMessage } from './parsed-message.js';

export interface InboundEmailContext {
  tenantId: string;
  providerId: string;
  /** The connected mailbox's address. */
  mailbox: string;
  /** Where the raw message is stored. */
  rawRef: StoredObject;
  /** Prefix of the keys under which this message's bodies are to be stored, without a slash at its end. */
  objectPrefix: string;
  /** The API path of this message, without a slash at its end; bodies and attachments are served below it. */
  path: string;
}

/** A body too long to travel along: the caller stores it before it delivers the payload. */
export interface ObjectToStore {
  reference: StoredObject;
  contentType: string;
  content: Buffer;
}

export interface InboundEmail {
  payload: InboundEmailReceived;
  objects: ObjectToStore[];
}

export function inboundEmailDeliveryId(tenantId: string, providerId: string, gmailId: string): string {
  return `inbound-email:${tenantId}:${providerId}:${gmailId}`;
}

/**
 * The delivery for one message. Nothing of it is lost by being cut: the raw message is referred to whole, `cut`
 * names what was shortened, and the rules are those of inbound-email-cuts.ts.
 */
export function toInboundEmail(message: ParsedMessage, context: InboundEmailContext): InboundEmail {
  const cuts = new Cuts();
  const objects: ObjectToStore[] = [];
  const body = bodyOf(message, context, objects);
  const messageId = cuts.messageId(message.messageId);
  const inReplyTo = cuts.messageId(message.inReplyTo);
  const payload: Omit<InboundEmailReceived, 'cut'> = {
    type: INBOUND_EMAIL_RECEIVED,
    version: 1,
    deliveryId: inboundEmailDeliveryId(context.tenantId, context.providerId, message.gmailId),
    tenantId: context.tenantId,
    providerId: context.providerId,
    provider: 'google',
    mailbox: context.mailbox,
    id: message.id,
    gmailId: message.gmailId,
    threadId: message.threadId,
    labelIds: message.labelIds.slice(0, 50),
    receivedAt: message.receivedAt.toISOString(),
    ...writerOf(message, context.mailbox, cuts),
    replyTo: cuts.recipients(message.replyTo),
    to: cuts.recipients(message.to),
    cc: cuts.recipients(message.cc),
    bcc: cuts.recipients(message.bcc),
    subject: cuts.subject(message.subject),
    body,
    attachments: cuts.attachments(
      message.attachments.map((attachment) => ({
        ...attachment,
        path: `${context.path}/attachments/${attachment.id}`,
      })),
    ),
    ...(messageId ? { messageId } : {}),
    ...(inReplyTo ? { inReplyTo } : {}),
    references: cuts.references(message.references),
    headers: cuts.headers(message.headers),
    rawMime: context.rawRef,
    sizeBytes: message.sizeBytes,
    warnings: message.warnings.slice(0, 5).map((warning) => warning.slice(0, 200)),
  };
  const cut: CutField[] = cuts.made();
  return { payload: { ...payload, cut }, objects };
}

/** Domains in which anybody can get an address, so that sharing one proves nothing. */
const PUBLIC_DOMAINS = ['gmail.com', 'googlemail.com'];

/**
 * Anyone can write an X-Original-From header, so it counts only where the address in From belongs to the mailbox's
 * own domain: then it was the tenant's own group that put it there, or a colleague.
 */
function writerOf(
  message: ParsedMessage,
  mailbox: string,
  cuts: Cuts,
): Pick<InboundEmailReceived, 'from' | 'senderSource' | 'viaGroup'> {
  const { from, originalFrom, senderSource } = message;
  const domain = domainOf(mailbox);
  if (originalFrom && domainOf(from.email) === domain && !PUBLIC_DOMAINS.includes(domain)) {
    return {
      from: cuts.address(originalFrom),
      senderSource: 'group-original',
      viaGroup: cuts.address(from),
    };
  }
  return { from: cuts.address(from), senderSource };
}

function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

function bodyOf(
  message: ParsedMessage,
  context: InboundEmailContext,
  objects: ObjectToStore[],
): InboundEmailReceived['body'] {
  const { text, html, textDerived } = message.body;
  const body: InboundEmailReceived['body'] = { text: MAX_TEXT_INLINE.beginningOf(text), textDerived };
  if (body.text !== text) body.textObject = stored('body.txt', 'text/plain', text, context, objects);
  if (html === undefined) return body;
  if (MAX_HTML_INLINE.fits(html)) body.html = html;
  else body.htmlObject = stored('body.html', 'text/html', html, context, objects);
  return body;
}

function stored(
  file: string,
  contentType: string,
  text: string,
  context: InboundEmailContext,
  objects: ObjectToStore[],
): StoredObject {
  const content = Buffer.from(text, 'utf8');
  const reference = {
    objectKey: `${context.objectPrefix}/${file}`,
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    path: `${context.path}/${file}`,
  };
  objects.push({ reference, contentType: `${contentType}; charset=utf-8`, content });
  return reference;
}
