import { permissionSince } from '../mailbox/permission.js';
import { tellActivity } from '../inbound/activity.js';
import type { MailboxId } from '../inbound/cursor.js';
import { lockOf } from '../inbound/mailbox-turns.js';
import type { ReadingMeans } from '../inbound/reading-means.js';

/**
 * Forgets how far a mailbox was read before it was reset, in the mailbox's own turn. What was seen stays, so that nothing is delivered a second
 * time after the next connection. False when it is being read for longer than the wait.
 */
export async function forgetReading(
  means: ReadingMeans,
  id: MailboxId,
  { resetAt, wait }: { resetAt: string; wait: number },
): Promise<boolean> {
  const { tenantId, providerId } = id;
  const forget = async (): Promise<void> => {
    const grantedAt = await permissionSince(means, id);
    // Connected again meanwhile: what began since then is the new connection's.
    const connected = grantedAt !== null && grantedAt > resetAt;
    const until = connected ? resetAt : 'infinity';
    await means.database.transaction(async (manager) => {
      for (const [table, noted] of [
        ['mailbox_cursors', 'synced_at'],
        ['parked_messages', 'parked_at'],
      ])
        await manager.query(
          `DELETE FROM ${table} WHERE tenant_id = $1 AND provider_id = $2 AND ${noted} <= $3`,
          [tenantId, providerId, until],
        );
      if (!connected)
        await manager.query('DELETE FROM wanted_syncs WHERE tenant_id = $1 AND provider_id = $2', [
          tenantId,
          providerId,
        ]);
    });
    await tellActivity(means, id);
  };
  return (await means.locks.exclusively(lockOf(id), forget, { wait })).acquired;
}
