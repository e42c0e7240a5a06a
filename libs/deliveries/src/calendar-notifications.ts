import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import type { CalendarActivity } from '#contracts/calendar';
import { calendarActivitySubject, calendarNotificationSubject } from './subjects.js';

/** Google says that a calendar changed. Only for routing: what changed is read with the account's own permission. */
export const calendarNotification = z.object({
  tenantId: z.string(),
  providerId: z.string(),
  calendarId: z.string(),
  channelId: z.string(),
  resourceId: z.string(),
  /** `sync` comes once, when a channel opens; `exists` and `not_exists` tell of a change. Others may come. */
  state: z.string(),
  /** Grows with each notification of a channel, with holes. */
  messageNumber: z.number().int(),
  receivedAt: z.iso.datetime(),
});
export type CalendarNotification = z.infer<typeof calendarNotification>;

/**
 * Returns the function that hands a notification over. It resolves when the stream has it safely, and rejects when the
 * stream cannot be reached in time: Google's request is then to be refused, so that it comes again.
 */
export function calendarNotificationPublisher(
  nats: NatsConnection,
  { timeoutMs = 5_000 }: { timeoutMs?: number } = {},
): (notification: CalendarNotification) => Promise<void> {
  const stream = jetstream(nats, { timeout: timeoutMs });
  return async (notification) => {
    await stream.publish(calendarNotificationSubject(notification), JSON.stringify(notification));
  };
}

/** Returns the function that tells what a calendar did lately. It rejects when the stream cannot be reached. */
export function calendarActivityPublisher(
  nats: NatsConnection,
): (activity: CalendarActivity) => Promise<void> {
  const stream = jetstream(nats);
  return async (activity) => {
    await stream.publish(calendarActivitySubject(activity), JSON.stringify(activity));
  };
}
