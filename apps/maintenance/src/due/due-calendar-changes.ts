import type { CalendarEvent } from '#contracts/calendar';
import { minutes } from '#time/clock';

/** The commands about a single calendar that the due list can ask for. */
export type CalendarDueCommand = 'OpenChannel' | 'RenewChannel' | 'SyncCalendar';

/** What an event changes on the due list for one calendar, or for all of a provider's but some. */
export type CalendarDueChange =
  | { command: CalendarDueCommand; calendarId: string; dueAt: Date | null; everyMs?: number; deadline?: Date }
  | { command: 'all'; exceptCalendars: string[]; dueAt: null };

type Scheduled = CalendarEvent & { metadata: { at: string } };

const compareAtLeastEvery = minutes(15);
const compareAtMostEvery = minutes(10);

/** Pure: the same event always gives the same changes. */
export function calendarDueChanges(event: Scheduled): CalendarDueChange[] {
  const at = Date.parse(event.metadata.at);
  switch (event.type) {
    case 'CalendarsChosen': {
      const chosen = event.data.calendars.map(({ calendarId }) => calendarId);
      return [
        { command: 'all', exceptCalendars: chosen, dueAt: null },
        ...chosen.map((calendarId) => comparison(calendarId, at)),
      ];
    }
    case 'ChannelOpened': {
      const { calendarId, renewAt, expiresAt } = event.data;
      return [
        { command: 'OpenChannel', calendarId, dueAt: null },
        { command: 'RenewChannel', calendarId, dueAt: new Date(renewAt), deadline: new Date(expiresAt) },
        comparison(calendarId, at),
      ];
    }
    case 'ChannelFailed': {
      const { calendarId, retryAt, attempt } = event.data;
      // Later attempts may follow each other faster than comparisons, and must not put them off.
      return [opening(calendarId, retryAt), ...(attempt === 1 ? [comparison(calendarId, at)] : [])];
    }
    case 'ChannelStopFailed':
      return [opening(event.data.calendarId, event.data.retryAt)];
    case 'PollingChosen': {
      const { calendarId, retryAt } = event.data;
      return [
        opening(calendarId, retryAt),
        { command: 'RenewChannel', calendarId, dueAt: null },
        comparison(calendarId, at),
      ];
    }
    case 'NotificationProven': {
      const { calendarId, renewAt } = event.data;
      return renewAt === null ? [] : [{ command: 'RenewChannel', calendarId, dueAt: new Date(renewAt) }];
    }
    case 'Paused':
    case 'Disconnected':
    case 'Reset':
    case 'Removed':
      return [{ command: 'all', exceptCalendars: [], dueAt: null }];
    case 'CalendarProviderAdded':
    case 'ProviderRenamed':
    case 'ChannelRequested':
    case 'ChannelClosed':
    case 'FirstSyncCompleted':
    case 'SyncTokenInvalidated':
    case 'GapDetected':
    case 'GapRecovered':
    case 'SyncFailed':
    case 'SyncRecovered':
    case 'CalendarLost':
    case 'Resumed':
      return [];
  }
}

const opening = (calendarId: string, retryAt: string | null): CalendarDueChange => ({
  command: 'OpenChannel',
  calendarId,
  dueAt: retryAt === null ? null : new Date(retryAt),
});

/** Every 10 to 15 minutes, for each calendar at its own pace, so that what was chosen together is not read together for ever. */
function comparison(calendarId: string, at: number): CalendarDueChange {
  let hash = 0;
  for (const character of calendarId) hash = (hash * 31 + character.codePointAt(0)!) % 1_000;
  const everyMs =
    compareAtMostEvery + Math.round((compareAtLeastEvery - compareAtMostEvery) * (hash / 1_000));
  return { command: 'SyncCalendar', calendarId, dueAt: new Date(at + everyMs), everyMs };
}
