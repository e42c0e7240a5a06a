import type { DataSource } from 'typeorm';
import type { Check, GaugeSource } from '#operating/operator-board';
import { minutes, type Clock } from '#time/clock';

export interface OutboxWatchMeans {
  database: DataSource;
  clock: Clock;
}

/** So long may a delivery wait before somebody has to look. */
const patience = minutes(5);

/** What operators are told of an outbox. */
export function outboxWatch(means: OutboxWatchMeans): { checks: Check[]; gauges: GaugeSource[] } {
  return {
    checks: [
      {
        find: async () => {
          const { oldestMs } = await waiting(means);
          if (oldestMs < patience) return null;
          return `Deliveries have been waiting for ${Math.round(oldestMs / minutes(1))} minutes: JetStream does not take them.`;
        },
      },
    ],
    gauges: [
      {
        name: 'outbox_deliveries',
        help: 'Deliveries that wait to be published',
        labels: [],
        read: async () => [{ value: (await waiting(means)).count }],
      },
      {
        name: 'outbox_oldest_seconds',
        help: 'Age of the oldest delivery that waits to be published; 0 when there is none',
        labels: [],
        read: async () => [{ value: (await waiting(means)).oldestMs / 1_000 }],
      },
    ],
  };
}

async function waiting({ database, clock }: OutboxWatchMeans): Promise<{ count: number; oldestMs: number }> {
  // Published in the order of ids, so the lowest is the oldest.
  const [row]: { count: number; oldest: Date | null }[] = await database.query(
    'SELECT count(*)::int AS count, (SELECT written_at FROM outbox ORDER BY id LIMIT 1) AS oldest FROM outbox',
  );
  const { count, oldest } = row!;
  return { count, oldestMs: oldest ? Math.max(0, clock.now().getTime() - oldest.getTime()) : 0 };
}
