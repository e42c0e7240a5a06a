import fc from 'fast-check';
import { faultKinds, kindOf } from './fault-kinds.js';
import { leaveAlone, overAt, planOf, struckBy, type Plan, type PlannedFault } from './plan.js';

const seeds = fc.integer({ min: 0, max: 1_000_000 });
const always = (holds: (plan: Plan) => void): void =>
  fc.assert(
    fc.property(seeds, (seed) => holds(planOf(seed, 30))),
    { numRuns: 60 },
  );
const ofOne = <Item>(items: Item[], by: (item: Item) => unknown): Item[][] => [
  ...Map.groupBy(items, by).values(),
];

describe('the plan of thirty days', () => {
  it('is the same for the same seed, and another one for another', () => {
    always((plan) => expect(planOf(plan.seed, plan.days)).toEqual(plan));
    expect(planOf(1, 30)).not.toEqual({ ...planOf(2, 30), seed: 1 });
  });

  it('has every kind of fault', () => {
    always(({ faults }) =>
      expect(faults.map(({ kind }) => kind).sort()).toEqual(Object.keys(faultKinds).sort()),
    );
  });

  it('lets every fault be over before the end', () => {
    always(({ faults, days }) => {
      for (const fault of faults) expect(overAt(fault)).toBeLessThan(days * 24 * 60);
    });
  });

  it('never lets two faults befall one connection at a time', () => {
    const together = (one: PlannedFault, other: PlannedFault): boolean =>
      one !== other && one.at <= overAt(other) && other.at <= overAt(one);
    always(({ faults }) => {
      for (const fault of faults)
        for (const other of faults.filter((each) => together(fault, each)))
          expect(struckBy(fault).filter((each) => struckBy(other).includes(each))).toEqual([]);
    });
  });

  it('sends something to everybody whom a fault strikes, while it lasts', () => {
    always(({ faults, mails, changes }) => {
      for (const fault of faults)
        for (const { kind, name } of struckBy(fault)) {
          const sent =
            kind === 'mailbox'
              ? mails.filter(({ mailbox }) => mailbox === name)
              : changes.filter(({ calendar }) => calendar === name);
          expect(sent.filter(({ at }) => at >= fault.at && at < fault.until).length).toBeGreaterThan(1);
        }
    });
  });

  it('leaves a changed event alone until its change has been delivered whatever happens', () => {
    always(({ faults, changes }) => {
      for (const ofCalendar of ofOne(changes, ({ calendar }) => calendar))
        for (const [first, ...later] of ofOne(ofCalendar, ({ event }) => event)) {
          expect(first!.change).toBe('add');
          later.reduce((before, after) => {
            expect(before.change).not.toBe('delete');
            expect(after.at - before.at).toBeGreaterThanOrEqual(leaveAlone);
            return after;
          }, first!);
        }
      const longest = Math.max(...faults.map((fault) => overAt(fault) - fault.at));
      expect(longest).toBeLessThan(leaveAlone);
    });
  });

  it('ends the app in Testing when Google does, and lets nobody connect it anew before', () => {
    always(({ faults }) => {
      const end = faults.find(({ kind }) => kind === 'testing-ended')!;
      expect(end.whom).toBe('nordlicht');
      expect(Math.round(end.at / (24 * 60))).toBe(7);
    });
  });
});

describe('the plan of few days', () => {
  it('has what fits, and still lets every fault be over before the end', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 10 }), (seed, days) => {
        const { faults } = planOf(seed, days);
        for (const fault of faults) expect(overAt(fault)).toBeLessThan(days * 24 * 60);
        expect(faults.length).toBeGreaterThan(2);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is promised for each kind of fault', () => {
  it('is due before the fault is mended, unless it mends itself', () => {
    for (const name of Object.keys(faultKinds) as (keyof typeof faultKinds)[]) {
      const { shows, within, lasts } = kindOf(name);
      const byProblem = Object.values(shows).some(({ by }) => by === 'problem');
      if (byProblem) expect({ name, seenInTime: within < lasts }).toEqual({ name, seenInTime: true });
    }
  });
});
