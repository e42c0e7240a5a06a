import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#time/clock';
import { type Decider, fold, isRejection, type Rejection, type Vocabulary } from './decider.js';
import type { EventStore, NewEvent } from './event-store.js';

/** Where a command comes from; copied into the metadata of every event that it causes. */
export interface CommandOrigin {
  /** The command's own id: the causation of its events. */
  id: string;
  tenantId: string;
  correlationId: string;
  /** Who, or which timer. */
  by: string;
}

export interface CommandMeans<V extends Vocabulary> {
  store: EventStore;
  clock: Clock;
  decider: Decider<V>;
  /** Does the outside part. A failure of Google is an outcome, never thrown. Required when the decider plans any. */
  perform?: (effect: V['effect']) => Promise<V['outcome']>;
}

/** `revision` is the stream's last one afterwards; `events` is empty when everything was so already. */
export type CommandResult<Event> =
  { ok: true; events: Event[]; revision: number | 'no-stream' } | { ok: false; rejection: Rejection };

const attempts = 3;

/** The rhythm of every command: load and fold, plan, perform, decide, append; on a conflict the same again, at most three times. */
export async function handleCommand<V extends Vocabulary>(
  means: CommandMeans<V>,
  stream: string,
  command: V['command'],
  origin: CommandOrigin,
): Promise<CommandResult<V['event']>> {
  const { store, clock, decider } = means;
  const begun = clock.now();
  let performed: { effect: V['effect']; outcome: V['outcome'] } | undefined;

  for (let attempt = 1; attempt <= attempts; attempt++) {
    const history = await store.readStream(stream);
    const revision = history.at(-1)?.revision ?? 'no-stream';
    const state = fold(decider, history);

    const plan = decider.plan?.(state, command, { now: begun }) ?? 'decide';
    if (plan === 'done') return { ok: true, events: [], revision };
    if (isRejection(plan)) return { ok: false, rejection: plan };
    // After a conflict the same question is not put to Google twice: some answers (an authorization code's) are given once.
    if (plan !== 'decide' && !isDeepStrictEqual(plan.perform, performed?.effect)) {
      performed = { effect: plan.perform, outcome: await outside(means)(plan.perform) };
    }

    const now = clock.now();
    const outcome = plan === 'decide' ? undefined : performed?.outcome;
    const decision = decider.decide(state, command, { now, outcome });
    if (isRejection(decision)) return { ok: false, rejection: decision };
    if (decision.length === 0) return { ok: true, events: [], revision };

    const appended = await store.append(stream, recordable(decision, origin, now), revision);
    if (appended.ok) return { ok: true, events: decision, revision: appended.revision };
  }
  return { ok: false, rejection: { code: 'stream.busy', stream } };
}

function outside<V extends Vocabulary>(means: CommandMeans<V>): NonNullable<CommandMeans<V>['perform']> {
  if (!means.perform)
    throw new Error('The decider plans an outside part, but nothing was given to perform it.');
  return means.perform;
}

const recordable = <V extends Vocabulary>(
  events: V['event'][],
  origin: CommandOrigin,
  now: Date,
): NewEvent[] =>
  events.map(({ type, data }) => ({
    type,
    data,
    metadata: {
      id: randomUUID(),
      tenantId: origin.tenantId,
      correlationId: origin.correlationId,
      causationId: origin.id,
      at: now.toISOString(),
      by: origin.by,
    },
  }));
