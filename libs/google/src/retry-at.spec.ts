import { problem, type ProblemCode } from '#problems/problem';
import { retryAt } from './retry-at.js';

const now = new Date('2026-03-01T08:00:00.000Z');
const delayOf = (code: ProblemCode, attempt: number, retryAfterMs?: number): number | null => {
  const at = retryAt(
    { problem: problem(code), ...(retryAfterMs !== undefined && { retryAfterMs }) },
    attempt,
    now,
  );
  return at === null ? null : (Date.parse(at) - now.getTime()) / 1_000;
};

it('tries again after half a minute, doubling up to a quarter of an hour', () => {
  expect([1, 2, 3, 5, 6, 20].map((attempt) => delayOf('gmail.unavailable', attempt))).toEqual([
    30, 60, 120, 480, 900, 900,
  ]);
});

it('tries what only a person can change hourly in the end', () => {
  expect(delayOf('gmail.api-disabled', 14)).toBe(900);
  expect(delayOf('gmail.api-disabled', 15)).toBe(3_600);
});

it.each([
  ['days away', 3 * 86_400, 900],
  ['an hour away', 3_600, 450],
  ['eight minutes away', 480, 60],
  ['a minute away', 60, 30],
  ['over', -60, 900],
])('tries in shorter intervals as the deadline nears: with one %s', (_, left, pause) => {
  const deadline = new Date(now.getTime() + left * 1_000).toISOString();
  const at = retryAt({ problem: problem('gmail.unavailable') }, 10, now, deadline);
  expect((Date.parse(at!) - now.getTime()) / 1_000).toBe(pause);
});

it('does not leave what only a person can change to the hour when the deadline is nearer', () => {
  const deadline = new Date(now.getTime() + 2 * 3_600_000).toISOString();
  const at = retryAt({ problem: problem('gmail.api-disabled') }, 30, now, deadline);
  expect(Date.parse(at!) - now.getTime()).toBe(15 * 60_000);
});

it('keeps to the time that Google asks for even when the deadline is near', () => {
  const deadline = new Date(now.getTime() + 60_000).toISOString();
  const at = retryAt({ problem: problem('gmail.rate-limited'), retryAfterMs: 90_000 }, 1, now, deadline);
  expect(Date.parse(at!) - now.getTime()).toBe(90_000);
});

it('never tries before the time that Google asks for', () => {
  expect(delayOf('gmail.rate-limited', 1, 90_000)).toBe(90);
});

it.each<ProblemCode>([
  'authorization.revoked',
  'authorization.missing',
  'mailbox.not-connected',
  'gmail.scope-insufficient',
  'calendar.scope-insufficient',
  'calendar.gone',
])('does not try again by itself after %s', (code) => {
  expect(delayOf(code, 1)).toBeNull();
});
