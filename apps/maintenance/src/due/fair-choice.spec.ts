import { days, hours, minutes } from '#time/clock';
import { nextToSend, noTurns, takeTurn, type Limits, type Waiting } from './fair-choice.js';

const now = Date.parse('2026-03-01T08:00:00.000Z');
const limits: Limits = { altogether: 100, ofTenant: 100, ofProject: 100 };

interface Line extends Waiting {
  name: string;
}

const line = (name: string, tenantId: string, more: Partial<Waiting> = {}): Line => ({
  name,
  tenantId,
  projectId: null,
  dueAt: new Date(now),
  deadline: null,
  ...more,
});
const endingIn = (ms: number): Partial<Waiting> => ({ deadline: new Date(now + ms) });
const dueSince = (ms: number): Partial<Waiting> => ({ dueAt: new Date(now - ms) });

/** The names in the order in which they are sent, with nothing coming back meanwhile unless `answered` says so. */
function sent(lines: Line[], within: Partial<Limits> = {}, answered = false): string[] {
  const waiting = new Set(lines);
  const inFlight: Line[] = [];
  const turns = noTurns();
  const order: string[] = [];
  for (;;) {
    const next = nextToSend(waiting, answered ? [] : inFlight, turns, { ...limits, ...within });
    if (!next) return order;
    waiting.delete(next);
    inFlight.push(next);
    takeTurn(turns, next);
    order.push(next.name);
  }
}

describe('what is sent first', () => {
  it('is what ends first, not what was due first', () => {
    const lines = [
      line('compared since an hour', 't1', dueSince(hours(1))),
      line('ends in five days', 't1', endingIn(days(5))),
      line('ends in ten minutes', 't1', { ...endingIn(minutes(10)), ...dueSince(minutes(1)) }),
    ];
    expect(sent(lines)).toEqual(['ends in ten minutes', 'ends in five days', 'compared since an hour']);
  });

  it('is, of what protects nothing, what has been due longest', () => {
    const lines = [line('b', 't1', dueSince(minutes(2))), line('a', 't1', dueSince(minutes(9)))];
    expect(sent(lines)).toEqual(['a', 'b']);
  });

  it('is after a long time away also a comparison that Google will soon not remember', () => {
    const lines = [
      line('ends in three days', 't1', endingIn(days(3))),
      line('not compared for five days', 't1', dueSince(days(5))),
    ];
    expect(sent(lines)).toEqual(['not compared for five days', 'ends in three days']);
  });
});

describe('between tenants', () => {
  const many = (tenantId: string, count: number, more: Partial<Waiting> = {}): Line[] =>
    Array.from({ length: count }, (_, n) => line(`${tenantId}.${n}`, tenantId, more));

  it('each has a turn before one has two, however urgent its lines are', () => {
    const lines = [...many('busy', 50, endingIn(minutes(1))), line('single', 'other', dueSince(1))];
    expect(sent(lines).indexOf('single')).toBe(1);
  });

  it('the more urgent goes first within a round', () => {
    const lines = [...many('a', 2), ...many('b', 2, endingIn(hours(1)))];
    expect(sent(lines)).toEqual(['b.0', 'a.0', 'b.1', 'a.1']);
  });

  it('one that comes later neither waits for all rounds nor makes up for them', () => {
    const busy = new Set(many('busy', 40));
    const turns = noTurns();
    const send = (waiting: Set<Line>): string => {
      const next = nextToSend(waiting, [], turns, limits)!;
      waiting.delete(next);
      takeTurn(turns, next);
      return next.tenantId;
    };
    for (let n = 0; n < 20; n++) send(busy);
    const both = new Set([...busy, ...many('late', 5)]);
    expect(Array.from({ length: 6 }, () => send(both))).toEqual([
      'late',
      'busy',
      'late',
      'busy',
      'late',
      'busy',
    ]);
  });
});

describe('the limits', () => {
  const lines = [
    line('a1', 'a', { projectId: 'p' }),
    line('a2', 'a', { projectId: 'p' }),
    line('a3', 'a', { projectId: 'p' }),
    line('b1', 'b', { projectId: 'p' }),
    line('c1', 'c', { projectId: 'q' }),
    line('d1', 'd'),
  ];

  it('hold for a tenant, and let the others go on', () => {
    expect(sent(lines, { ofTenant: 1 }).sort()).toEqual(['a1', 'b1', 'c1', 'd1']);
  });

  it('hold for a project that tenants share; a tenant without one has only its own limit', () => {
    const order = sent(lines, { ofProject: 2 });
    expect(order.filter((name) => /^[ab]/.test(name)).sort()).toEqual(['a1', 'b1']);
    expect(order).toEqual(expect.arrayContaining(['c1', 'd1']));
  });

  it('hold altogether', () => {
    expect(sent(lines, { altogether: 3 })).toHaveLength(3);
  });

  it('hold nothing back once the answers are there', () => {
    expect(sent(lines, { altogether: 1, ofTenant: 1, ofProject: 1 }, true)).toHaveLength(6);
  });
});
