import { outboxWatch } from '#deliveries/outbox-watch';
import { streamsExist } from '#deliveries/streams-check';
import type { Composition, Means } from '#hosting/service';

/** What operators are told of the way from notifications to delivered changes. */
export function syncWatch(
  means: Pick<Means, 'database' | 'clock' | 'nats'>,
): Required<Pick<Composition, 'checks' | 'gauges'>> {
  const { database, clock, nats } = means;
  const outbox = outboxWatch(means);
  return {
    checks: [streamsExist(nats), ...outbox.checks],
    gauges: [
      ...outbox.gauges,
      {
        name: 'readings_overdue_seconds',
        help: 'How long the mailbox or calendar that waits longest to be read has been waiting; 0 when none does',
        labels: [],
        read: async () => {
          const [row]: { oldest: Date | null }[] = await database.query(
            'SELECT min(due_at) AS oldest FROM wanted_syncs',
          );
          const waits = row!.oldest ? clock.now().getTime() - row!.oldest.getTime() : 0;
          return [{ value: Math.max(0, waits) / 1_000 }];
        },
      },
    ],
  };
}
