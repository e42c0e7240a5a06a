import {
  nothingYet,
  type Delivered,
  type Observations,
  type Sent,
  type Span,
  type Told,
} from './observations.js';
import type { Plan, PlannedFault } from './plan.js';
import { lasting, tableOf } from './table.js';
import { expectedOf, lookEvery, momentOf, verdictOn, type Verdict } from './verdict.js';

const owner = 'helpdesk@harbor-it.com';
const at = 600;

const removed: PlannedFault = { kind: 'app-removed', whom: owner, at, until: at + 480 };
const away: PlannedFault = { kind: 'nats-away', whom: 'everything', at, until: at + 20 };
const forgotten: PlannedFault = { kind: 'watch-forgotten', whom: owner, at, until: at + 60 };
const expired: PlannedFault = { kind: 'history-expired', whom: owner, at, until: at + 60 };

const planned = (...faults: PlannedFault[]): Plan => ({ seed: 1, days: 3, faults, mails: [], changes: [] });
const saw = (fault: PlannedFault, what: Partial<Observations>): Observations => ({
  ...nothingYet(),
  played: new Map([[fault, { from: fault.at, until: fault.until }]]),
  ...what,
});
const verdict = (fault: PlannedFault, what: Partial<Observations>): Verdict =>
  verdictOn(planned(fault), saw(fault, what));
const wrongIn = ({ rows }: Verdict): string[] => rows[0]!.wrong;
const sighting = (code: string, from: number, until: number | null, name = owner) => ({
  name,
  code,
  from,
  until,
});
const unconnected = (from: number, until: number | null) => ({
  name: owner,
  status: 'error',
  from,
  until,
});
const sent = (when: number, deliveredAt: number | null): Sent => ({ name: owner, at: when, deliveredAt });
const toPsa = (
  change: 'raised' | 'cleared',
  when: number,
  { problemId = 'one', severity = 'error' }: Partial<Delivered> = {},
): Delivered => ({
  ...{ name: owner, code: 'authorization.revoked', severity, change, at: when, problemId },
});
const sentences: Record<string, string> = {
  'history-expired': 'Google no longer knows the history.',
  'notification-missing': 'No notification came of what happened.',
};
const told = (type: string, when: number, because = 'history-expired'): Told => ({
  ...{ name: owner, type, at: when, sentence: sentences[because]! },
});

describe('a fault whose cause a status names', () => {
  const asPromised = {
    sightings: [sighting('authorization.revoked', at + 30, at + 485)],
    disconnections: [unconnected(at + 30, at + 490)],
    delivered: [toPsa('raised', at + 30), toPsa('cleared', at + 490)],
  };

  it.each([
    ['never', [], 'told 0 times of authorization.revoked'],
    [
      'once per attempt',
      [toPsa('raised', at + 30), toPsa('raised', at + 31, { problemId: 'two' })],
      'told 2 times of',
    ],
    ['late', [toPsa('raised', at + 100), toPsa('cleared', at + 485)], 'after 100 minutes'],
    ['of no end', [toPsa('raised', at + 30)], 'not told once that authorization.revoked is over'],
    [
      'late of the end',
      [toPsa('raised', at + 30), toPsa('cleared', at + 530)],
      '50 minutes later that authorization.revoked is over',
    ],
  ])('is wrong when the PSA was told of it %s', (_, delivered, words) => {
    expect(wrongIn(verdict(removed, { ...asPromised, delivered }))).toEqual([expect.stringContaining(words)]);
  });

  it('is as promised when it was seen and over in time', () => {
    const { rows, unexplained } = verdict(removed, asPromised);
    expect(rows[0]).toMatchObject({ seenAfter: 30, clearedAfter: 10, wrong: [] });
    expect(unexplained).toEqual([]);
  });

  it('is as promised when the PSA was told of it as a warning first', () => {
    const warning = { problemId: 'before', severity: 'warning' as const };
    const before = [toPsa('raised', at + 20, warning), toPsa('cleared', at + 30, warning)];
    const delivered = [...before, ...asPromised.delivered];
    expect(wrongIn(verdict(removed, { ...asPromised, delivered }))).toEqual([]);
  });

  it('is wrong when nothing was seen', () => {
    const [first] = wrongIn(verdict(removed, {}));
    expect(first).toBe(`${owner}: authorization.revoked was never seen`);
  });

  it('is wrong when another cause was named, and that one is unexplained', () => {
    const found = verdict(removed, { sightings: [sighting('gmail.unavailable', at + 30, at + 485)] });
    expect(wrongIn(found)[0]).toContain('authorization.revoked was never seen');
    expect(found.unexplained).toEqual([
      `${owner} said gmail.unavailable from ${momentOf(at + 30)} to ${momentOf(at + 485)}`,
    ]);
  });

  it('is wrong when it was seen late, by more than the time between two looks', () => {
    const seenAfter = (minutes: number) =>
      wrongIn(
        verdict(removed, {
          ...asPromised,
          sightings: [sighting('authorization.revoked', at + minutes, at + 485)],
        }),
      );
    expect(seenAfter(60 + lookEvery(60))).toEqual([]);
    expect(seenAfter(60 + lookEvery(60) + 1)[0]).toContain('promised within 60');
  });

  it('is wrong when its end was noticed late, or never', () => {
    const until = (end: number | null) =>
      wrongIn(verdict(removed, { ...asPromised, disconnections: [unconnected(at + 30, end)] }));
    expect(until(at + 480 + 20)[0]).toContain('its end was noticed after 20 minutes');
    expect(until(null)).toEqual([`${owner}: its end was never noticed`]);
  });

  it('is wrong when it was not played', () => {
    const found = verdictOn(planned(removed), nothingYet());
    expect(wrongIn(found)).toEqual(['it was not played']);
  });
});

