import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { LRUCache } from 'lru-cache';
import { gmailNotification } from '#deliveries/notifications';
import { NOTIFICATIONS } from '#deliveries/streams';
import { minutes, seconds } from '#time/clock';
import { findMailboxByAddress } from '../mailbox/find-mailbox.js';
import type { ReadingMeans } from './reading-means.js';

const consumerName = 'gmail-inbound';
const atOnce = 64;
/** The read model may be behind, or about to be built anew; after these it is a mailbox that we do not have. */
const unknownAgainAfter = [seconds(1), seconds(10), minutes(1)];
/** So many of one tenant may wait: whoever notifies about mailboxes that are not there must not keep others' from being taken. */
const unknownOfTenantAtOnce = 20;
const troubleAgainAfter = seconds(2);
/** Taking one is a single statement. What a process took that then ended comes again after this long. */
const ackWait = seconds(5);

/** Turns notifications into wishes to read a mailbox: a notification is acknowledged once its wish is in the database. */
export class IncomingNotifications {
  /** Notifications since the start that belong to no mailbox here. */
  unknown = 0;
  private readonly waiting = new LRUCache<string, number>({
    max: 10_000,
    ttl: minutes(1),
    noUpdateTTL: true,
  });

  constructor(
    private readonly nats: NatsConnection,
    private readonly means: Pick<ReadingMeans, 'database' | 'logger' | 'wanted'>,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.consume(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.means.logger.warn({ err: error }, 'notifications cannot be read; it is tried again');
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
      filter_subject: 'notification.gmail.>',
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
    const { database, logger, wanted } = this.means;
    const notification = gmailNotification.safeParse(jsonOf(message));
    const about = { tenantId: notification.data?.tenantId };
    try {
      if (!notification.success) return this.passOver(message, about, 'a notification cannot be read');
      const { tenantId, emailAddress, historyId, pushedAt } = notification.data;
      const mailbox = await findMailboxByAddress(database, tenantId, emailAddress);
      if (mailbox) {
        await wanted.notified(mailbox, { historyId, pushedAt: new Date(pushedAt) });
        message.ack();
        return;
      }
      const { deliveryCount } = message.info;
      const again = unknownAgainAfter[deliveryCount - 1];
      if (again === undefined || (deliveryCount === 1 && !this.mayWait(tenantId)))
        this.passOver(message, about, 'a notification for no mailbox of ours');
      else message.nak(again);
    } catch (error) {
      logger.warn({ ...about, err: error }, 'a notification could not be taken; it comes again');
      message.nak(troubleAgainAfter);
    }
  }

  private mayWait(tenantId: string): boolean {
    const waiting = (this.waiting.get(tenantId) ?? 0) + 1;
    this.waiting.set(tenantId, waiting);
    return waiting <= unknownOfTenantAtOnce;
  }

  private passOver(message: JsMsg, about: { tenantId: string | undefined }, why: string): void {
    this.unknown++;
    this.means.logger.info({ ...about, subject: message.subject, unknown: this.unknown }, why);
    message.ack();
  }
}

function jsonOf(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
