import { candidatesOf, sift } from './candidates.js';
import { moveCursor, type Cursor } from './cursor.js';
import { isWanted } from './filter.js';
import { parkedAmong } from './parked-messages.js';
import { cost } from './quota.js';
import { keyOf, readMessages, type Stop, type TurnOf } from './read-messages.js';
import type { ReadingMeans } from './reading-means.js';
import { marksOf, record } from './recording.js';
import type { HistoryRecord } from '../gmail-api/gmail-result.js';

/** 500 changes each. A longer history is read in pieces, each up to the last change that it holds. */
const pagesPerTurn = 20;

/** `news`: the history held something since the cursor. `arrived`: messages among it that Gmail has to notify of. */
export type HistoryRead =
  { kind: 'read'; historyId: string; news: boolean; arrived: boolean } | { kind: 'expired' } | Stop;

/** Reads what happened since the cursor, and moves the cursor with the last of it. */
export async function readHistory(means: ReadingMeans, turn: TurnOf, cursor: Cursor): Promise<HistoryRead> {
  const listed = await listHistory(means, turn, cursor.historyId);
  if (listed.kind !== 'listed') return listed;

  const { mailbox } = turn;
  const candidates = candidatesOf(listed.records);
  const ids = candidates.map(({ gmailId }) => gmailId);
  const marks = await marksOf(means.database, mailbox, ids);
  const parked = await parkedAmong(means.database, mailbox, ids);
  const { read, leaveOut } = sift(candidates, marks, mailbox.filter);

  const { rest, stop } = await readMessages(
    means,
    turn,
    read.filter(({ gmailId }) => !parked.has(gmailId)),
  );
  if (stop) return stop;

  const { database, outbox, clock } = means;
  const now = clock.now();
  const last = [
    ...rest,
    ...leaveOut.map(({ gmailId, historyId }) => ({ kind: 'left-out' as const, gmailId, historyId })),
  ];
  // Google's answers may come from different moments: a cursor never goes back.
  const to = BigInt(listed.to) > BigInt(cursor.historyId) ? listed.to : cursor.historyId;
  await database.transaction(async (manager) => {
    await record(manager, outbox, mailbox, last, { now, inGap: turn.inGap });
    await moveCursor(manager, mailbox, {
      from: cursor.historyId,
      to,
      ...(listed.complete && { syncedAt: now }),
    });
  });
  outbox.ring();
  return listed.complete
    ? {
        kind: 'read',
        historyId: to,
        news: listed.records.length > 0,
        arrived: read.some(
          ({ arrived, labelIds }) => arrived && labelIds.length > 0 && isWanted(labelIds, mailbox.filter),
        ),
      }
    : { kind: 'more' };
}

type Listed =
  { kind: 'listed'; records: HistoryRecord[]; to: string; complete: boolean } | { kind: 'expired' } | Stop;

async function listHistory(
  { quota }: ReadingMeans,
  { gmail, mailbox, signal }: TurnOf,
  startHistoryId: string,
): Promise<Listed> {
  const records: HistoryRecord[] = [];
  let present: string | undefined;
  let pageToken: string | undefined;
  for (let pages = 0; pages < pagesPerTurn; pages++) {
    signal.throwIfAborted();
    const short = quota.spend(keyOf(mailbox), cost.history);
    if (short) return { kind: 'wait', byMs: short.waitMs };
    const page = await gmail.history({
      startHistoryId,
      historyTypes: ['messageAdded', 'labelAdded'],
      pageToken,
    });
    if (!page.ok) {
      if (page.problem.code === 'gmail.not-found') return { kind: 'expired' };
      const { problem, retryAfterMs } = page;
      return { kind: 'failed', problem, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    records.push(...page.value.records);
    // The first page's: what happens while the others are fetched comes after it, and is read the next time.
    present ??= page.value.historyId;
    pageToken = page.value.nextPageToken ?? undefined;
    if (!pageToken) return { kind: 'listed', records, to: present, complete: true };
  }
  return { kind: 'listed', records, to: records.at(-1)?.id ?? startHistoryId, complete: false };
}
