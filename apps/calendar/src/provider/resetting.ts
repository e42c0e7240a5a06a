import type { CalendarEvent } from '#contracts/calendar';
import { isConnected, type Permission, type PresentProvider } from './provider-state.js';

export interface ResetCalendarProvider extends Permission {
  type: 'ResetCalendarProvider';
  reason: string;
  /** Channels that were stopped for it, and those that Google could not be asked to stop. */
  stopped: number;
  givenUp: number;
  /** When a consent was begun, refused or given the last time. */
  soughtAt: string | null;
}

export const isConnectedSince = (
  state: PresentProvider,
  { grantedAt, requestedAt }: Permission & { requestedAt: string | null },
): boolean =>
  requestedAt !== null && isConnected(state, { grantedAt }) && grantedAt !== null && grantedAt > requestedAt;

/** Nothing has happened to it since it was reset. */
const isAtItsBeginning = (state: PresentProvider, command: ResetCalendarProvider): boolean =>
  state.reset &&
  !isConnected(state, command) &&
  !(command.soughtAt !== null && state.disconnectedAt !== null && command.soughtAt > state.disconnectedAt);

/** What could be stopped was stopped before; nobody listens to the rest any more. */
export function decideOnReset(state: PresentProvider, command: ResetCalendarProvider): CalendarEvent[] {
  const { reason, stopped, givenUp } = command;
  const left = Object.entries(state.calendars).flatMap(([calendarId, { channels }]) =>
    channels.map(({ channelId }): CalendarEvent => ({
      type: 'ChannelClosed',
      data: { calendarId, channelId, reason, stopped: false },
    })),
  );
  if (isAtItsBeginning(state, command)) return left;
  const data = { reason, channelsStopped: stopped, channelsLeft: givenUp + left.length };
  return [...left, { type: 'Reset', data }];
}
