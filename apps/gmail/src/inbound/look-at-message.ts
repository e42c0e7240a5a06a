import { createHash } from 'node:crypto';
import { INBOUND_EMAIL_RECEIVED } from '#contracts/inbound-email';
import { objectPrefix, type Objects } from '#deliveries/objects';
import { describeProblem, problem as toProblem, type Problem } from '#problems/problem';
import type { MailboxGmail } from '../gmail-api/mailbox-gmail.js';
import type { RawMessage } from '../gmail-api/gmail-result.js';
import { inboundEmailDeliveryId, toInboundEmail } from '#mail/inbound-email';
import { parseMessage } from '#mail/parse-message';
import type { MailboxId } from './cursor.js';
import { isWanted, type ResolvedFilter } from './filter.js';
import type { Looked } from './recording.js';

export interface MailboxToRead extends MailboxId {
  address: string;
  filter: ResolvedFilter;
}

/** `stuck`: this message could not be had, perhaps because of itself. `trouble`: nothing of the mailbox can be had. */
export type Look =
  | Looked
  | { kind: 'stuck'; gmailId: string; problem: Problem }
  | { kind: 'trouble'; gmailId: string; problem: Problem; retryAfterMs?: number };

/**
 * Gets a message and makes a delivery of it. What the delivery refers to is stored before it is answered. Rejects when
 * the object store cannot be reached.
 */
export async function lookAtMessage(
  { gmail, objects }: { gmail: MailboxGmail; objects: Objects },
  mailbox: MailboxToRead,
  gmailId: string,
): Promise<Look> {
  const answer = await gmail.rawMessage(gmailId);
  if (!answer.ok) return failed(gmailId, answer);
  const message = answer.value;
  if (!isWanted(message.labelIds, mailbox.filter))
    return { kind: 'left-out', gmailId, historyId: message.historyId };
  return deliverable(objects, mailbox, message);
}

function failed(gmailId: string, failure: { problem: Problem; retryAfterMs?: number }): Look {
  const { problem } = failure;
  switch (problem.code) {
    case 'gmail.not-found':
      return { kind: 'gone', gmailId, historyId: '0' };
    case 'gmail.refused':
      return { kind: 'parked', gmailId, reason: describeProblem(problem).sentence };
    case 'gmail.unavailable':
      return { kind: 'stuck', gmailId, problem };
    // The mailbox itself answers, so this is said of the message only.
    case 'gmail.not-enabled':
    case 'gmail.delegation-denied': {
      const detail = describeProblem(problem).sentence;
      return { kind: 'stuck', gmailId, problem: toProblem('gmail.unavailable', { detail }) };
    }
    default:
      return { kind: 'trouble', gmailId, ...failure };
  }
}

async function deliverable(objects: Objects, mailbox: MailboxToRead, message: RawMessage): Promise<Look> {
  const { tenantId, providerId } = mailbox;
  const { id: gmailId, raw, historyId } = message;
  const prefix = objectPrefix(tenantId, providerId, gmailId);
  const path = `/api/email/providers/${encodeURIComponent(providerId)}/messages/${encodeURIComponent(gmailId)}`;
  const rawRef = {
    objectKey: `${prefix}/raw.eml`,
    size: raw.length,
    sha256: createHash('sha256').update(raw).digest('hex'),
    path: `${path}/raw`,
  };
  // Before it is parsed: whoever looks into a message that cannot be read finds it there.
  await objects.put(rawRef.objectKey, raw);

  const receivedAt = new Date(message.internalDate);
  const email = await emailOf(mailbox, message, { rawRef, path, prefix, receivedAt });
  if (!email.ok) return { kind: 'parked', gmailId, reason: email.reason };
  for (const { reference, content } of email.objects) await objects.put(reference.objectKey, content);
  const delivery = {
    deliveryId: inboundEmailDeliveryId(tenantId, providerId, gmailId),
    tenantId,
    inOrderOf: `mailbox ${tenantId} ${providerId}`,
    type: INBOUND_EMAIL_RECEIVED,
    payload: email.payload,
  };
  return { kind: 'delivered', gmailId, historyId, receivedAt, delivery };
}

type Email = ({ ok: true } & ReturnType<typeof toInboundEmail>) | { ok: false; reason: string };

/** Whatever is wrong with one message may stop that message only. */
async function emailOf(
  { tenantId, providerId, address }: MailboxToRead,
  { id: gmailId, threadId, labelIds, raw }: RawMessage,
  at: {
    rawRef: Parameters<typeof toInboundEmail>[1]['rawRef'];
    path: string;
    prefix: string;
    receivedAt: Date;
  },
): Promise<Email> {
  const parsed = await parseMessage(raw, { gmailId, threadId, labelIds, internalDate: at.receivedAt });
  if (!parsed.ok) return parsed;
  try {
    const { rawRef, path, prefix: objectPrefix } = at;
    const context = { tenantId, providerId, mailbox: address, rawRef, objectPrefix, path };
    return { ok: true, ...toInboundEmail(parsed.message, context) };
  } catch (error) {
    return { ok: false, reason: `The message could not be turned into a delivery (${nameOf(error)}).` };
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
