import type { CalendarEvent } from '#contracts/calendar';
import type { Decision, Plan } from '#event-sourcing/decider';
import type { Problem, ProblemCode } from '#problems/problem';
import { days, hours, minutes } from '#time/clock';
import type { CalendarResult } from '../calendar-api/calendar-result.js';
import {
  calendarIn,
  isConnected,
  type Channel,
  type KeptCalendar,
  type Permission,
  type PresentProvider,
} from '../provider/provider-state.js';
import { retryAt } from '#google/retry-at';

/** A channel is stored before Google is asked, because its first notification may come before Google's answer. */
export interface RequestChannel extends Permission {
  type: 'RequestChannel';
  purpose: 'open' | 'renew';
  calendarId: string;
  channelId: string;
  tokenHash: string;
  /** Where Google is to notify, or why it cannot. */
  address: { url: string } | { missingBecause: Problem };
  /** A channel that was asked for before this moment is replaced. */
  since?: string;
}

export type ChannelCommand =
  | RequestChannel
  | { type: 'OpenRequestedChannel'; calendarId: string; channelId: string }
  | { type: 'CloseChannel'; calendarId: string; channelId: string; reason: string }
  /** A notification came through one of the calendar's channels, whatever was in it. */
  | { type: 'ProveNotification'; calendarId: string };

export type ChannelEffect =
  | { ask: 'watch'; calendarId: string; channelId: string; address: string }
  | { ask: 'stop'; channelId: string; resourceId: string };

export type ChannelOutcome =
  | { asked: 'watch'; resourceId: string; expiresAt: string }
  | { asked: 'stop' }
  | { asked: 'failed'; problem: Problem; retryAfterMs?: number };

export const failed = (
  result: CalendarResult<unknown> & { ok: false },
): ChannelOutcome & { asked: 'failed' } => ({
  asked: 'failed',
  problem: result.problem,
  ...(result.retryAfterMs !== undefined && { retryAfterMs: result.retryAfterMs }),
});

/** The channel whose notifications count now: the newest that Google has opened and not ended. */
export const presentChannel = ({ channels }: KeptCalendar, now: Date): Channel | undefined =>
  channels.findLast(({ opened }) => opened !== null && Date.parse(opened.expiresAt) > now.getTime());

/** Google is not known to let a channel live longer. */
const longestLife = days(30);

/**
 * The channels that nobody needs. One that Google never answered about was left by a crash; it can be stopped as soon as another channel of
 * the same calendar has told the resource.
 */
export function channelsToClose(state: PresentProvider, calendarId: string, now: Date): Channel[] {
  const calendar = calendarIn(state, calendarId);
  const present = calendar.chosen ? presentChannel(calendar, now) : undefined;
  const stoppable = (channel: Channel): boolean =>
    channel.opened !== null ||
    calendar.resourceId !== null ||
    !calendar.chosen ||
    now.getTime() - Date.parse(channel.requestedAt) > longestLife;
  return calendar.channels.filter((channel) => channel !== present && stoppable(channel));
}

export function planChannel(state: PresentProvider, command: ChannelCommand): Plan<ChannelEffect> {
  const calendar = calendarIn(state, command.calendarId);
  const channel =
    'channelId' in command && calendar.channels.find(({ channelId }) => channelId === command.channelId);
  switch (command.type) {
    case 'ProveNotification':
      return 'decide';
    case 'RequestChannel':
      if (!calendar.chosen) return 'done';
      if (state.paused !== null) return { code: 'calendar-provider.paused' };
      if (!isConnected(state, command)) return { code: 'calendar-provider.not-connected' };
      return 'decide';
    case 'OpenRequestedChannel': {
      if (!channel || channel.opened) return 'done';
      const { calendarId, channelId } = command;
      return { perform: { ask: 'watch', calendarId, channelId, address: channel.address } };
    }
    case 'CloseChannel': {
      if (!channel) return 'done';
      const resourceId = channel.opened?.resourceId ?? calendar.resourceId;
      return resourceId === null
        ? 'decide'
        : { perform: { ask: 'stop', channelId: command.channelId, resourceId } };
    }
  }
}

export function decideOnChannel(
  state: PresentProvider,
  command: ChannelCommand,
  { now, outcome }: { now: Date; outcome: ChannelOutcome | undefined },
): Decision<CalendarEvent> {
  const calendar = calendarIn(state, command.calendarId);
  switch (command.type) {
    case 'RequestChannel':
      return request(calendar, command, now);
    case 'OpenRequestedChannel':
      return outcome ? opened(calendar, command, outcome, now) : [];
    case 'CloseChannel':
      return closed(calendar, command, outcome, now);
    case 'ProveNotification':
      return proven(calendar, command.calendarId, now);
  }
}

function request(calendar: KeptCalendar, command: RequestChannel, now: Date): CalendarEvent[] {
  const { calendarId, channelId, tokenHash, address } = command;
  if (!calendar.chosen) return [];
  if ('missingBecause' in address) {
    const known = calendar.polledBecause === address.missingBecause.code && command.since === undefined;
    if (known) return [];
    const data = { calendarId, channelId: null, problem: address.missingBecause, retryAt: null };
    return [{ type: 'PollingChosen', data }];
  }
  if (isAsWanted(calendar, command, address.url, now)) return [];
  return [{ type: 'ChannelRequested', data: { calendarId, channelId, tokenHash, address: address.url } }];
}

