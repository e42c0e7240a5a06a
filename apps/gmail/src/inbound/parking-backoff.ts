import { hours, minutes } from '#time/clock';

/** After so many attempts only a person's wish tries again. With the delays below: in about nine days. */
const lastAttempt = 16;
const first = minutes(1);
const longest = hours(24);

/** When a parked message is tried again, after so many attempts; null: only by hand. */
export function nextAttemptAfter(attempts: number, now: Date): Date | null {
  if (attempts >= lastAttempt) return null;
  return new Date(now.getTime() + Math.min(first * 4 ** (attempts - 1), longest));
}
