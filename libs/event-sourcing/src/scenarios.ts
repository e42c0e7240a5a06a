import assert from 'node:assert/strict';
import { type Decider, fold, isRejection, type Plan, type Rejection, type Vocabulary } from './decider.js';

export interface When<V extends Vocabulary> {
  now?: Date;
  /** Google's answer; required when the plan asks for one. */
  outcome?: V['outcome'];
}

/** What a scenario's command led to. `then` looks at events only by type and data. */
export interface Outcome<V extends Vocabulary> {
  then(...events: V['event'][]): void;
  /** A string is the expected code, an object the whole rejection. */
  thenRejected(rejection: string | Rejection): void;
  /** It is to be asked of Google: nothing was decided yet. */
  thenAsks(effect: V['effect']): void;
  /** The state afterwards, for what events alone do not show. */
  thenState(state: V['state']): void;
}

const someDay = new Date('2026-03-01T08:00:00.000Z');

/**
 * Decider specs in three sentences: `given(events).when(command).then(events)`.
 * A command runs as it really does: first the plan, and the decision only when the plan comes to one.
 */
export function scenariosOf<V extends Vocabulary>(
  decider: Decider<V>,
): { given(...events: V['event'][]): { when(command: V['command'], circumstances?: When<V>): Outcome<V> } } {
  return {
    given: (...history) => ({
      when: (command, circumstances = {}) => outcomeOf(decider, history, command, circumstances),
    }),
  };
}

function outcomeOf<V extends Vocabulary>(
  decider: Decider<V>,
  history: V['event'][],
  command: V['command'],
  circumstances: When<V>,
): Outcome<V> {
  const now = circumstances.now ?? someDay;
  const before = JSON.stringify(history);
  const state = fold(decider, history);
  const plan: Plan<V['effect']> = decider.plan?.(state, command, { now }) ?? 'decide';

  const decide = (): V['event'][] | Rejection => {
    if (plan === 'done') return [];
    if (isRejection(plan)) return plan;
    const asks = plan !== 'decide';
    if (asks && !('outcome' in circumstances))
      assert.fail(
        `The plan asks for ${JSON.stringify(plan.perform)}: say its outcome, or end with thenAsks.`,
      );
    const decision = decider.decide(state, command, {
      now,
      outcome: asks ? circumstances.outcome : undefined,
    });
    assert.equal(JSON.stringify(history), before, 'The decider changed the history that it was given.');
    return decision;
  };
  const events = (): V['event'][] => {
    const decision = decide();
    if (isRejection(decision)) assert.fail(`Rejected: ${JSON.stringify(decision)}`);
    return decision;
  };

  return {
    then: (...expected) => assert.deepEqual(events(), expected),
    thenRejected: (expected) => {
      const decision = decide();
      if (!isRejection(decision)) assert.fail(`Not rejected, but decided: ${JSON.stringify(decision)}`);
      assert.deepEqual(typeof expected === 'string' ? decision.code : decision, expected);
    },
    thenAsks: (expected) => assert.deepEqual(plan, { perform: expected }),
    thenState: (expected) => assert.deepEqual(fold(decider, [...history, ...events()]), expected),
  };
}
