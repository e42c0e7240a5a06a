import { streamName } from '#event-sourcing/stream-name';
import { gapReasons } from '#contracts/gap-reasons';
import { beginning, type Origin } from '#messaging/envelope';
import { problem, type Problem } from '#problems/problem';
import { gmailFor, type MailboxGmail } from '../gmail-api/mailbox-gmail.js';
import { forgetSearch, initialiseCursor, readCursor, type Cursor, type MailboxId } from './cursor.js';
import type { ResolvedFilter } from './filter.js';
import { obstacleOf, readingStateOf, type ReadingState } from './reading-state.js';
import { parkedDue } from './parked-messages.js';
import { cost } from './quota.js';
import { readHistory } from './read-history.js';
import { keyOf, messagesPerTurn, readMessages, type Stop, type TurnOf } from './read-messages.js';
import type { ReadingMeans } from './reading-means.js';
import { record } from './recording.js';
import { searchGap, type Gap } from './search-gap.js';
import { changeMailbox } from '../mailbox/change-mailbox.js';
import type { MailboxNews } from '../mailbox/mailbox-news.js';
import { resolveLabels } from '../mailbox/resolve-labels.js';
import type { TimedMailboxEvent } from '../mailbox/mailbox-state.js';
import type { Arrivals } from './unannounced-arrivals.js';
import type { WantedSync } from './wanted-syncs.js';

/**
 * How a mailbox's turn ended. `read`: to the end of its history, which was at `historyId` (null: nothing new was announced) and
 * held something new or nothing.
 */
export type TurnEnd =
  | { kind: 'unreadable' }
  | { kind: 'read'; historyId: string | null; news: boolean; arrivals?: Arrivals | null }
  | Stop;

/** What a turn knows of its mailbox: loaded once, under the mailbox's lock. */
export interface Open {
  id: MailboxId;
  state: ReadingState;
  origin: Origin;
}

export async function openMailbox({ store }: ReadingMeans, id: MailboxId): Promise<Open> {
  const stream = streamName('mailbox', id.tenantId, id.providerId);
  const history = await store.readStream(stream);
  return {
    id,
    state: readingStateOf(history as unknown as TimedMailboxEvent[]),
    origin: beginning(id.tenantId, 'gmail.inbound'),
  };
}

export async function tell(means: ReadingMeans, { id, origin }: Open, news: MailboxNews): Promise<void> {
  const result = await changeMailbox(means, id, news, origin);
  if (!result.ok && result.rejection.code !== 'mailbox.not-found')
    throw new Error(`${news.type} was refused: ${result.rejection.code}`);
}

/** One turn of a mailbox: its parked messages that are due, then what is new. The caller holds the mailbox's lock. */
export async function takeTurn(
  means: ReadingMeans,
  open: Open,
  wanted: WantedSync | null,
  signal: AbortSignal,
): Promise<TurnEnd> {
  const { id, state } = open;
  if (wanted?.pushedHistoryId != null && state.status === 'watched' && !state.proven)
    await tell(means, open, { type: 'ProveNotification' });
  if (obstacleOf(state)) return { kind: 'unreadable' };
  const cursor = await cursorOf(means, open);
  if (wanted && !wanted.asked && !isAhead(wanted.pushedHistoryId, cursor.historyId) && !state.gap)
    return { kind: 'read', historyId: null, news: false };

  const gmail = gmailFor(means, id, open.origin, { signal });
  const filter = await resolvedFilter(means, open, gmail);
  if ('kind' in filter) return filter;
  const turn: TurnOf = {
    mailbox: { ...id, address: state.address, filter },
    gmail,
    signal,
    failures: wanted?.failures ?? 0,
    inGap: state.gap !== null,
  };
  const parked = await readParked(means, turn);
  if (parked) return parked;
  if (!wanted) return { kind: 'read', historyId: null, news: false };
  return readNews(means, open, turn, cursor);
}

/** Whoever started the watch ended before the cursor was set: the watch itself says where it began. */
async function cursorOf({ database, clock }: ReadingMeans, { id, state }: Open): Promise<Cursor> {
  const found = await readCursor(database, id);
  if (found) return found;
  await initialiseCursor(database, { ...id, historyId: state.watchedFrom!, at: clock.now() });
  return (await readCursor(database, id))!;
}

