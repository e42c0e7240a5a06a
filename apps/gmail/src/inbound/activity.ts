import type { MailboxActivity } from '#contracts/gmail';
import type { MailboxId, Queryable } from './cursor.js';
import type { ReadingMeans } from './reading-means.js';

/** Tells what the mailbox did lately. The newest wins, so what cannot be told now is told the next time. */
export async function tellActivity(
  { database, clock, publishActivity, logger }: ReadingMeans,
  mailbox: MailboxId,
  { read = false }: { read?: boolean } = {},
): Promise<void> {
  const { tenantId, providerId } = mailbox;
  if (read) {
    await database.query(
      `INSERT INTO mailbox_activities AS known (tenant_id, provider_id, last_sync_at) VALUES ($1, $2, $3)
       ON CONFLICT (tenant_id, provider_id) DO UPDATE SET last_sync_at = $3`,
      [tenantId, providerId, clock.now()],
    );
  }
  const activity = await activityOf(database, mailbox);
  await publishActivity(activity).catch((error: unknown) =>
    logger.warn({ tenantId, providerId, err: error }, 'the activity of a mailbox could not be told'),
  );
}

export async function activityOf(database: Queryable, mailbox: MailboxId): Promise<MailboxActivity> {
  const { tenantId, providerId } = mailbox;
  const [row]: ActivityRow[] = await database.query(
    `SELECT last_push_at, last_sync_at, last_message_at, coalesce(delivered, 0)::int AS delivered,
            (SELECT count(*)::int FROM parked_messages WHERE tenant_id = $1 AND provider_id = $2) AS parked
       FROM (VALUES (1)) AS always
       LEFT JOIN mailbox_activities ON tenant_id = $1 AND provider_id = $2`,
    [tenantId, providerId],
  );
  const { last_push_at, last_sync_at, last_message_at, delivered, parked } = row!;
  return {
    tenantId,
    providerId,
    lastPushAt: last_push_at?.toISOString() ?? null,
    lastSyncAt: last_sync_at?.toISOString() ?? null,
    lastMessageAt: last_message_at?.toISOString() ?? null,
    delivered,
    parked,
  };
}

interface ActivityRow {
  last_push_at: Date | null;
  last_sync_at: Date | null;
  last_message_at: Date | null;
  delivered: number;
  parked: number;
}
