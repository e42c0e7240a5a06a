import type { Means, Worker } from '#hosting/service';
import { days, hours } from '#time/clock';
import { nextLook } from '#time/next-look';

const lookEveryMs = hours(1);
/** So few at once that nobody who records has to wait for it. */
const batchSize = 5_000;

/** Deletes what was on record for long enough; over all replicas one at a time. */
export const purgeTrail = ({
  database,
  locks,
  clock,
  logger,
  configuration,
}: Pick<Means, 'database' | 'locks' | 'clock' | 'logger' | 'configuration'>): Worker => ({
  name: 'oauth.purge-audit-trail',
  async run(signal) {
    while (!signal.aborted) {
      await locks
        .exclusively('oauth.purge-audit-trail', (lost) => purge(AbortSignal.any([signal, lost])), {
          wait: false,
        })
        .catch((error: unknown) =>
          logger.warn({ err: error }, 'the audit trail cannot be purged at the moment; it is tried again'),
        );
      await nextLook(clock, lookEveryMs, signal);
    }

    async function purge(stop: AbortSignal): Promise<void> {
      const before = new Date(clock.now().getTime() - days(configuration.audit.retentionDays));
      let deleted: number;
      do {
        [, deleted] = await database.query<[unknown, number]>(
          `DELETE FROM audit_trail WHERE id IN (SELECT id FROM audit_trail WHERE at < $1 ORDER BY at LIMIT ${batchSize})`,
          [before],
        );
      } while (deleted === batchSize && !stop.aborted);
    }
  },
});
