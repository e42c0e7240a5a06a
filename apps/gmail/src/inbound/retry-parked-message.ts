import type { Origin, Reply } from '#messaging/envelope';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import type { MailboxId } from './cursor.js';
import { lockOf } from './mailbox-turns.js';
import { obstacleOf } from './reading-state.js';
import { parkedAmong } from './parked-messages.js';
import type { ReadingMeans } from './reading-means.js';
import { openMailbox, takeTurn } from './take-turn.js';
import { tellActivity } from './activity.js';

/** How long to wait for a turn of the mailbox that is going on. */
const patienceMs = seconds(20);

/** Makes the message due and takes a turn at once; what is new in the mailbox waits for its own turn. */
export async function retryParkedMessage(
  means: ReadingMeans,
  { providerId, gmailId }: { providerId: string; gmailId: string },
  { tenantId }: Origin,
): Promise<Reply<{ delivered: boolean }>> {
  const id: MailboxId = { tenantId, providerId };
  const { database, locks } = means;
  const isParked = async (): Promise<boolean> => (await parkedAmong(database, id, [gmailId])).has(gmailId);

  const outcome = await locks.exclusively(
    lockOf(id),
    async (lost): Promise<Reply<{ delivered: boolean }>> => {
      const open = await openMailbox(means, id);
      const obstacle = obstacleOf(open.state);
      if (obstacle === 'mailbox.not-found') return refused(problem(obstacle, { providerId }));
      if (!(await isParked())) return refused(problem('parked.not-found', { id: gmailId }));
      if (obstacle) return refused(problem(obstacle));
      await database.query(
        `UPDATE parked_messages SET next_attempt_at = $4
          WHERE tenant_id = $1 AND provider_id = $2 AND gmail_id = $3`,
        // Before all others that are due.
        [tenantId, providerId, gmailId, new Date(0)],
      );
      const end = await takeTurn(means, open, null, lost);
      if (end.kind === 'failed') return refused(end.problem);
      if (end.kind === 'wait') return refused(problem('gmail.rate-limited'));
      await tellActivity(means, id);
      return accepted({ delivered: !(await isParked()) && (await wasDelivered(means, id, gmailId)) });
    },
    { wait: patienceMs },
  );
  return outcome.acquired ? outcome.value : refused(problem('stream.busy'));
}

async function wasDelivered(
  { database }: ReadingMeans,
  { tenantId, providerId }: MailboxId,
  gmailId: string,
): Promise<boolean> {
  const rows: unknown[] = await database.query(
    `SELECT FROM seen_messages
      WHERE tenant_id = $1 AND provider_id = $2 AND gmail_id = $3 AND outcome = 'delivered'`,
    [tenantId, providerId, gmailId],
  );
  return rows.length > 0;
}
