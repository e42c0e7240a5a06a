import { isNotificationMissing } from '#contracts/gap-reasons';
import type { CalendarEvent } from '#contracts/calendar';
import type { ProblemCode } from '#problems/problem';

/** What was told of the reading of a provider's calendars. What is known of one outlives its being taken out of the choice. */
export interface ReadingState {
  present: boolean;
  calendars: ReadonlyMap<string, CalendarReading>;
}

export interface CalendarReading {
  mode: 'push' | 'polling';
  /** The mode in which it was first read to its end. */
  firstSynced: 'push' | 'polling' | null;
  failing: ProblemCode | null;
  lost: boolean;
  /** Google did not tell what changed, and everything is being compared. */
  inGap: boolean;
  /** Notifications are missing, and none has come since that was told. */
  unannounced: boolean;
}

export const absent: ReadingState = { present: false, calendars: new Map() };

const unread: CalendarReading = {
  mode: 'push',
  firstSynced: null,
  failing: null,
  lost: false,
  inGap: false,
  unannounced: false,
};

export const readingOf = ({ calendars }: ReadingState, calendarId: string): CalendarReading =>
  calendars.get(calendarId) ?? unread;

const having = (
  state: ReadingState,
  { calendarId }: { calendarId: string },
  change: Partial<CalendarReading>,
): ReadingState => ({
  ...state,
  calendars: new Map(state.calendars).set(calendarId, { ...readingOf(state, calendarId), ...change }),
});

export function evolve(state: ReadingState, event: CalendarEvent): ReadingState {
  switch (event.type) {
    case 'CalendarProviderAdded':
      return { ...absent, present: true };
    case 'ChannelOpened':
      return having(state, event.data, { mode: 'push' });
    case 'PollingChosen':
      return having(state, event.data, { mode: 'polling' });
    case 'FirstSyncCompleted':
      return having(state, event.data, { firstSynced: event.data.mode });
    case 'GapDetected':
      return having(
        state,
        event.data,
        isNotificationMissing(event.data) ? { unannounced: true } : { inGap: true },
      );
    case 'GapRecovered':
      return having(state, event.data, { inGap: false });
    case 'NotificationProven':
      return having(state, event.data, { unannounced: false });
    case 'SyncFailed':
      return having(state, event.data, { failing: event.data.problem.code, lost: false });
    case 'CalendarLost':
      return having(state, event.data, { failing: event.data.problem.code, lost: true });
    case 'SyncRecovered':
      return having(state, event.data, { failing: null, lost: false });
    case 'Disconnected':
      return [...state.calendars.keys()].reduce(
        (all, calendarId) =>
          having(all, { calendarId }, { firstSynced: null, failing: null, lost: false, unannounced: false }),
        state,
      );
    case 'Reset':
      return [...state.calendars.keys()].reduce(
        (all, calendarId) =>
          having(all, { calendarId }, { firstSynced: null, failing: null, lost: false, inGap: false }),
        state,
      );
    case 'Removed':
      return absent;
    case 'ProviderRenamed':
    case 'CalendarsChosen':
    case 'ChannelRequested':
    case 'ChannelFailed':
    case 'ChannelClosed':
    case 'ChannelStopFailed':
    case 'SyncTokenInvalidated':
    case 'Paused':
    case 'Resumed':
      return state;
  }
}
