import type { Scheduler } from '../scheduler.js';
import type { SavedBacklog } from './saved-pubsub.js';

export interface PubSubMessage {
  readonly messageId: string;
  readonly data: Buffer;
  readonly attributes: Record<string, string>;
  readonly orderingKey?: string;
  readonly publishedAt: Date;
}

/** One message on its way to one subscription. */
export interface Delivery {
  readonly message: PubSubMessage;
  attempts: number;
  /** Epoch milliseconds before which it is not delivered again. */
  availableAt: number;
  /** Waiting to be handed out, handed out, or held back by a fault. */
  state: 'waiting' | 'out' | 'held';
}

/** The unacknowledged messages of one subscription, oldest first. */
export class Backlog {
  private readonly deliveries = new Set<Delivery>();
  private readonly leases = new Map<string, { delivery: Delivery; cancel: () => void }>();
  private ackIds = 0;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly now: () => Date,
  ) {}

  add(message: PubSubMessage): void {
    this.deliveries.add({ message, attempts: 0, availableAt: 0, state: 'waiting' });
  }

  get size(): number {
    return this.deliveries.size;
  }

  count(state: Delivery['state']): number {
    return [...this.deliveries].filter((one) => one.state === state).length;
  }

  /** Hands out up to `most` messages that may be delivered now; those past retention are forgotten on the way. */
  take(most: number, retentionMs: number): Delivery[] {
    const present = this.now().getTime();
    const taken: Delivery[] = [];
    for (const delivery of this.deliveries) {
      if (taken.length >= most) break;
      if (delivery.state !== 'waiting') continue;
      if (delivery.message.publishedAt.getTime() + retentionMs <= present) this.deliveries.delete(delivery);
      else if (delivery.availableAt <= present) taken.push(delivery);
    }
    for (const delivery of taken) {
      delivery.state = 'out';
      delivery.attempts += 1;
    }
    return taken;
  }

  nextAvailableAt(): number | undefined {
    let earliest: number | undefined;
    for (const { state, availableAt } of this.deliveries) {
      if (state === 'waiting' && (earliest === undefined || availableAt < earliest)) earliest = availableAt;
    }
    return earliest;
  }

  settle(delivery: Delivery): void {
    this.deliveries.delete(delivery);
  }

  giveBack(delivery: Delivery, delayMs: number): void {
    delivery.state = 'waiting';
    delivery.availableAt = this.now().getTime() + delayMs;
  }

  clear(): void {
    for (const { cancel } of this.leases.values()) cancel();
    this.leases.clear();
    this.deliveries.clear();
  }

  /** Leases a delivery to a puller. @returns the ack id */
  lease(delivery: Delivery, deadlineMs: number, onExpired: () => void): string {
    this.ackIds += 1;
    const ackId = Buffer.from(`${delivery.message.messageId}.${this.ackIds}`).toString('base64url');
    this.extend(ackId, delivery, deadlineMs, onExpired);
    return ackId;
  }

  acknowledge(ackId: string): void {
    const lease = this.endLease(ackId);
    if (lease) this.settle(lease.delivery);
  }

  /** A deadline of 0 gives the message back at once. */
  modifyDeadline(ackId: string, deadlineMs: number, onExpired: () => void): void {
    const lease = this.endLease(ackId);
    if (!lease) return;
    if (deadlineMs > 0) this.extend(ackId, lease.delivery, deadlineMs, onExpired);
    else {
      this.giveBack(lease.delivery, 0);
      onExpired();
    }
  }

  snapshot(): SavedBacklog {
    return { deliveries: [...this.deliveries], ackIds: this.ackIds };
  }

  /** What was handed out or held back waits again: whoever had it is asked once more. */
  restore({ deliveries, ackIds }: SavedBacklog): void {
    for (const delivery of deliveries) this.deliveries.add({ ...delivery, state: 'waiting' });
    this.ackIds = ackIds;
  }

  private extend(ackId: string, delivery: Delivery, deadlineMs: number, onExpired: () => void): void {
    const cancel = this.scheduler.after(deadlineMs, () => {
      this.leases.delete(ackId);
      this.giveBack(delivery, 0);
      onExpired();
    });
    this.leases.set(ackId, { delivery, cancel });
  }

  private endLease(ackId: string): { delivery: Delivery } | undefined {
    const lease = this.leases.get(ackId);
    lease?.cancel();
    this.leases.delete(ackId);
    return lease;
  }
}
