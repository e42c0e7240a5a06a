import { hours, minutes } from '#time/clock';
import { afterFailure, quickAttempts } from './backoff.js';

const average = 0.5;

describe('trying again', () => {
  const fails = (count: number, parked = false) =>
    afterFailure({ reason: 'busy', hopeless: false }, { count, parked }, average);

  it('doubles the pause for about a minute', () => {
    expect([1, 2, 3, 4].map((count) => fails(count))).toEqual(
      [200, 400, 800, 1_600].map((dueInMs) => ({ status: 'retrying', dueInMs })),
    );
    let sum = 0;
    for (let count = 1; count <= quickAttempts; count++) sum += fails(count).dueInMs;
    expect(sum).toBeGreaterThan(45_000);
    expect(sum).toBeLessThan(90_000);
  });

  it('parks after that, at pauses that grow up to an hour', () => {
    expect(fails(quickAttempts).status).toBe('retrying');
    expect(fails(quickAttempts + 1)).toEqual({ status: 'parked', dueInMs: minutes(1) });
    expect(fails(quickAttempts + 3)).toEqual({ status: 'parked', dueInMs: minutes(4) });
    expect(fails(500)).toEqual({ status: 'parked', dueInMs: hours(1) });
  });

  it('parks at once what is hopeless, and keeps it parked', () => {
    expect(afterFailure({ reason: 'unknown', hopeless: true }, { count: 1, parked: false }, average)).toEqual(
      {
        status: 'parked',
        dueInMs: minutes(1),
      },
    );
    expect(fails(2, true)).toEqual({ status: 'parked', dueInMs: minutes(2) });
  });

  it('spreads what failed together', () => {
    const at = (random: number) =>
      afterFailure({ reason: 'busy', hopeless: false }, { count: 1, parked: false }, random).dueInMs;
    expect([at(0), at(1)]).toEqual([160, 240]);
  });
});
