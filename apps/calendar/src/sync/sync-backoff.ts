import { definitionOf, type Problem } from '#problems/problem';
import { minutes, seconds } from '#time/clock';

/** A transient problem is told once it has lasted for so many attempts in a row, any other at once. */
const tellTransientAfter = 3;

export const isToBeTold = ({ code }: Problem, failures: number): boolean =>
  definitionOf(code).kind !== 'transient' || failures >= tellTransientAfter;

const transient = { first: seconds(2), longest: minutes(10) };
/** Somebody has to act first; who does so usually leads to a sync at once. */
const standing = { first: minutes(1), longest: minutes(60) };

/** `failures` in a row, this one included. `random` from 0 up to 1 spreads what failed together. */
export function syncAgainAfter(
  { problem, retryAfterMs = 0 }: { problem: Problem; retryAfterMs?: number },
  failures: number,
  random: number,
): number {
  const { first, longest } = definitionOf(problem.code).kind === 'transient' ? transient : standing;
  const growing = Math.min(first * 2 ** Math.min(failures - 1, 30), longest);
  return Math.round(Math.max(growing * (0.8 + 0.4 * random), retryAfterMs));
}
