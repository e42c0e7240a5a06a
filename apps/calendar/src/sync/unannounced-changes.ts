import type { MigrationInterface, QueryRunner } from 'typeorm';
import { judge, type Unannounced } from '#google/unannounced';
import { keysOf, type CalendarKey, type Queryable } from './calendar-key.js';
import type { SyncMeans } from './sync-means.js';

export class UnannouncedChanges1764300000001 implements MigrationInterface {
  readonly name = 'UnannouncedChanges1764300000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE unannounced_changes (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL,
        happened_after timestamptz NOT NULL,
        found_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, provider_id, calendar_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE unannounced_changes');
  }
}

/**
 * Weighs what a reading found against the notifications that came. Answers since when they are missing, once they surely are.
 * @param happenedAfter of changes that were found without a notification's having asked for the reading; null when there were none
 */
export async function missingSince(
  { database, clock }: Pick<SyncMeans, 'database' | 'clock'>,
  calendar: CalendarKey,
  notifiesSince: Date | null,
  happenedAfter: Date | null,
): Promise<Date | null> {
  const now = clock.now();
  const { waiting, lastNotificationAt } = await known(database, calendar);
  if (!waiting && !happenedAfter) return null;
  const found = happenedAfter && { happenedAfter, foundAt: now };
  const judgement = judge({ waiting, found, notifiesSince, lastNotificationAt, now });
  if (judgement.kind === 'waiting' && judgement.what === found) await keep(database, calendar, found);
  if (judgement.kind === 'fine' && waiting) await forgetUnannounced(database, calendar);
  return judgement.kind === 'missing' ? judgement.what.happenedAfter : null;
}

async function known(
  database: Queryable,
  calendar: CalendarKey,
): Promise<{ waiting: Unannounced | null; lastNotificationAt: Date | null }> {
  const [row]: Row[] = await database.query(
    `SELECT last_notification_at, happened_after, found_at
       FROM (VALUES ($1::text, $2::text, $3::text)) AS wanted (tenant_id, provider_id, calendar_id)
       LEFT JOIN calendar_activities USING (tenant_id, provider_id, calendar_id)
       LEFT JOIN unannounced_changes USING (tenant_id, provider_id, calendar_id)`,
    keysOf(calendar),
  );
  const { last_notification_at, happened_after, found_at } = row!;
  const waiting = found_at && { happenedAfter: happened_after!, foundAt: found_at };
  return { waiting, lastNotificationAt: last_notification_at };
}

interface Row {
  last_notification_at: Date | null;
  happened_after: Date | null;
  found_at: Date | null;
}

async function keep(
  database: Queryable,
  calendar: CalendarKey,
  { happenedAfter, foundAt }: Unannounced,
): Promise<void> {
  await database.query(
    `INSERT INTO unannounced_changes (tenant_id, provider_id, calendar_id, happened_after, found_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, provider_id, calendar_id) DO UPDATE SET happened_after = $4, found_at = $5`,
    [...keysOf(calendar), happenedAfter, foundAt],
  );
}

export async function forgetUnannounced(database: Queryable, calendar: CalendarKey): Promise<void> {
  await database.query(
    'DELETE FROM unannounced_changes WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3',
    keysOf(calendar),
  );
}
