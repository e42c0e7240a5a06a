export interface DomainEvent {
  type: string;
  data: Record<string, unknown>;
}

/**
 * What one decider speaks of, spelled out once per capability:
 * `interface Mailbox extends Vocabulary { state: MailboxState; command: MailboxCommand; … }`.
 * Without an outside part: `effect: never; outcome: undefined`.
 */
export interface Vocabulary {
  state: unknown;
  command: unknown;
  event: DomainEvent;
  /** What is to be asked of Google, as plain data. */
  effect: unknown;
  /** Google's answer, good or bad, as plain data. */
  outcome: unknown;
}

/** A command that cannot be done as things stand. The code is `<noun>.<kebab-reason>`; further fields are details for whoever asked. */
export interface Rejection {
  code: string;
  [detail: string]: unknown;
}

/** What has to happen before the decision: nothing (`decide`), nothing at all because it is so already (`done`), or an outside part. */
export type Plan<Effect> = 'decide' | 'done' | { perform: Effect } | Rejection;

/** No events mean: nothing new happened. */
export type Decision<Event> = Event[] | Rejection;

/** Pure and total: sees only its arguments, so that a replay gives the same state on every load. */
export interface Decider<V extends Vocabulary> {
  initial: V['state'];
  /** Throws on an event it does not know: a history that is half understood must not be acted on. */
  evolve(state: V['state'], event: V['event']): V['state'];
  /** Absent: there is nothing to ask outside, and every command is decided at once. */
  plan?(state: V['state'], command: V['command'], given: { now: Date }): Plan<V['effect']>;
  /** `outcome` is undefined when the plan asked for nothing. */
  decide(
    state: V['state'],
    command: V['command'],
    given: { now: Date; outcome: V['outcome'] | undefined },
  ): Decision<V['event']>;
}

export const isRejection = (value: unknown): value is Rejection =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'code' in value;

export function fold<V extends Vocabulary>(decider: Decider<V>, events: V['event'][]): V['state'] {
  return events.reduce<V['state']>((state, event) => decider.evolve(state, event), decider.initial);
}
