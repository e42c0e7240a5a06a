import { isNotificationMissing } from '#contracts/gap-reasons';
import type { CalendarEvent, ChosenCalendar, SyncDirection } from '#contracts/calendar';
import type { EventMetadata } from '#event-sourcing/event-store';
import type { Problem, ProblemCode } from '#problems/problem';

export interface Settings {
  name: string;
  userId: string;
  /** As entered; compared without regard to case. */
  account: string;
  syncDirection: SyncDirection;
}

/** A channel that Google may still have. Times are ISO. */
export interface Channel {
  channelId: string;
  address: string;
  requestedAt: string;
  /** Null until Google has answered. */
  opened: { at: string; resourceId: string; expiresAt: string; renewAt: string } | null;
  /** How often it could not be stopped. */
  stopAttempts: number;
}

/** A calendar that is kept, or that channels are left of. */
export interface KeptCalendar {
  chosen: boolean;
  mode: 'undecided' | 'push' | 'polling';
  /** Why it is polled. */
  polledBecause: ProblemCode | null;
  /** In the order in which they were asked for. */
  channels: Channel[];
  /** Of a calendar all channels have the same one. */
  resourceId: string | null;
  proven: boolean;
  /** Channels that were opened without any notification since. */
  unprovenOpenings: number;
  firstSynced: boolean;
  lost: boolean;
  failure: { problem: Problem; attempt: number } | null;
  /** The trouble with reading that was told last. */
  syncFailing: ProblemCode | null;
}

export interface PresentProvider {
  status: 'present';
  settings: Settings;
  chosen: ChosenCalendar[];
  calendars: Record<string, KeptCalendar>;
  /** Why nothing is read; null while it is. */
  paused: string | null;
  /** Only a permission given after this moment counts. */
  disconnectedAt: string | null;
  /** It was reset then. */
  reset: boolean;
  /** What a cutover found chosen; until something is chosen here. */
  formerCalendarId: string | null;
}

export type ProviderState = { status: 'absent' } | { status: 'removed' } | PresentProvider;

/** A provider's event; from the store it comes with its time. */
export type TimedCalendarEvent = CalendarEvent & { metadata?: Pick<EventMetadata, 'at'> };

export const isPresent = (state: ProviderState): state is PresentProvider => state.status === 'present';

/** When the permission that counts now was given; null while there is none. */
export interface Permission {
  grantedAt: string | null;
}

/** A permission that was given before the provider was disconnected is on its way out. */
export const isConnected = (state: PresentProvider, { grantedAt }: Permission): boolean =>
  grantedAt !== null && !(state.disconnectedAt !== null && grantedAt <= state.disconnectedAt);

const longAgo = new Date(0).toISOString();

const unknownCalendar: KeptCalendar = {
  chosen: false,
  mode: 'undecided',
  polledBecause: null,
  channels: [],
  resourceId: null,
  proven: false,
  unprovenOpenings: 0,
  firstSynced: false,
  lost: false,
  failure: null,
  syncFailing: null,
};

export const calendarIn = (state: PresentProvider, calendarId: string): KeptCalendar =>
  Object.hasOwn(state.calendars, calendarId) ? state.calendars[calendarId]! : unknownCalendar;

/** The state after an event. @throws on an event that does not belong there */
export function evolve(state: ProviderState, event: TimedCalendarEvent): ProviderState {
  if (event.type === 'CalendarProviderAdded') {
    const { name, userId, account, syncDirection, formerCalendarId = null } = event.data;
    return {
      status: 'present',
      settings: { name, userId, account, syncDirection },
      chosen: [],
      calendars: {},
      paused: null,
      disconnectedAt: null,
      reset: false,
      formerCalendarId,
    };
  }
  if (!isPresent(state)) throw new Error(`${event.type} of a calendar provider that is ${state.status}.`);
  switch (event.type) {
    case 'ProviderRenamed':
      return { ...state, settings: { ...state.settings, ...event.data } };
    case 'CalendarsChosen':
      return choosing(state, event.data.calendars);
    case 'Paused':
      return { ...state, paused: event.data.reason };
    case 'Resumed':
      return { ...state, paused: null };
    case 'Disconnected':
      return { ...disconnecting(state, event.metadata?.at ?? longAgo), reset: false };
    case 'Reset':
      return { ...disconnecting(state, event.metadata?.at ?? longAgo), paused: null, reset: true };
    case 'Removed':
      return { status: 'removed' };
    default: {
      const { calendarId } = event.data;
      const after = calendarAfter(calendarIn(state, calendarId), event);
      return { ...state, calendars: { ...state.calendars, [calendarId]: after } };
    }
  }
}

