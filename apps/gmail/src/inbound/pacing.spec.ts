import { problem } from '#problems/problem';
import { days, hours, minutes, MovableClock, seconds } from '#time/clock';
import { searchBackTo } from './gap.js';
import { nextAttemptAfter } from './parking-backoff.js';
import { Quota } from './quota.js';
import { isToBeTold, lookAgainAfter, syncAgainAfter } from './sync-backoff.js';

const now = new Date('2026-03-20T08:00:00.000Z');
const ago = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);

describe('the search over a gap', () => {
  it('goes back to somewhat before the last sync', () => {
    expect(searchBackTo(ago(days(2)), now, { backfillDays: 14 })).toEqual({
      since: ago(days(2) + hours(1)),
      reachesLastSync: true,
    });
  });

  it('goes no further back than is allowed, and then does not reach the last sync', () => {
    expect(searchBackTo(ago(days(15)), now, { backfillDays: 14 })).toEqual({
      since: ago(days(14)),
      reachesLastSync: false,
    });
  });
});

describe('a parked message', () => {
  const inMs = (attempts: number) => {
    const next = nextAttemptAfter(attempts, now);
    return next && next.getTime() - now.getTime();
  };

  it('is tried again after growing pauses of at most a day, and in the end only by hand', () => {
    expect([1, 2, 3, 6, 7, 15].map(inMs)).toEqual([
      minutes(1),
      minutes(4),
      minutes(16),
      minutes(1_024),
      hours(24),
      hours(24),
    ]);
    expect(inMs(16)).toBeNull();
  });
});

describe('a mailbox that cannot be read', () => {
  const brief = { problem: problem('gmail.unavailable', { detail: '502' }) };
  const standing = { problem: problem('gmail.domain-policy') };

  it('is tried again soon and then less often, up to ten minutes, spread by a fifth', () => {
    expect([1, 2, 3, 20].map((failures) => syncAgainAfter(brief, failures, 0.5))).toEqual([
      seconds(2),
      seconds(4),
      seconds(8),
      minutes(10),
    ]);
    expect([syncAgainAfter(brief, 1, 0), syncAgainAfter(brief, 1, 1)]).toEqual([1_600, 2_400]);
  });

  it('is tried every quarter of a minute while one of our own services is away, however long that was', () => {
    const away = { problem: problem('service.unavailable', { service: 'oauth' }) };
    expect([1, 2, 3, 4, 20].map((failures) => syncAgainAfter(away, failures, 0.5))).toEqual([
      seconds(2),
      seconds(4),
      seconds(8),
      seconds(15),
      seconds(15),
    ]);
  });

  it('is tried seldom while somebody has to act', () => {
    expect([1, 2, 20].map((failures) => syncAgainAfter(standing, failures, 0.5))).toEqual([
      minutes(1),
      minutes(2),
      hours(1),
    ]);
  });

  it('is never tried before the time that Google tells', () => {
    expect(syncAgainAfter({ ...brief, retryAfterMs: minutes(30) }, 1, 0.5)).toBe(minutes(30));
  });

  it('is told of at once when somebody has to act, and when a passing problem does not pass', () => {
    expect([1, 2, 3].map((failures) => isToBeTold(brief.problem, failures))).toEqual([false, false, true]);
    expect(isToBeTold(standing.problem, 1)).toBe(true);
  });
});

it('a history that does not show yet what was announced is looked at ten times more', () => {
  expect([0, 1, 9, 10].map(lookAgainAfter)).toEqual([seconds(1), seconds(2), seconds(512), null]);
});

describe('the quota of a mailbox', () => {
  it('lets through no more than Gmail allows in any minute, and says when there is more', () => {
    const clock = new MovableClock();
    const fixed = { now: () => new Date(now.getTime() + moved), onMoved: clock.onMoved.bind(clock) };
    let moved = 0;
    const quota = new Quota(fixed);
    const spend = (): number => {
      let spent = 0;
      while (quota.spend('t1 p1', 20) === null) spent += 20;
      return spent;
    };
    let inFirstMinute = spend();
    for (; moved < minutes(1); moved += 500) inFirstMinute += spend();
    expect(inFirstMinute).toBeLessThanOrEqual(6_000);
    expect(inFirstMinute).toBeGreaterThan(5_000);

    const short = quota.spend('t1 p1', 200)!;
    expect(quota.spend('t1 p2', 200)).toBeNull();
    moved += short.waitMs;
    expect(quota.spend('t1 p1', 200)).toBeNull();
  });
});
