import { isDeepStrictEqual } from 'node:util';
import type { MailboxEvent } from '#contracts/gmail';
import type { Plan } from '#event-sourcing/decider';
import type { Problem } from '#problems/problem';
import { hours } from '#time/clock';
import { retryAt } from '#google/retry-at';
import { isConnected, type PresentMailbox } from './mailbox-state.js';

export interface WatchCommand {
  type: 'StartWatch' | 'RenewWatch';
  /** The tenant's topic as it was provisioned last, or why there is none. */
  topic: { name: string } | { missingBecause: Problem };
  grantedAt: string | null;
  /** A watch that began before this moment is started anew. */
  since?: string;
}

export interface WatchEffect {
  ask: 'watch';
  topic: string;
  labels: string[];
  /** Another one of ours, which Gmail may still hold. */
  formerTopic: string | null;
}

export type WatchOutcome =
  | { asked: 'watch'; topic: string; historyId: string; expiresAt: string; labelIds: string[] }
  | { asked: 'failed'; problem: Problem; retryAfterMs?: number };

/** A renewal that was asked for twice is done once. */
const freshFor = hours(1);

export function planWatch(state: PresentMailbox, command: WatchCommand, now: Date): Plan<WatchEffect> {
  if (state.paused !== null) return { code: 'mailbox.paused' };
  if (!isConnected(state, command)) return { code: 'mailbox.not-connected' };
  if ('missingBecause' in command.topic) return 'decide';
  const topic = command.topic.name;
  if (isAsWanted(state, command, topic, now)) return 'done';
  const { labels } = state.settings.filter;
  const formerTopic = state.lastTopic === topic ? null : state.lastTopic;
  return { perform: { ask: 'watch', topic, labels, formerTopic } };
}

function isAsWanted(state: PresentMailbox, command: WatchCommand, topic: string, now: Date): boolean {
  if (state.status !== 'watched' || state.failure !== null || hasLapsed(state.watch.expiresAt, now))
    return false;
  const { watch, settings } = state;
  const right = watch.topic === topic && isDeepStrictEqual(watch.labels, settings.filter.labels);
  return command.type === 'StartWatch'
    ? right && watch.startedAt >= (command.since ?? '')
    : right && now.getTime() - Date.parse(watch.renewedAt) < freshFor;
}

const hasLapsed = (expiresAt: string, now: Date): boolean => Date.parse(expiresAt) <= now.getTime();

export function decideOnWatch(
  state: PresentMailbox,
  command: WatchCommand,
  { now, outcome }: { now: Date; outcome: WatchOutcome | undefined },
): MailboxEvent[] {
  if (outcome?.asked === 'watch') {
    const { topic, historyId, expiresAt, labelIds } = outcome;
    // What had lapsed, or runs through another topic, has to prove anew that it arrives.
    const goesOn =
      state.status === 'watched' &&
      state.watch.topic === topic &&
      !hasLapsed(state.watch.expiresAt, now) &&
      command.type === 'RenewWatch';
    return [
      { type: goesOn ? 'WatchRenewed' : 'WatchStarted', data: { topic, historyId, expiresAt, labelIds } },
    ];
  }
  const failure =
    outcome ?? ('missingBecause' in command.topic ? { problem: command.topic.missingBecause } : null);
  if (failure === null) return [];
  const { problem } = failure;
  const attempt = (state.failure?.attempt ?? 0) + 1;
  const next = retryAt(failure, attempt, now, state.status === 'watched' ? state.watch.expiresAt : undefined);
  // Without a next attempt of our own, only somebody's asking again leads here: the same answer is no news.
  if (next === null && state.failure?.problem.code === problem.code) return [];
  return [
    {
      type:
        command.type === 'RenewWatch' && state.status === 'watched' ? 'WatchRenewalFailed' : 'WatchFailed',
      data: { problem, attempt, retryAt: next },
    },
  ];
}
