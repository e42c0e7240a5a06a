import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { notificationSubject } from './subjects.js';

/** An address as far as routing needs it: no blanks, nothing that is not to be seen, nothing that a database refuses to look for. */
export const notifiedAddress = z
  .string()
  .trim()
  .max(320)
  .regex(/^[^@\s\p{C}]+@[^@\s\p{C}]+$/u);

/** Gmail says that a mailbox changed. Only for routing: what changed is read with the mailbox's own permission. */
export const gmailNotification = z.object({
  tenantId: z.string(),
  emailAddress: notifiedAddress,
  /** The mailbox's position at that time. A decimal string. */
  historyId: z.string().regex(/^\d{1,20}$/),
  pushedAt: z.iso.datetime(),
  pubsubMessageId: z.string(),
});
export type GmailNotification = z.infer<typeof gmailNotification>;

/**
 * Returns the function that hands a notification over. It resolves when the stream has it safely, and rejects when the
 * stream cannot be reached in time: Google's push is then to be refused, so that it comes again.
 */
export function notificationPublisher(
  nats: NatsConnection,
  { timeoutMs = 5_000 }: { timeoutMs?: number } = {},
): (notification: GmailNotification) => Promise<void> {
  const stream = jetstream(nats, { timeout: timeoutMs });
  return async (notification) => {
    const { tenantId, emailAddress } = notification;
    await stream.publish(notificationSubject(tenantId, emailAddress), JSON.stringify(notification));
  };
}