describe('a fault of which nobody is to notice more than a delay', () => {
  it('is as promised when everything came in time', () => {
    const { rows } = verdict(away, { sent: [sent(at + 1, at + 21), sent(at + 10, at + 22)] });
    expect(rows[0]).toMatchObject({ seenAfter: 20, clearedAfter: 2, wrong: [] });
  });

  it('is wrong when something came late', () => {
    expect(wrongIn(verdict(away, { sent: [sent(at + 10, at + 70)] }))[0]).toContain('seen after 60 minutes');
  });

  it('is wrong when something never came', () => {
    expect(wrongIn(verdict(away, { sent: [sent(at + 10, null)] })).length).toBe(2);
  });
});

describe('a fault that a history tells of', () => {
  it('is as promised when its beginning and its end were told', () => {
    const { rows } = verdict(expired, { told: [told('GapDetected', at + 4), told('GapRecovered', at + 5)] });
    expect(rows[0]).toMatchObject({ seenAfter: 4, clearedAfter: 0, wrong: [] });
  });

  it('is wrong when only what was told before it is there', () => {
    const before = [told('GapDetected', at - 4), told('GapRecovered', at - 3)];
    expect(wrongIn(verdict(expired, { told: before })).length).toBe(2);
  });
});

describe('a watch', () => {
  const lapse = (from: number, until: number | null): Span & { name: string } => ({
    name: owner,
    from,
    until,
  });

  it('that Google forgot is over when there is another one', () => {
    const { rows, lapsed } = verdict(forgotten, {
      told: [told('GapDetected', at + 22, 'notification-missing')],
      lapses: [lapse(at, at + 63)],
    });
    expect(rows[0]).toMatchObject({ seenAfter: 22, clearedAfter: 3, wrong: [] });
    expect(lapsed).toEqual([]);
  });

  it('that ends without a fault that excuses it has lapsed', () => {
    expect(verdict(forgotten, { lapses: [lapse(at - 100, at - 90)] }).lapsed).toEqual([
      `${owner} from ${momentOf(at - 100)} to ${momentOf(at - 90)}`,
    ]);
    expect(verdict(away, { lapses: [lapse(at + 5, null)] }).lapsed).toEqual([
      `${owner} from ${momentOf(at + 5)} to the end`,
    ]);
  });
});

describe('trouble without a fault', () => {
  it('is unexplained, also at somebody whom the fault does not befall', () => {
    const other = 'billing@harbor-it.com';
    const found = verdict(removed, {
      sightings: [sighting('authorization.revoked', at + 30, at + 485, other)],
      disconnections: [unconnected(at - 300, at - 200)],
    });
    expect(found.unexplained).toHaveLength(2);
  });

  it('is unexplained when only the PSA was told of it', () => {
    const { unexplained } = verdict(removed, { delivered: [toPsa('raised', at - 300)] });
    expect(unexplained).toEqual([
      `the PSA was told of authorization.revoked of ${owner} on ${momentOf(at - 300)}`,
    ]);
  });

  it('is not that an app in Testing is said to be one', () => {
    const testing = 'support@nordlicht-systems.com';
    const { unexplained } = verdict(removed, {
      sightings: [sighting('authorization.testing-mode', 0, null, testing)],
    });
    expect(unexplained).toEqual([]);
  });
});

describe('the table', () => {
  it('sets planned against seen', () => {
    const { rows } = verdict(removed, {
      sightings: [sighting('authorization.revoked', at + 30, at + 485)],
      delivered: [toPsa('raised', at + 30), toPsa('cleared', at + 485)],
    });
    const cells = tableOf(rows).split('\n')[2]!.split('|');
    expect(cells.slice(1, -1).map((cell) => cell.trim())).toEqual([
      'The owner removes the app from the account',
      owner,
      'day 1, 10:00',
      expectedOf(removed),
      '1 h',
      '30 min',
      '5 min',
      '✓',
    ]);
  });

  it('is the same for the same seed, apart from what was measured', () => {
    const planOfTable = (after: number): string[][] =>
      tableOf(verdict(removed, { sightings: [sighting('authorization.revoked', at + after, at + 485)] }).rows)
        .split('\n')
        .map((line) => line.split('|').toSpliced(6, 2));
    expect(planOfTable(20)).toEqual(planOfTable(30));
  });

  it.each([
    [0, '0 min'],
    [59.6, '1 h'],
    [75, '1 h 15 min'],
  ])('says of %s minutes: %s', (minutes, words) => {
    expect(lasting(minutes)).toBe(words);
  });
});
