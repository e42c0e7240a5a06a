import { moveCursor, type Cursor } from './cursor.js';
import { searchBackTo } from './gap.js';
import { parkedAmong } from './parked-messages.js';
import { cost } from './quota.js';
import { keyOf, readMessages, type Stop, type TurnOf } from './read-messages.js';
import type { ReadingMeans } from './reading-means.js';
import { marksOf, record } from './recording.js';

/** Google has forgotten the history from `from` on; `to` was the mailbox's position when that was noticed. */
export interface Gap {
  from: string;
  to: string;
}

/**
 * Searches the mailbox for what the forgotten history would have told, oldest first, and moves the cursor over the gap
 * with the last of it. In as many turns as it takes: what was found before is known by its mark.
 */
export async function searchGap(
  means: ReadingMeans,
  turn: TurnOf,
  cursor: Cursor,
  gap: Gap,
): Promise<{ kind: 'searched' } | Stop> {
  const { database, outbox, clock, configuration } = means;
  const { mailbox } = turn;
  const { since, reachesLastSync } = searchBackTo(cursor.syncedAt, clock.now(), configuration.messages);
  const listed = await listMessages(means, turn, since);
  if (listed.kind !== 'listed') return listed;

  const marks = await marksOf(database, mailbox, listed.gmailIds);
  const parked = await parkedAmong(database, mailbox, listed.gmailIds);
  const unknown = listed.gmailIds.filter((gmailId) => !marks.has(gmailId) && !parked.has(gmailId));
  const { rest, stop } = await readMessages(
    means,
    turn,
    unknown.map((gmailId) => ({ gmailId, historyId: '0' })),
  );
  if (stop) return stop;

  const now = clock.now();
  await database.transaction(async (manager) => {
    await record(manager, outbox, mailbox, rest, { now, inGap: true });
    await moveCursor(manager, mailbox, {
      ...gap,
      syncedAt: now,
      searched: { since, complete: listed.complete && reachesLastSync },
    });
  });
  outbox.ring();
  return { kind: 'searched' };
}

type Listed = { kind: 'listed'; gmailIds: string[]; complete: boolean } | Stop;

/** Oldest first; of too many the newest. */
async function listMessages(
  { quota, configuration }: ReadingMeans,
  { gmail, mailbox, signal }: TurnOf,
  since: Date,
): Promise<Listed> {
  const limit = configuration.messages.backfillMessages;
  const { include } = mailbox.filter;
  const found: string[] = [];
  let pageToken: string | undefined;
  do {
    signal.throwIfAborted();
    const short = quota.spend(keyOf(mailbox), cost.list);
    if (short) return { kind: 'wait', byMs: short.waitMs };
    const page = await gmail.list({
      query: `after:${Math.floor(since.getTime() / 1_000)}`,
      pageToken,
      includeSpamTrash: include.includes('spam') || include.includes('trash'),
    });
    if (!page.ok) {
      const { problem, retryAfterMs } = page;
      return { kind: 'failed', problem, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    found.push(...page.value.ids);
    pageToken = page.value.nextPageToken ?? undefined;
  } while (pageToken && found.length < limit);
  const complete = !pageToken && found.length <= limit;
  return { kind: 'listed', gmailIds: found.slice(0, limit).reverse(), complete };
}