/** Whether something was announced that the cursor has not reached. */
export const isAhead = (announced: string | null, cursor: string): boolean =>
  announced !== null && BigInt(announced) > BigInt(cursor);

async function resolvedFilter(
  { quota }: ReadingMeans,
  { id, state }: Open,
  gmail: MailboxGmail,
): Promise<ResolvedFilter | Stop> {
  const { labels: names, include } = state.filter;
  if (names.length === 0) return { labelIds: null, include };
  const short = quota.spend(keyOf(id), cost.labels);
  if (short) return { kind: 'wait', byMs: short.waitMs };
  // Each time: a label may have been renamed, and then takes nothing any more, which somebody has to be told.
  const labels = await gmail.labels();
  if (!labels.ok) return failedBy(labels);
  const resolved = resolveLabels(names, labels.value);
  if (resolved.ok) return { labelIds: resolved.labelIds, include };
  return failedBy({ problem: problem('mailbox.label-unknown', { labels: resolved.unknown.join(', ') }) });
}

async function readParked(means: ReadingMeans, turn: TurnOf): Promise<Stop | null> {
  const { database, outbox, clock } = means;
  const due = await parkedDue(database, turn.mailbox, clock.now(), messagesPerTurn);
  if (due.length === 0) return null;
  // Failed often enough already: whatever cannot be had stays parked at once.
  const { rest, stop } = await readMessages(
    means,
    { ...turn, failures: Infinity },
    due.map((gmailId) => ({ gmailId, historyId: '0' })),
  );
  if (stop) return stop;
  const now = clock.now();
  await database.transaction((manager) => record(manager, outbox, turn.mailbox, rest, { now, inGap: false }));
  outbox.ring();
  return null;
}

async function readNews(means: ReadingMeans, open: Open, turn: TurnOf, cursor: Cursor): Promise<TurnEnd> {
  const { gap } = open.state;
  // The cursor is over the gap, but nobody was told before the process ended.
  if (gap && cursor.search.since) return tellSearched(means, open, cursor, gap);
  if (gap) return acrossGap(means, open, turn, cursor, { from: cursor.historyId, to: gap.to });

  const read = await readHistory(means, turn, cursor);
  if (read.kind === 'read') {
    const arrivals = { afterHistoryId: cursor.historyId, happenedAfter: cursor.syncedAt };
    return { ...read, arrivals: read.arrived ? arrivals : null };
  }
  if (read.kind !== 'expired') return read;
  // Before the search: what comes while it goes on is in the history from here on.
  const profile = await turn.gmail.profile();
  if (!profile.ok) return failedBy(profile);
  const found = { from: cursor.historyId, to: profile.value.historyId };
  await tell(means, open, { type: 'NoteGapDetected', ...found, reason: gapReasons.historyExpired });
  return acrossGap(means, open, { ...turn, inGap: true }, cursor, found);
}

async function acrossGap(
  means: ReadingMeans,
  open: Open,
  turn: TurnOf,
  cursor: Cursor,
  gap: Gap,
): Promise<TurnEnd> {
  const searched = await searchGap(means, turn, cursor, gap);
  if (searched.kind !== 'searched') return searched;
  const { search } = (await readCursor(means.database, open.id))!;
  return tellSearched(means, open, { ...cursor, search }, gap);
}

async function tellSearched(
  means: ReadingMeans,
  open: Open,
  { search }: Cursor,
  { from, to }: Gap,
): Promise<TurnEnd> {
  const { recovered, since, complete } = search;
  await tell(means, open, {
    type: 'NoteGapRecovered',
    from,
    to,
    recovered,
    since: since!.toISOString(),
    complete: complete ?? false,
  });
  await forgetSearch(means.database, open.id);
  // What came meanwhile.
  return { kind: 'more' };
}

const failedBy = ({ problem, retryAfterMs }: { problem: Problem; retryAfterMs?: number }): Stop => ({
  kind: 'failed',
  problem,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
