import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { consequenceOf } from './ask-for-due-work.js';

const now = new Date('2026-03-01T08:00:00.000Z');
const later = (ms: number): Date => new Date(now.getTime() + ms);
const unanswered = refused(problem('service.unavailable', { service: 'gmail' }));

it('asks again with growing delays when nobody answers, never more than a quarter of an hour apart', () => {
  const delays = [0, 1, 2, 40].map((attempts) => consequenceOf(unanswered, { attempts, everyMs: null }, now));
  expect(delays).toEqual([
    { again: later(30_000), attempts: 1 },
    { again: later(60_000), attempts: 2 },
    { again: later(120_000), attempts: 3 },
    { again: later(900_000), attempts: 41 },
  ]);
});

it('does not ask again at one moment for what failed at one moment', () => {
  const again = [0, 0.5, 1].map((luck) =>
    consequenceOf(unanswered, { attempts: 0, everyMs: null }, now, luck),
  );
  expect(again.map((each) => (each === 'over' ? null : each.again))).toEqual([
    later(24_000),
    later(27_000),
    later(30_000),
  ]);
});

it('asks again sooner when what it protects ends soon, and hurries no more once it has ended', () => {
  const delayWith = (left: number): unknown =>
    consequenceOf(unanswered, { attempts: 40, everyMs: null, deadline: later(left) }, now);
  expect(delayWith(20 * 60_000)).toEqual({ again: later(300_000), attempts: 41 });
  expect(delayWith(20_000)).toEqual({ again: later(30_000), attempts: 41 });
  expect(delayWith(-1)).toEqual({ again: later(900_000), attempts: 41 });
});

it('leaves what was answered to the events', () => {
  expect(consequenceOf(accepted({}), { attempts: 3, everyMs: null }, now)).toBe('over');
});

it('asks again after the interval for what recurs', () => {
  expect(consequenceOf(accepted({}), { attempts: 3, everyMs: 600_000 }, now)).toEqual({
    again: later(600_000),
    attempts: 0,
  });
});

it('stops asking when only a person can help', () => {
  const dead = refused(problem('mailbox.not-connected'));
  expect(consequenceOf(dead, { attempts: 0, everyMs: null }, now)).toBe('over');
});
