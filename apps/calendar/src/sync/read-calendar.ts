import type { AccountCalendar } from '../calendar-api/account-calendar.js';
import type { Problem } from '#problems/problem';
import type { CalendarKey } from './calendar-key.js';
import { missingAmong, tombstoneOf } from './changes.js';
import { readEvent, type ListedEvent } from './read-event.js';
import { record } from './recording.js';
import type { SeenEvent } from './seen-event.js';
import { allSeen } from './seen-events.js';
import type { SyncMeans } from './sync-means.js';
import type { SyncState } from './sync-state.js';

/** What one piece of reading works with. */
export interface TurnOf {
  calendar: CalendarKey;
  google: AccountCalendar;
  signal: AbortSignal;
  /** A gap is being compared over: what is found counts for its report. */
  inGap: boolean;
  /** Of the list; stored with the token that comes of it. */
  parameters: string;
}

export interface Failed {
  kind: 'failed';
  problem: Problem;
  retryAfterMs?: number;
}

/** `changed`: there was something that Google has to notify of. */
export type ReadEnd =
  { kind: 'read'; state: SyncState; changed: boolean } | { kind: 'expired'; reason: string } | Failed;

/** So many events are held until the last page. Of a longer list the single events and masters are recorded on the way. */
const heldAtMost = 10_000;

/** Reads what changed since the token or, without one, everything; the token moves with the last of it. */
export async function readCalendar(means: SyncMeans, turn: TurnOf, from: SyncState): Promise<ReadEnd> {
  const { calendar, parameters, inGap } = turn;
  const complete = from.syncToken === null;
  const listedIds = new Set<string>();
  let state = from;
  let changed = false;
  let held: ListedEvent[] = [];
  let pageToken: string | undefined;
  for (;;) {
    await means.quota.turn(accountOf(calendar), turn.signal);
    const page = await turn.google.events({
      calendarId: calendar.calendarId,
      ...(complete ? { timeMin: from.windowStart.toISOString() } : { syncToken: from.syncToken! }),
      pageToken,
    });
    turn.signal.throwIfAborted();
    if (!page.ok) return endOf(page);
    const events = page.value.events.flatMap((raw) => readEvent(raw) ?? []);
    for (const { eventId } of events) listedIds.add(eventId);
    held.push(...events);
    const { nextPageToken, nextSyncToken } = page.value;
    if (nextPageToken === null) {
      if (nextSyncToken === null) return withoutToken;
      const missing = complete
        ? await whatIsMissing(means, turn, from, listedIds)
        : { ok: true as const, events: [] };
      if (!missing.ok) return endOf(missing);
      const read = { syncToken: nextSyncToken, parameters };
      const recorded = await record(means, calendar, [...held, ...missing.events], state, { inGap, read });
      changed ||= recorded.changes.length > 0;
      return { kind: 'read', state: recorded.state, changed: changed && !complete };
    }
    pageToken = nextPageToken;
    if (held.length > heldAtMost) {
      // Instances wait for their master, which may be on any page.
      const free = held.filter(({ seriesMasterId }) => seriesMasterId === null);
      held = held.filter(({ seriesMasterId }) => seriesMasterId !== null);
      const recorded = await record(means, calendar, free, state, { inGap });
      changed ||= recorded.changes.length > 0;
      ({ state } = recorded);
    }
  }
}

const withoutToken: Failed = {
  kind: 'failed',
  problem: { code: 'calendar.unavailable', params: { detail: 'the last page came without a sync token' } },
};

/** All calendars of an account draw on one allowance. */
const accountOf = ({ tenantId, providerId }: CalendarKey): string => JSON.stringify([tenantId, providerId]);

function endOf({ problem, retryAfterMs }: { problem: Problem; retryAfterMs?: number }): ReadEnd {
  if (problem.code === 'calendar.sync-token-invalid')
    return { kind: 'expired', reason: problem.params?.['reason'] ?? 'fullSyncRequired' };
  return { kind: 'failed', problem, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

type WhatIsMissing =
  { ok: true; events: ListedEvent[] } | { ok: false; problem: Problem; retryAfterMs?: number };

/** A complete list has no tombstones: what was seen and is not in it is gone, or out of the list's reach. */
async function whatIsMissing(
  means: SyncMeans,
  turn: TurnOf,
  { windowStart }: SyncState,
  listedIds: Set<string>,
): Promise<WhatIsMissing> {
  const seen = await allSeen(means.database, turn.calendar);
  const { gone, toAsk } = missingAmong(seen, listedIds, { windowStart });
  const events = gone.map(tombstoneOf);
  const goneSeries = new Set<string>();
  // Series first: of one that is gone the instances need not be asked for.
  for (const missing of [...toAsk.filter(isOwnMaster), ...toAsk.filter((event) => !isOwnMaster(event))]) {
    if (missing.seriesMasterId !== null && goneSeries.has(missing.seriesMasterId)) continue;
    const found = await lookUp(means, turn, missing);
    if (!found.ok) return found;
    events.push(found.value);
    if (found.value.present === null) goneSeries.add(missing.eventId);
  }
  return { ok: true, events };
}

const isOwnMaster = ({ seriesMasterId }: SeenEvent): boolean => seriesMasterId === null;

async function lookUp(
  { quota }: SyncMeans,
  { google, calendar, signal }: TurnOf,
  missing: SeenEvent,
): Promise<{ ok: true; value: ListedEvent } | { ok: false; problem: Problem; retryAfterMs?: number }> {
  await quota.turn(accountOf(calendar), signal);
  const { calendarId } = calendar;
  const answer = await google.event({ calendarId, eventId: missing.eventId });
  signal.throwIfAborted();
  if (!answer.ok) return answer;
  return { ok: true, value: (answer.value && readEvent(answer.value)) ?? tombstoneOf(missing) };
}
