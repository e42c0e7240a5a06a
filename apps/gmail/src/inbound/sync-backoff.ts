import { definitionOf, type Problem } from '#problems/problem';
import { minutes, seconds } from '#time/clock';

/** A transient problem is told once it has lasted for so many attempts in a row, any other at once. */
const tellTransientAfter = 3;

export const isToBeTold = ({ code }: Problem, failures: number): boolean =>
  definitionOf(code).kind !== 'transient' || failures >= tellTransientAfter;

const transient = { first: seconds(2), longest: minutes(10) };
/** One of our own services is away: nobody is spared by waiting longer, and its mail is late. */
const ours = { first: seconds(2), longest: seconds(15) };
/** Somebody has to act first; who does so usually leads to a sync at once. */
const standing = { first: minutes(1), longest: minutes(60) };

/** `failures` in a row, this one included. `random` from 0 up to 1 spreads what failed together. */
export function syncAgainAfter(
  { problem, retryAfterMs = 0 }: { problem: Problem; retryAfterMs?: number },
  failures: number,
  random: number,
): number {
  const { first, longest } = paceOf(problem);
  const growing = Math.min(first * 2 ** Math.min(failures - 1, 30), longest);
  return Math.round(Math.max(growing * (0.8 + 0.4 * random), retryAfterMs));
}

function paceOf({ code }: Problem): typeof transient {
  if (code === 'service.unavailable') return ours;
  return definitionOf(code).kind === 'transient' ? transient : standing;
}

const looks = 10;

/**
 * When to look again for what a notification announced and the history does not show yet; null: not any more, the next
 * notification or renewal brings it.
 */
export const lookAgainAfter = (looked: number): number | null =>
  looked >= looks ? null : seconds(2 ** looked);

/**
 * Gmail sends one notification a second for a mailbox and drops the others without a word: what came right behind one, such
 * as the one that a new watch begins with, is found by looking once more.
 */
export const lookBehindAfter = seconds(1.2);
