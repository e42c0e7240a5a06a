import { isDeepStrictEqual } from 'node:util';
import type { CalendarEvent, ChosenCalendar } from '#contracts/calendar';
import type { Decider, Decision, Plan, Rejection, Vocabulary } from '#event-sourcing/decider';
import type { Problem } from '#problems/problem';
import {
  type ChannelCommand,
  type ChannelEffect,
  type ChannelOutcome,
  decideOnChannel,
  planChannel,
} from '../channels/channel-life.js';
import { decideOnReset, type ResetCalendarProvider } from './resetting.js';
import {
  evolve,
  isConnected,
  isPresent,
  type Permission,
  type PresentProvider,
  type ProviderState,
  type Settings,
  type TimedCalendarEvent,
} from './provider-state.js';

export type ProviderCommand =
  | ({ type: 'AddCalendarProvider' } & Settings)
  | ({ type: 'ImportCalendarProvider' } & ImportedProvider)
  | { type: 'RenameCalendarProvider'; name: string }
  | ({ type: 'ChooseCalendars'; calendarIds: string[] } & Permission)
  | { type: 'PauseCalendar'; reason: string }
  | { type: 'ResumeCalendar' }
  | ({ type: 'DisconnectCalendar' | 'RemoveCalendar'; reason: string } & Permission)
  | ResetCalendarProvider
  | ChannelCommand;

interface ImportedProvider extends Settings {
  importedFrom: string;
  calendarId: string | null;
  paused: string | null;
}

export type ProviderEffect = ChannelEffect | { ask: 'list' };

export type ProviderOutcome = ChannelOutcome | { asked: 'list'; calendars: ChosenCalendar[] };

export interface CalendarProvider extends Vocabulary {
  state: ProviderState;
  command: ProviderCommand;
  event: TimedCalendarEvent;
  effect: ProviderEffect;
  outcome: ProviderOutcome;
}

const notFound: Rejection = { code: 'calendar-provider.not-found' };

/** A calendar provider's life: settings, choice, channels, proof, pauses and end. What it reads is not its business. */
export const providerDecider: Decider<CalendarProvider> = {
  initial: { status: 'absent' },
  evolve,
  plan(state, command): Plan<ProviderEffect> {
    if (command.type === 'AddCalendarProvider' || command.type === 'ImportCalendarProvider') return 'decide';
    if (!isPresent(state)) {
      const goneAlready = state.status === 'removed' && command.type === 'RemoveCalendar';
      return goneAlready ? 'done' : notFound;
    }
    switch (command.type) {
      case 'ChooseCalendars':
        return isConnected(state, command)
          ? { perform: { ask: 'list' } }
          : { code: 'calendar-provider.not-connected' };
      case 'RequestChannel':
      case 'OpenRequestedChannel':
      case 'CloseChannel':
      case 'ProveNotification':
        return planChannel(state, command);
      default:
        return 'decide';
    }
  },
  decide(state, command, { now, outcome }): Decision<CalendarEvent> {
    if (command.type === 'AddCalendarProvider') return add(state, command);
    if (command.type === 'ImportCalendarProvider') return takeOver(state, command);
    if (!isPresent(state)) return notFound;
    switch (command.type) {
      case 'RenameCalendarProvider':
        return command.name === state.settings.name
          ? []
          : [{ type: 'ProviderRenamed', data: { name: command.name } }];
      case 'ChooseCalendars':
        return choose(state, command.calendarIds, outcome);
      case 'PauseCalendar':
        return state.paused === command.reason ? [] : [{ type: 'Paused', data: { reason: command.reason } }];
      case 'ResumeCalendar':
        return state.paused === null ? [] : [{ type: 'Resumed', data: {} }];
      case 'DisconnectCalendar':
        return disconnect(state, command);
      case 'ResetCalendarProvider':
        return decideOnReset(state, command);
      case 'RemoveCalendar':
        return [...disconnect(state, command), { type: 'Removed', data: { reason: command.reason } }];
      case 'RequestChannel':
      case 'OpenRequestedChannel':
      case 'CloseChannel':
      case 'ProveNotification':
        return decideOnChannel(state, command, { now, outcome: outcome as ChannelOutcome | undefined });
    }
  },
};

function add(
  state: ProviderState,
  { name, userId, account, syncDirection }: Settings,
): Decision<CalendarEvent> {
  if (!isPresent(state))
    return [{ type: 'CalendarProviderAdded', data: { name, userId, account, syncDirection } }];
  const { settings } = state;
  const same = settings.account.toLowerCase() === account.toLowerCase() && settings.userId === userId;
  return same ? [] : { code: 'calendar-provider.exists', account: settings.account };
}

/** Only what never was here: what is here is the tenant's, also the fact that it was removed. */
function takeOver(state: ProviderState, command: ImportedProvider): Decision<CalendarEvent> {
  const { name, userId, account, syncDirection, importedFrom, calendarId, paused } = command;
  if (state.status === 'removed') return [];
  if (isPresent(state)) return add(state, command);
  const former = calendarId === null ? {} : { formerCalendarId: calendarId };
  const data = { name, userId, account, syncDirection, importedFrom, ...former };
  return [
    { type: 'CalendarProviderAdded', data },
    ...(paused === null ? [] : [{ type: 'Paused' as const, data: { reason: paused } }]),
  ];
}

/** Only what the account's list has, by its real id: a calendar is never silently replaced by another. */
function choose(
  state: PresentProvider,
  calendarIds: string[],
  outcome: ProviderOutcome | undefined,
): Decision<CalendarEvent> {
  if (outcome?.asked === 'failed') return { code: outcome.problem.code, ...paramsOf(outcome.problem) };
  const listed = outcome?.asked === 'list' ? outcome.calendars : [];
  const wanted = new Map<string, ChosenCalendar>();
  const unknown: string[] = [];
  for (const id of calendarIds) {
    const found = listed.find(
      ({ calendarId, primary }) => calendarId === id || (id === 'primary' && primary),
    );
    if (found) wanted.set(found.calendarId, found);
    else unknown.push(id);
  }
  if (unknown.length > 0) return { code: 'calendar.unknown', calendarIds: unknown.join(', ') };
  const calendars = [...wanted.values()];
  return isDeepStrictEqual(calendars, state.chosen) ? [] : [{ type: 'CalendarsChosen', data: { calendars } }];
}

const paramsOf = ({ params = {} }: Problem): Record<string, string> => params;

/** The channels were stopped before, as far as Google let us; the rest ends by itself. */
function disconnect(state: PresentProvider, command: { reason: string } & Permission): CalendarEvent[] {
  const { reason } = command;
  const left = Object.entries(state.calendars).flatMap(([calendarId, { channels }]) =>
    channels.map(({ channelId }): CalendarEvent => ({
      type: 'ChannelClosed',
      data: { calendarId, channelId, reason, stopped: false },
    })),
  );
  const alreadyEnded = state.disconnectedAt !== null && !isConnected(state, command);
  return alreadyEnded ? left : [...left, { type: 'Disconnected', data: { reason } }];
}
