import { hours, minutes, seconds } from '#time/clock';

export interface Failure {
  reason: string;
  /** Nothing but a change elsewhere will help, so there is no use in asking again soon. */
  hopeless: boolean;
}

export interface Attempts {
  /** Including the one that just failed. */
  count: number;
  /** Whether it was given up before; that is not taken back. */
  parked: boolean;
}

export interface Verdict {
  status: 'retrying' | 'parked';
  dueInMs: number;
}

/** About a minute of quick attempts. */
export const quickAttempts = 8;
const quickMs = { first: 200, longest: seconds(30) };
const parkedMs = { first: minutes(1), longest: hours(1) };

/** When to ask again, and whether to call it parked. `random` from 0 up to 1 spreads what failed together. */
export function afterFailure(failure: Failure, attempts: Attempts, random: number): Verdict {
  const jitter = 0.8 + 0.4 * random;
  const doubled = (range: { first: number; longest: number }, times: number): number =>
    Math.round(Math.min(range.first * 2 ** Math.max(0, times), range.longest) * jitter);

  const parked = failure.hopeless || attempts.parked || attempts.count > quickAttempts;
  if (!parked) return { status: 'retrying', dueInMs: doubled(quickMs, attempts.count - 1) };
  const before = attempts.count > quickAttempts ? quickAttempts : 0;
  return { status: 'parked', dueInMs: doubled(parkedMs, attempts.count - before - 1) };
}
