import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource, EntityManager } from 'typeorm';
import { Bell } from '#event-sourcing/bell';
import type { Locks } from '#locks/locks';
import type { Logger } from '#logging/logger';
import { countDeliveries, measureDelivery } from '#operating/meters';
import type { Clock } from '#time/clock';
import { deliverySubject } from './subjects.js';

export interface Delivery {
  /** The same however often it is published. */
  deliveryId: string;
  tenantId: string;
  /** What has to be delivered one after the other: a mailbox, a calendar. */
  inOrderOf: string;
  /** Such as `inbound-email.received`. */
  type: string;
  /** Plain JSON, far below NATS's limit of 1 MB. */
  payload: object;
}

export interface OutboxMeans {
  database: DataSource;
  nats: NatsConnection;
  locks: Locks;
  clock: Clock;
  logger: Logger;
  /** For the lock's name: one outbox per service. */
  service: string;
}

/** How often the table is looked at without a ring: what another replica has written, what could not be published. */
const lookAgainMs = 500;
const batchSize = 200;

/** Deliveries are written with what they stand for, in one transaction, and published afterwards: at least once, in order. */
export class Outbox {
  private readonly bell = new Bell();
  private readonly stream: JetStreamClient;

  constructor(private readonly means: OutboxMeans) {
    this.stream = jetstream(means.nats);
  }

  /** `pushedAt`: when the notification came that they are delivered because of. */
  async write(
    manager: EntityManager,
    deliveries: Delivery[],
    { pushedAt = null }: { pushedAt?: Date | null } = {},
  ): Promise<void> {
    if (deliveries.length === 0) return;
    const column = (of: (delivery: Delivery) => string): string[] => deliveries.map(of);
    await manager.query(
      `INSERT INTO outbox (tenant_id, in_order_of, delivery_id, subject, payload, written_at, pushed_at)
       SELECT given.*, $6::timestamptz, $7::timestamptz FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS given`,
      [
        column(({ tenantId }) => tenantId),
        column(({ inOrderOf }) => inOrderOf),
        column(({ deliveryId }) => deliveryId),
        column(({ tenantId, type }) => deliverySubject(tenantId, type)),
        column(({ payload }) => JSON.stringify(payload)),
        this.means.clock.now(),
        pushedAt,
      ],
    );
  }

  /** To be called after the commit, so that nobody waits for the next look. */
  ring(): void {
    this.bell.ring();
  }

  /** Publishes until the signal aborts, in one replica at a time. Trouble is worked around, never thrown. */
  async run(signal: AbortSignal): Promise<void> {
    const { locks, service, logger } = this.means;
    while (!signal.aborted) {
      try {
        const turn = await locks.exclusively(
          `outbox:${service}`,
          (lost) => this.publishUntil([signal, lost]),
          {
            wait: lookAgainMs,
          },
        );
        if (!turn.acquired) await this.rest(signal);
      } catch (error) {
        if (signal.aborted) return;
        logger.warn({ err: error }, 'the outbox could not be published; it is tried again');
        await this.rest(signal);
      }
    }
  }

  private async publishUntil(signals: AbortSignal[]): Promise<void> {
    const signal = AbortSignal.any(signals);
    while (!signal.aborted) {
      const heard = this.bell.count;
      const published = await this.publishBatch(signal);
      if (published === 0)
        await this.bell.rungSince(heard, AbortSignal.any([signal, AbortSignal.timeout(lookAgainMs)]));
    }
  }

  /** One after the other within an order, the orders side by side. Answers how many went out. */
  private async publishBatch(signal: AbortSignal): Promise<number> {
    const { database } = this.means;
    const rows: Row[] = await database.query(
      `SELECT id, in_order_of, delivery_id, subject, payload, pushed_at FROM outbox ORDER BY id LIMIT ${batchSize}`,
    );
    const published: string[] = [];
    const failures: unknown[] = [];
    const orders = [...Map.groupBy(rows, ({ in_order_of }) => in_order_of).values()];
    await Promise.all(
      orders.map(async (inOrder) => {
        for (const { id, delivery_id, subject, payload, pushed_at } of inOrder) {
          if (signal.aborted) return;
          try {
            await this.stream.publish(subject, payload, { msgID: delivery_id });
          } catch (error) {
            failures.push(error);
            return;
          }
          published.push(id);
          if (pushed_at) this.measure(pushed_at);
        }
      }),
    );
    if (published.length > 0) await database.query('DELETE FROM outbox WHERE id = ANY ($1)', [published]);
    countDeliveries(this.means.service, published.length);
    if (failures.length > 0) throw failures[0];
    return published.length;
  }

  private measure(pushedAt: Date): void {
    const { service, clock } = this.means;
    measureDelivery(service, clock.now().getTime() - pushedAt.getTime());
  }

  private rest(signal: AbortSignal): Promise<void> {
    return this.bell.rungSince(Infinity, AbortSignal.any([signal, AbortSignal.timeout(lookAgainMs)]));
  }
}

interface Row {
  id: string;
  in_order_of: string;
  delivery_id: string;
  subject: string;
  payload: string;
  pushed_at: Date | null;
}