/** Who leaves the choice keeps nothing but the channels that have to be stopped. */
function choosing(state: PresentProvider, chosen: ChosenCalendar[]): PresentProvider {
  const calendars: Record<string, KeptCalendar> = {};
  for (const [calendarId, { channels, resourceId }] of Object.entries(state.calendars))
    if (channels.length > 0) calendars[calendarId] = { ...unknownCalendar, channels, resourceId };
  for (const { calendarId } of chosen)
    calendars[calendarId] = { ...calendarIn(state, calendarId), chosen: true };
  return { ...state, chosen, calendars, formerCalendarId: null };
}

/** What comes after has to prove anew that it arrives. */
function disconnecting(state: PresentProvider, at: string): PresentProvider {
  const calendars = Object.fromEntries(
    Object.entries(state.calendars).map(([calendarId, calendar]) => [
      calendarId,
      { ...calendar, proven: false, unprovenOpenings: 0, failure: null, syncFailing: null },
    ]),
  );
  return { ...state, calendars, disconnectedAt: at };
}

type OfCalendar = TimedCalendarEvent & { data: { calendarId: string } };

function calendarAfter(calendar: KeptCalendar, event: OfCalendar): KeptCalendar {
  const at = event.metadata?.at ?? longAgo;
  const without = (channelId: string | null): Channel[] =>
    calendar.channels.filter((channel) => channel.channelId !== channelId);
  switch (event.type) {
    case 'ChannelRequested': {
      const { channelId, address } = event.data;
      const channel: Channel = { channelId, address, requestedAt: at, opened: null, stopAttempts: 0 };
      return { ...calendar, channels: [...calendar.channels, channel] };
    }
    case 'ChannelOpened':
      return opening(calendar, event.data, at);
    case 'ChannelFailed': {
      const { channelId, problem, attempt } = event.data;
      // Without an answer the channel may be there all the same: it is stopped like one that a crash left.
      const channels = problem.code === 'calendar.unavailable' ? calendar.channels : without(channelId);
      return { ...calendar, channels, failure: { problem, attempt } };
    }
    case 'ChannelClosed':
      return { ...calendar, channels: without(event.data.channelId) };
    case 'ChannelStopFailed': {
      const { channelId, attempt } = event.data;
      const channels = calendar.channels.map((channel) =>
        channel.channelId === channelId ? { ...channel, stopAttempts: attempt } : channel,
      );
      return { ...calendar, channels };
    }
    case 'PollingChosen': {
      const { channelId, problem } = event.data;
      return {
        ...calendar,
        mode: 'polling',
        polledBecause: problem.code,
        channels: without(channelId),
        failure: null,
      };
    }
    case 'NotificationProven':
      return provenBy(calendar, event.data.renewAt);
    case 'FirstSyncCompleted':
      return { ...calendar, firstSynced: true, lost: false };
    case 'SyncFailed':
      return { ...calendar, syncFailing: event.data.problem.code };
    case 'SyncRecovered':
      return { ...calendar, syncFailing: null, lost: false };
    case 'CalendarLost':
      return { ...calendar, lost: true };
    case 'GapDetected':
      return isNotificationMissing(event.data)
        ? { ...calendar, proven: false, unprovenOpenings: 0 }
        : calendar;
    case 'SyncTokenInvalidated':
    case 'GapRecovered':
      return calendar;
    default:
      throw new Error(`A calendar provider knows no ${(event as { type: string }).type}.`);
  }
}

function opening(
  calendar: KeptCalendar,
  { channelId, resourceId, expiresAt, renewAt }: (CalendarEvent & { type: 'ChannelOpened' })['data'],
  at: string,
): KeptCalendar {
  const opened = { at, resourceId, expiresAt, renewAt };
  return {
    ...calendar,
    mode: 'push',
    polledBecause: null,
    resourceId,
    channels: calendar.channels.map((channel) =>
      channel.channelId === channelId ? { ...channel, opened } : channel,
    ),
    unprovenOpenings: calendar.proven ? 0 : calendar.unprovenOpenings + 1,
    failure: null,
  };
}

function provenBy(calendar: KeptCalendar, renewAt: string | null): KeptCalendar {
  const present = calendar.channels.findLast(({ opened }) => opened !== null);
  const channels =
    renewAt === null
      ? calendar.channels
      : calendar.channels.map((channel) =>
          channel === present ? { ...channel, opened: { ...channel.opened!, renewAt } } : channel,
        );
  return { ...calendar, channels, proven: true, unprovenOpenings: 0 };
}
