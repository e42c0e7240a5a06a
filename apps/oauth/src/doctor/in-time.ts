import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import type { TokenAnswer } from '../google-sign-in/sign-in.js';

/** So long Google's sign-in is waited for while a person waits for a verification. */
export const signInPatience = seconds(5);

/** The answer, or that none came in time; an answer that comes later is let go. */
export async function inTime(answer: Promise<TokenAnswer>, patience = signInPatience): Promise<TokenAnswer> {
  const { promise: late, resolve } = Promise.withResolvers<TokenAnswer>();
  const timer = setTimeout(
    () => resolve({ ok: false, problem: problem('google.sign-in-unavailable', { detail: 'no answer' }) }),
    patience,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
