import type { MigrationInterface, QueryRunner } from 'typeorm';
import { judge, type Unannounced } from '#google/unannounced';
import type { MailboxId, Queryable } from './cursor.js';
import type { ReadingMeans } from './reading-means.js';
import type { ReadingState } from './reading-state.js';

export class UnannouncedArrivals1764300000000 implements MigrationInterface {
  readonly name = 'UnannouncedArrivals1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE unannounced_arrivals (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        after_history_id numeric(20) NOT NULL,
        happened_after timestamptz NOT NULL,
        found_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE unannounced_arrivals');
  }
}

/** Messages that a reading found, of which a notification should have come. */
export interface Arrivals {
  /** The cursor before them. */
  afterHistoryId: string;
  /** When the mailbox had last been read to its end. */
  happenedAfter: Date;
}

/**
 * Weighs what a reading found against the notifications that came. Answers from where on notifications are missing, once they surely are.
 * @param arrivals only of a reading that no notification had asked for
 */
export async function missingSince(
  { database, clock }: Pick<ReadingMeans, 'database' | 'clock'>,
  mailbox: MailboxId,
  { watch, proven }: Pick<ReadingState, 'watch' | 'proven'>,
  arrivals: Arrivals | null,
): Promise<{ from: string } | null> {
  const now = clock.now();
  const { waiting, from, lastNotificationAt } = await known(database, mailbox);
  if (!waiting && !arrivals) return null;
  const found = arrivals && { happenedAfter: arrivals.happenedAfter, foundAt: now };
  const alive = watch !== null && proven && Date.parse(watch.expiresAt) > now.getTime();
  const notifiesSince = alive ? new Date(watch.startedAt) : null;
  const judgement = judge({ waiting, found, notifiesSince, lastNotificationAt, now });
  if (judgement.kind === 'waiting' && judgement.what === found)
    await keep(database, mailbox, found, arrivals!);
  if (judgement.kind === 'fine' && waiting) await forgetUnannounced(database, mailbox);
  return judgement.kind === 'missing' ? { from: from! } : null;
}

async function known(
  database: Queryable,
  { tenantId, providerId }: MailboxId,
): Promise<{ waiting: Unannounced | null; from: string | null; lastNotificationAt: Date | null }> {
  const [row]: Row[] = await database.query(
    `SELECT last_push_at, after_history_id, happened_after, found_at
       FROM (VALUES (1)) AS always
       LEFT JOIN mailbox_activities AS activity ON activity.tenant_id = $1 AND activity.provider_id = $2
       LEFT JOIN unannounced_arrivals AS waiting ON waiting.tenant_id = $1 AND waiting.provider_id = $2`,
    [tenantId, providerId],
  );
  const { last_push_at, after_history_id, happened_after, found_at } = row!;
  const waiting = found_at && { happenedAfter: happened_after!, foundAt: found_at };
  return { waiting, from: after_history_id, lastNotificationAt: last_push_at };
}

interface Row {
  last_push_at: Date | null;
  after_history_id: string | null;
  happened_after: Date | null;
  found_at: Date | null;
}

async function keep(
  database: Queryable,
  { tenantId, providerId }: MailboxId,
  { happenedAfter, foundAt }: Unannounced,
  { afterHistoryId }: Arrivals,
): Promise<void> {
  await database.query(
    `INSERT INTO unannounced_arrivals (tenant_id, provider_id, after_history_id, happened_after, found_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, provider_id) DO UPDATE SET after_history_id = $3, happened_after = $4, found_at = $5`,
    [tenantId, providerId, afterHistoryId, happenedAfter, foundAt],
  );
}

export async function forgetUnannounced(
  database: Queryable,
  { tenantId, providerId }: MailboxId,
): Promise<void> {
  await database.query('DELETE FROM unannounced_arrivals WHERE tenant_id = $1 AND provider_id = $2', [
    tenantId,
    providerId,
  ]);
}
