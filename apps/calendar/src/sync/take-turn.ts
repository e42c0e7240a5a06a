import { createHash } from 'node:crypto';
import { fold } from '#event-sourcing/decider';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { handleCommand } from '#event-sourcing/handle-command';
import { streamName } from '#event-sourcing/stream-name';
import { beginning, type Origin } from '#messaging/envelope';
import { minutes } from '#time/clock';
import { calendarFor, listParameters } from '../calendar-api/account-calendar.js';
import { presentChannel } from '../channels/channel-life.js';
import { permissionSince } from '../provider/permission.js';
import { providerDecider } from '../provider/provider.decider.js';
import {
  calendarIn,
  isConnected,
  isPresent,
  type ProviderState,
  type TimedCalendarEvent,
} from '../provider/provider-state.js';
import type { CalendarKey } from './calendar-key.js';
import { readCalendar, type Failed } from './read-calendar.js';
import { readingDecider, type ReadingNews } from './reading.decider.js';
import { readingOf } from './reading-state.js';
import type { SyncMeans } from './sync-means.js';
import { forgetGap, forgetToken, openSyncState, type SyncState } from './sync-state.js';

/** `more`: not at the end yet, but something stands firm; to be gone on with in so many milliseconds. */
export type TurnEnd =
  | { kind: 'unreadable' }
  /** `changedAfter`: when everything had been known before the changes that were found; null when there were none. */
  | { kind: 'read'; changedAfter: Date | null }
  | { kind: 'more'; byMs: number }
  | Failed;

/** What a turn knows of its calendar: loaded once, under the calendar's lock. */
export interface Open {
  calendar: CalendarKey;
  /** Why it is not to be read at present. */
  obstacle: Obstacle | null;
  /** Google did not tell what changed, and everything is being compared. */
  inGap: boolean;
  /** Since when Google notifies of it; null while it does not, or has not been proven to. */
  notifiesSince: Date | null;
  /** When everything was compared the last time. */
  comparedAt: Date | null;
  origin: Origin;
}

export type Obstacle =
  | 'calendar-provider.not-found'
  | 'calendar-provider.not-connected'
  | 'calendar-provider.paused'
  | 'calendar.not-chosen';

export async function openCalendar(
  { store, clock }: Pick<SyncMeans, 'store' | 'clock'>,
  calendar: CalendarKey,
): Promise<Open> {
  const { tenantId, providerId, calendarId } = calendar;
  const history = await store.readStream(streamName('calendar', tenantId, providerId));
  const events = history as unknown as TimedCalendarEvent[];
  const state = fold(providerDecider, events);
  const grantedAt = await permissionSince({ store }, calendar);
  return {
    calendar,
    obstacle: obstacleOf(state, calendarId, grantedAt),
    inGap: readingOf(fold(readingDecider, events), calendarId).inGap,
    notifiesSince: notifiesSince(state, calendarId, clock.now()),
    comparedAt: comparedAt(history, calendarId),
    origin: beginning(tenantId, 'calendar.sync'),
  };
}

function obstacleOf(state: ProviderState, calendarId: string, grantedAt: string | null): Obstacle | null {
  if (!isPresent(state)) return 'calendar-provider.not-found';
  if (!calendarIn(state, calendarId).chosen) return 'calendar.not-chosen';
  if (!isConnected(state, { grantedAt })) return 'calendar-provider.not-connected';
  return state.paused === null ? null : 'calendar-provider.paused';
}

function notifiesSince(state: ProviderState, calendarId: string, now: Date): Date | null {
  if (!isPresent(state)) return null;
  const calendar = calendarIn(state, calendarId);
  const opened = presentChannel(calendar, now)?.opened;
  return calendar.mode === 'push' && calendar.proven && opened ? new Date(opened.at) : null;
}

function comparedAt(history: RecordedEvent[], calendarId: string): Date | null {
  const last = history.findLast(
    ({ type, data }) => type === 'GapRecovered' && data['calendarId'] === calendarId,
  );
  return last ? new Date(last.metadata.at) : null;
}

export async function tell(
  { store, clock }: Pick<SyncMeans, 'store' | 'clock'>,
  { calendar, origin }: Pick<Open, 'calendar' | 'origin'>,
  news: ReadingNews,
): Promise<void> {
  const stream = streamName('calendar', calendar.tenantId, calendar.providerId);
  const result = await handleCommand({ store, clock, decider: readingDecider }, stream, news, origin);
  if (!result.ok && result.rejection.code !== 'calendar-provider.not-found')
    throw new Error(`${news.type} was refused: ${result.rejection.code}`);
}

const parametersHash = createHash('sha256').update(JSON.stringify(listParameters)).digest('base64url');

/** One turn of a calendar: what changed since the last one, or everything. The caller holds the calendar's lock. */
export async function takeTurn(means: SyncMeans, open: Open, signal: AbortSignal): Promise<TurnEnd> {
  const { calendar, obstacle, inGap } = open;
  if (obstacle) return { kind: 'unreadable' };
  const { database, clock, configuration } = means;
  const sync = await openSyncState(database, calendar, {
    now: clock.now(),
    pastDays: configuration.calendar.pastDays,
    parameters: parametersHash,
  });
  // Everything was compared, but nobody was told before the process ended.
  if (inGap && sync.gap.compared) return tellCompared(means, open, sync);
  if (sync.syncToken !== null && sync.parameters !== parametersHash)
    return compareAll(means, open, sync, 'the list parameters changed');

  const google = calendarFor(means, calendar, open.origin, { signal });
  const turn = { calendar, google, signal, inGap, parameters: parametersHash };
  const read = await readCalendar(means, turn, sync);
  switch (read.kind) {
    case 'failed':
      return read;
    case 'expired':
      return compareAll(means, open, sync, read.reason);
    case 'read':
      return inGap
        ? tellCompared(means, open, read.state)
        : { kind: 'read', changedAfter: read.changed ? sync.syncedAt : null };
  }
}

/** Should Google take none of its own tokens: everything is compared no more often than this. */
const compareAgainAfter = minutes(1);

/** First the gap is told, then the token forgotten: whoever ends in between finds the token refused once more. */
async function compareAll(
  means: SyncMeans,
  open: Open,
  { syncedAt }: SyncState,
  reason: string,
): Promise<TurnEnd> {
  const { calendarId } = open.calendar;
  const from = (syncedAt ?? means.clock.now()).toISOString();
  await tell(means, open, { type: 'NoteGapDetected', calendarId, from, reason });
  await forgetToken(means.database, open.calendar);
  const since = open.comparedAt === null ? Infinity : means.clock.now().getTime() - open.comparedAt.getTime();
  return { kind: 'more', byMs: Math.max(0, compareAgainAfter - since) };
}

async function tellCompared(means: SyncMeans, open: Open, { gap }: SyncState): Promise<TurnEnd> {
  const { calendarId } = open.calendar;
  const { created, updated, deleted } = gap;
  await tell(means, open, { type: 'NoteGapRecovered', calendarId, created, updated, deleted });
  await forgetGap(means.database, open.calendar);
  // What came meanwhile.
  return { kind: 'more', byMs: 0 };
}
