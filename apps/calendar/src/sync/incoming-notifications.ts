import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { calendarNotification } from '#deliveries/calendar-notifications';
import { NOTIFICATIONS } from '#deliveries/streams';
import { seconds } from '#time/clock';
import type { SyncMeans } from './sync-means.js';

export const consumerName = 'calendar-sync';
const atOnce = 64;
const troubleAgainAfter = seconds(2);
/** Taking one is a single transaction. What a process took that then ended comes again after this long. */
const ackWait = seconds(5);

/** Turns notifications into wishes to read a calendar: a notification is acknowledged once its wish is in the database. */
export class IncomingNotifications {
  constructor(
    private readonly nats: NatsConnection,
    private readonly means: Pick<SyncMeans, 'logger' | 'wanted'>,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.consume(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.means.logger.warn(
          { err: error },
          'notifications of calendars cannot be read; it is tried again',
        );
        await new Promise((resolve) => setTimeout(resolve, troubleAgainAfter));
      }
    }
  }

  private async consume(signal: AbortSignal): Promise<void> {
    const manager = await jetstreamManager(this.nats);
    await manager.consumers.add(NOTIFICATIONS, {
      durable_name: consumerName,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      filter_subject: 'notification.calendar.>',
      ack_wait: nanos(ackWait),
      max_ack_pending: 1_000,
    });
    const consumer = await jetstream(this.nats).consumers.get(NOTIFICATIONS, consumerName);
    const messages = await consumer.consume({ max_messages: atOnce });
    const stop = (): void => messages.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const inFlight = new Set<Promise<void>>();
    try {
      for await (const message of messages) {
        const handled = this.take(message).finally(() => inFlight.delete(handled));
        inFlight.add(handled);
        if (inFlight.size >= atOnce) await Promise.race(inFlight);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await Promise.all(inFlight);
    }
  }

  private async take(message: JsMsg): Promise<void> {
    const { logger, wanted } = this.means;
    const read = calendarNotification.safeParse(jsonOf(message));
    try {
      if (read.success) {
        const { tenantId, providerId, calendarId, receivedAt } = read.data;
        await wanted.notified({ tenantId, providerId, calendarId }, { receivedAt: new Date(receivedAt) });
      } else logger.warn({ subject: message.subject }, 'a notification of a calendar cannot be read');
      message.ack();
    } catch (error) {
      const { tenantId, providerId, calendarId } = read.data ?? {};
      logger.warn(
        { tenantId, providerId, calendarId, err: error },
        'a notification of a calendar could not be taken; it comes again',
      );
      message.nak(troubleAgainAfter);
    }
  }
}

function jsonOf(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
