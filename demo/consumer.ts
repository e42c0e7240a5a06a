import { AckPolicy, jetstream, jetstreamManager, type ConsumerMessages } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { calendarEventChanged, type CalendarEventChanged } from '#contracts/calendar-event';
import { inboundEmailReceived, type InboundEmailReceived } from '#contracts/inbound-email';
import { providerProblemChanged, type ProviderProblemChanged } from '#contracts/provider-problem';
import { DELIVERIES } from '#deliveries/streams';
import { Changes } from './waiting.js';

const durable = 'psa';

/** The PSA's side: consumes what is delivered and drops what carries an id that it handled already. */
export class PsaConsumer {
  readonly changes = new Changes();
  /** By delivery id. */
  readonly emails = new Map<string, InboundEmailReceived>();
  /** By delivery id, in the order in which they came. */
  readonly calendarChanges = new Map<string, CalendarEventChanged>();
  /** By delivery id, in the order in which they came. */
  readonly problemChanges = new Map<string, ProviderProblemChanged>();
  /** How often JetStream brought something that was handled already. */
  repeated = 0;
  private nats: NatsConnection | undefined;
  private messages: ConsumerMessages | undefined;
  private consuming: Promise<void> | undefined;

  async begin(natsUrl: string): Promise<void> {
    this.nats = await connect({ servers: natsUrl, name: 'demo.psa' });
    const manager = await jetstreamManager(this.nats);
    await manager.consumers.add(DELIVERIES, { durable_name: durable, ack_policy: AckPolicy.Explicit });
    const consumer = await jetstream(this.nats).consumers.get(DELIVERIES, durable);
    this.messages = await consumer.consume();
    this.consuming = this.consume(this.messages);
  }

  async end(): Promise<void> {
    await this.messages?.close();
    await this.consuming;
    await this.nats?.close();
  }

  /** The Gmail ids that came for a provider. */
  idsOf(providerId: string): string[] {
    return [...this.emails.values()].filter((email) => email.providerId === providerId).map((e) => e.gmailId);
  }

  email(providerId: string, gmailId: string): InboundEmailReceived | undefined {
    return [...this.emails.values()].find(
      (email) => email.providerId === providerId && email.gmailId === gmailId,
    );
  }

  /** What came for a calendar, each delivery once, in the order in which they came. */
  calendarChangesOf(providerId: string, calendarId: string): CalendarEventChanged[] {
    return [...this.calendarChanges.values()].filter(
      (change) => change.providerId === providerId && change.calendarId === calendarId,
    );
  }

  /** @throws CheckFailed that names what did not come */
  receives(providerId: string, gmailIds: string[]): Promise<void> {
    const missing = (): string[] => gmailIds.filter((id) => !this.email(providerId, id));
    return this.changes.until(
      `the PSA has ${gmailIds.length} mail(s) of ${providerId}`,
      () => missing().length === 0,
      () => `Missing: ${missing().join(', ')}`,
    );
  }

  private async consume(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      if (message.subject.includes('.calendar-event.'))
        this.handleOnce(this.calendarChanges, calendarEventChanged.parse(message.json()));
      else if (message.subject.includes('.provider.'))
        this.handleOnce(this.problemChanges, providerProblemChanged.parse(message.json()));
      else this.handleOnce(this.emails, inboundEmailReceived.parse(message.json()));
      message.ack();
      this.changes.announce();
    }
  }

  private handleOnce<Delivery extends { deliveryId: string }>(
    handled: Map<string, Delivery>,
    delivery: Delivery,
  ): void {
    if (handled.has(delivery.deliveryId)) this.repeated += 1;
    else handled.set(delivery.deliveryId, delivery);
  }
}
