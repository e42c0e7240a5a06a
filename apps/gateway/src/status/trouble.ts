import type { Problem } from '#problems/problem';

/** A step that fails, over all its attempts. Times are ISO. */
export interface Trouble {
  problem: Problem;
  /** When it began, however often it was tried since. */
  since: string;
  attempt: number;
  retryAt: string | null;
}

/** The same problem goes on; another one begins now. */
export const stillWrong = (
  before: Trouble | null,
  failure: { problem: Problem; attempt: number; retryAt: string | null },
  at: string,
): Trouble => ({
  ...failure,
  since: before && before.problem.code === failure.problem.code ? before.since : at,
});
