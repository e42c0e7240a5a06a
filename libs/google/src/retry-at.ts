import { definitionOf, type Problem, type ProblemCode } from '#problems/problem';
import { hours, minutes, seconds } from '#time/clock';

const first = seconds(30);
const longest = minutes(15);
/** So many attempts in, about two hours, somebody has to act at Google first. */
const patientAttempts = 14;

/** A permission that lacks something comes back only when somebody connects anew; a calendar that is gone is found again by comparison. */
const endedByPeopleOnly: ProblemCode[] = [
  'gmail.scope-insufficient',
  'calendar.scope-insufficient',
  'calendar.gone',
];

/** Whether waiting alone can help. */
const mayPass = ({ code }: Problem): boolean => {
  const { kind } = definitionOf(code);
  return (
    kind !== 'dead' &&
    kind !== 'refusal' &&
    !code.startsWith('authorization.') &&
    !endedByPeopleOnly.includes(code)
  );
};

/** However much time passes between two attempts, so many more fit in before the deadline. */
const attemptsLeft = 8;

/**
 * When to try again after the given attempt (from 1): 30 s doubling to 15 min, for what only a person can change hourly later on; never
 * before Google's own wish. Null when trying again is of no use, or the regular comparison tells first.
 * @param deadline when what is being tried comes too late, as ISO: the nearer it is, the sooner the next attempt
 */
export function retryAt(
  { problem, retryAfterMs = 0 }: { problem: Problem; retryAfterMs?: number },
  attempt: number,
  now: Date,
  deadline?: string,
): string | null {
  if (!mayPass(problem)) return null;
  const persists = definitionOf(problem.code).kind !== 'transient' && attempt > patientAttempts;
  const pause = persists ? hours(1) : Math.min(first * 2 ** (attempt - 1), longest);
  const hurried = Math.min(pause, pauseBefore(deadline, now));
  return new Date(now.getTime() + Math.max(hurried, retryAfterMs)).toISOString();
}

function pauseBefore(deadline: string | undefined, now: Date): number {
  const left = deadline === undefined ? 0 : Date.parse(deadline) - now.getTime();
  return left > 0 ? Math.max(first, left / attemptsLeft) : Infinity;
}
