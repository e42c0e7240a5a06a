import {
  calendarEvents,
  type CalendarEvent,
  type ChosenCalendar,
  type SyncDirection,
} from '#contracts/calendar';
import { isNotificationMissing } from '#contracts/gap-reasons';
import type { Problem } from '#problems/problem';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { stillWrong, type Trouble } from '../status/trouble.js';

interface Since {
  since: string;
}

/** What the provider's own events say of one chosen calendar. Times are ISO. */
export interface KeptCalendarFacet extends ChosenCalendar {
  mode: 'undecided' | 'push' | 'polling';
  polledBecause: ({ problem: Problem } & Since) | null;
  channel: { channelId: string; openedAt: string; expiresAt: string } | null;
  channelTrouble: Trouble | null;
  provenAt: string | null;
  /** Channels that were opened since nothing came through any more, or yet. */
  unprovenSince: string | null;
  /** Changes were found that no notification had announced. Absent in what was projected before there was such a thing. */
  unannounced?: Since | null;
  firstSyncedAt: string | null;
  syncTrouble: Trouble | null;
  lost: ({ problem: Problem } & Since) | null;
  gapSince: string | null;
  chosenAt: string;
}

export interface CalendarFacet {
  name: string;
  userId: string;
  account: string;
  syncDirection: SyncDirection;
  addedAt: string;
  calendars: KeptCalendarFacet[];
  paused: ({ reason: string } & Since) | null;
  /** When the last pause ended. Absent in what was projected before it was kept. */
  resumedAt?: string | null;
  disconnected: ({ reason: string } & Since) | null;
  /** What of a permission and of consents came before does not count. */
  resetAt?: string;
  removed: boolean;
}

const newlyChosen = (calendar: ChosenCalendar, at: string): KeptCalendarFacet => ({
  ...calendar,
  mode: 'undecided',
  polledBecause: null,
  channel: null,
  channelTrouble: null,
  provenAt: null,
  unprovenSince: null,
  firstSyncedAt: null,
  syncTrouble: null,
  lost: null,
  gapSince: null,
  chosenAt: at,
});

/** @throws on an event that it does not know, so that the projection parks it instead of showing half of the truth */
export function calendarAfter(before: CalendarFacet | null, recorded: RecordedEvent): CalendarFacet {
  const event = known(recorded);
  const { at } = recorded.metadata;
  if (event.type === 'CalendarProviderAdded')
    return {
      ...event.data,
      addedAt: at,
      calendars: [],
      paused: null,
      disconnected: null,
      removed: false,
    };
  if (!before)
    throw new Error(`${recorded.type} of a calendar provider that was never added (${recorded.stream}).`);
  switch (event.type) {
    case 'ProviderRenamed':
      return { ...before, name: event.data.name };
    case 'CalendarsChosen': {
      const calendars = event.data.calendars.map((calendar) => {
        const kept = before.calendars.find(({ calendarId }) => calendarId === calendar.calendarId);
        return kept ? { ...kept, ...calendar } : newlyChosen(calendar, at);
      });
      return { ...before, calendars };
    }
    case 'Paused':
      return { ...before, paused: { reason: event.data.reason, since: at } };
    case 'Resumed':
      return { ...before, paused: null, resumedAt: at };
    case 'Disconnected': {
      const calendars = before.calendars.map((calendar) => newlyChosen(chosenOf(calendar), at));
      return { ...before, calendars, disconnected: { reason: event.data.reason, since: at } };
    }
    case 'Reset': {
      const calendars = before.calendars.map((calendar) => newlyChosen(chosenOf(calendar), at));
      const { reason } = event.data;
      return { ...before, calendars, paused: null, disconnected: { reason, since: at }, resetAt: at };
    }
    case 'Removed':
      return { ...before, removed: true };
    default: {
      const calendars = before.calendars.map((calendar) =>
        calendar.calendarId === event.data.calendarId
          ? { ...calendar, ...changeBy(event, calendar, at) }
          : calendar,
      );
      return { ...before, calendars };
    }
  }
}

const chosenOf = ({
  calendarId,
  summary,
  timeZone,
  primary,
  accessRole,
}: ChosenCalendar): ChosenCalendar => ({
  calendarId,
  summary,
  timeZone,
  primary,
  accessRole,
});

type OfCalendar = Extract<CalendarEvent, { data: { calendarId: string } }>;

function changeBy(event: OfCalendar, before: KeptCalendarFacet, at: string): Partial<KeptCalendarFacet> {
  switch (event.type) {
    case 'ChannelRequested':
    case 'ChannelStopFailed':
    case 'SyncTokenInvalidated':
      return {};
    case 'ChannelOpened': {
      const { channelId, expiresAt } = event.data;
      return {
        mode: 'push',
        polledBecause: null,
        channel: { channelId, openedAt: at, expiresAt },
        channelTrouble: null,
        unprovenSince: before.provenAt === null ? (before.unprovenSince ?? at) : null,
      };
    }
    case 'ChannelFailed':
      return { channelTrouble: stillWrong(before.channelTrouble, event.data, at) };
    case 'ChannelClosed':
      return before.channel?.channelId === event.data.channelId ? { channel: null } : {};
    case 'PollingChosen': {
      const { problem } = event.data;
      const same = before.polledBecause?.problem.code === problem.code ? before.polledBecause : null;
      return {
        mode: 'polling',
        polledBecause: same ?? { problem, since: at },
        channelTrouble: null,
        unannounced: null,
      };
    }
    case 'NotificationProven':
      return { provenAt: at, unprovenSince: null, unannounced: null };
    case 'FirstSyncCompleted':
      return { firstSyncedAt: at, lost: null };
    case 'GapDetected':
      return isNotificationMissing(event.data)
        ? { unannounced: { since: at }, provenAt: null, unprovenSince: at }
        : { gapSince: at };
    case 'GapRecovered':
      return { gapSince: null };
    case 'SyncFailed':
      return { syncTrouble: stillWrong(before.syncTrouble, event.data, at) };
    case 'SyncRecovered':
      return { syncTrouble: null, lost: null };
    case 'CalendarLost':
      return { lost: before.lost ?? { problem: event.data.problem, since: at } };
  }
}

function known({ type, data }: RecordedEvent): CalendarEvent {
  if (!Object.hasOwn(calendarEvents, type)) throw new Error(`"${type}" is not an event of calendars.`);
  const contract = calendarEvents[type as keyof typeof calendarEvents];
  return { type: contract.type, data: contract.data.parse(data) } as CalendarEvent;
}
