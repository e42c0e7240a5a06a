import type { TopicEvent, topicEvents } from '#contracts/gmail';
import type { Decider, Vocabulary } from '#event-sourcing/decider';
import type { Problem } from '#problems/problem';
import type { z } from 'zod';
import { retryAt } from '#google/retry-at';
import type { Wanted } from './plan-repairs.js';

export type Provisioned = z.infer<(typeof topicEvents)['TopicProvisioned']['data']>;

interface Failure {
  problem: Problem;
  attempt: number;
}

/** A tenant's topic with its publisher grant and push subscription. */
export type TopicState =
  | { status: 'none' }
  | { status: 'failing'; failure: Failure; before: Provisioned | null }
  | { status: 'provisioned'; provisioned: Provisioned }
  /** No mailbox needs it: nobody looks after it. */
  | { status: 'left'; before: Provisioned | null };

export interface ProvisionTopic {
  type: 'ProvisionTopic';
  /** Null with the reason when it is not even known what to provision. */
  wanted: (Wanted & { projectId: string; mode: 'key' | 'manual' }) | null;
  unknownBecause: Problem | null;
}

/** No mailbox is connected any more. */
export interface LeaveTopic {
  type: 'LeaveTopic';
}

export type Provision = Wanted & { projectId: string };

export type Provisioning =
  | { ok: true; repaired: string[]; serviceAccountEmail: string }
  | { ok: false; problem: Problem; retryAfterMs?: number };

export interface Topic extends Vocabulary {
  state: TopicState;
  command: ProvisionTopic | LeaveTopic;
  event: TopicEvent;
  effect: Provision;
  outcome: Provisioning;
}

export const topicDecider: Decider<Topic> = {
  initial: { status: 'none' },

  evolve(state, event) {
    switch (event.type) {
      case 'TopicProvisioned':
        return { status: 'provisioned', provisioned: event.data };
      case 'TopicProvisioningFailed':
        return {
          status: 'failing',
          failure: { problem: event.data.problem as Problem, attempt: event.data.attempt },
          before: provisionedOf(state),
        };
      case 'TopicLeft':
        return { status: 'left', before: provisionedOf(state) };
      default:
        throw new Error(`A topic knows no ${(event as { type: string }).type}.`);
    }
  },

  plan(_state, command) {
    if (command.type === 'LeaveTopic') return 'decide';
    const { wanted } = command;
    if (wanted === null || wanted.mode === 'manual') return 'decide';
    const { topic, subscription, endpoint, serviceAccountEmail, projectId } = wanted;
    return { perform: { topic, subscription, endpoint, serviceAccountEmail, projectId } };
  },

  decide(state, command, { now, outcome }) {
    if (command.type === 'LeaveTopic')
      return state.status === 'none' || state.status === 'left' ? [] : [{ type: 'TopicLeft', data: {} }];
    const { wanted, unknownBecause } = command;
    if (wanted === null)
      return failed(state, { problem: unknownBecause ?? { code: 'google-app.incomplete' } }, now);
    if (outcome && !outcome.ok) return failed(state, outcome, now);
    const { topic, subscription, endpoint, projectId, mode } = wanted;
    const data: Provisioned = {
      projectId,
      topic,
      subscription,
      endpoint,
      audience: endpoint,
      serviceAccountEmail: outcome?.serviceAccountEmail ?? wanted.serviceAccountEmail,
      mode,
      repaired: outcome?.repaired ?? [],
    };
    return state.status === 'provisioned' && tellsNothingNew(data, state.provisioned)
      ? []
      : [{ type: 'TopicProvisioned', data }];
  },
};

function failed(
  state: TopicState,
  failure: { problem: Problem; retryAfterMs?: number },
  now: Date,
): TopicEvent[] {
  const { problem } = failure;
  const attempt = state.status === 'failing' ? state.failure.attempt + 1 : 1;
  const next = retryAt(failure, attempt, now);
  const known = state.status === 'failing' && state.failure.problem.code === problem.code;
  // Without a next attempt of our own, only somebody's asking again leads here: the same answer is no news.
  if (known && next === null) return [];
  return [{ type: 'TopicProvisioningFailed', data: { problem, attempt, retryAt: next } }];
}

/** What was provisioned last, working or not. */
export const provisionedOf = (state: TopicState): Provisioned | null =>
  state.status === 'provisioned' ? state.provisioned : state.status === 'none' ? null : state.before;

const tellsNothingNew = (now: Provisioned, before: Provisioned): boolean =>
  now.repaired.length === 0 &&
  (Object.keys(now) as (keyof Provisioned)[]).every(
    (field) => field === 'repaired' || now[field] === before[field],
  );