/** A renewal that was asked for twice is done once. */
const freshFor = hours(1);

function isAsWanted(
  calendar: KeptCalendar,
  { purpose, since = '' }: RequestChannel,
  url: string,
  now: Date,
): boolean {
  if (calendar.polledBecause === 'calendar.not-watchable' && since === '') return true;
  const present = presentChannel(calendar, now);
  if (!present || calendar.failure !== null) return false;
  const right = present.address === url && present.requestedAt >= since;
  if (purpose === 'open') return right;
  const { at, renewAt } = present.opened!;
  const age = now.getTime() - Date.parse(at);
  return right && age < Math.min(freshFor, (Date.parse(renewAt) - Date.parse(at)) / 2);
}

const unwatchable: ProblemCode[] = ['calendar.not-watchable', 'calendar.webhook-refused'];
const triedAgainAfter = hours(24);

function opened(
  calendar: KeptCalendar,
  { calendarId, channelId }: { calendarId: string; channelId: string },
  outcome: ChannelOutcome,
  now: Date,
): CalendarEvent[] {
  if (outcome.asked === 'watch') {
    const { resourceId, expiresAt } = outcome;
    const replaces = presentChannel(calendar, now)?.channelId ?? null;
    const renewAt = renewalOf(calendar, channelId, { at: now.toISOString(), expiresAt });
    return [
      { type: 'ChannelOpened', data: { calendarId, channelId, resourceId, expiresAt, replaces, renewAt } },
    ];
  }
  if (outcome.asked !== 'failed') return [];
  const { problem } = outcome;
  if (unwatchable.includes(problem.code)) {
    const later = new Date(now.getTime() + triedAgainAfter).toISOString();
    const again = problem.code === 'calendar.webhook-refused' ? later : null;
    return [{ type: 'PollingChosen', data: { calendarId, channelId, problem, retryAt: again } }];
  }
  const attempt = (calendar.failure?.attempt ?? 0) + 1;
  const again = retryAt(outcome, attempt, now, presentChannel(calendar, now)?.opened?.expiresAt);
  const failure = { calendarId, channelId, problem, attempt, retryAt: again };
  return [
    ...(problem.code === 'calendar.gone' && !calendar.lost
      ? [{ type: 'CalendarLost' as const, data: { calendarId, problem } }]
      : []),
    { type: 'ChannelFailed', data: failure },
  ];
}

function closed(
  calendar: KeptCalendar,
  { calendarId, channelId, reason }: ChannelCommand & { type: 'CloseChannel' },
  outcome: ChannelOutcome | undefined,
  now: Date,
): CalendarEvent[] {
  const channel = calendar.channels.find((one) => one.channelId === channelId);
  if (!channel) return [];
  if (outcome?.asked === 'failed') {
    const attempt = channel.stopAttempts + 1;
    const next = retryAt(outcome, attempt, now);
    // Once Google has ended it by itself, or another attempt would fare no better, it is let go.
    const over = channel.opened !== null && Date.parse(channel.opened.expiresAt) <= now.getTime();
    if (next !== null && !over && attempt < mostStopAttempts)
      return [
        {
          type: 'ChannelStopFailed',
          data: { calendarId, channelId, problem: outcome.problem, attempt, retryAt: next },
        },
      ];
  }
  return [
    { type: 'ChannelClosed', data: { calendarId, channelId, reason, stopped: outcome?.asked === 'stop' } },
  ];
}

function proven(calendar: KeptCalendar, calendarId: string, now: Date): CalendarEvent[] {
  if (!calendar.chosen || calendar.proven || calendar.channels.length === 0) return [];
  const present = presentChannel(calendar, now);
  const renewAt = present
    ? renewalOf({ proven: true, unprovenOpenings: 0 }, present.channelId, present.opened!)
    : null;
  return [{ type: 'NotificationProven', data: { calendarId, renewAt } }];
}

const mostStopAttempts = 100;
const firstProofWithin = minutes(10);

/**
 * Somewhat before half of its life, so that there is time to try again, and spread, so that what was opened together is not renewed together.
 * A channel that nothing came through yet is replaced sooner, each time later: its `sync` may have been among those that Google loses.
 */
export function renewalOf(
  { proven, unprovenOpenings }: Pick<KeptCalendar, 'proven' | 'unprovenOpenings'>,
  channelId: string,
  { at, expiresAt }: { at: string; expiresAt: string },
): string {
  const half =
    (Math.max(0, Date.parse(expiresAt) - Date.parse(at)) / 2) * (0.8 + 0.2 * fractionOf(channelId));
  const wait = proven ? half : Math.min(half, firstProofWithin * 6 ** Math.min(unprovenOpenings, 10));
  return new Date(Date.parse(at) + wait).toISOString();
}

function fractionOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)!) % 1_000;
  return hash / 1_000;
}
