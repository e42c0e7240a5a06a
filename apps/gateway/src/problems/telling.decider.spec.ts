import { describeProblem, problem, type ProblemCode } from '#problems/problem';
import { hours, minutes, seconds } from '#time/clock';
import type { StatusWord } from '../status/provider-status.js';
import type { PresentProblem } from './problems-to-tell.js';
import { decideTelling, remembered, type Told } from './telling.decider.js';

const begin = Date.parse('2026-11-23T12:00:00.000Z');
const ids = (): (() => string) => {
  let count = 0;
  return () => `id-${++count}`;
};
const present = (
  code: ProblemCode,
  { calendarId = null, severity = 'error' as PresentProblem['severity'] }: Partial<PresentProblem> = {},
): PresentProblem => ({
  calendarId,
  severity,
  problem: {
    ...describeProblem(problem(code)),
    link: null,
    since: new Date(begin).toISOString(),
    nextAttemptAt: null,
  },
});

interface Looked {
  afterMs: number;
  status: StatusWord | null;
  problems: PresentProblem[];
}

/** Looks one after the other; answers what was told, as words, with the time in seconds. */
function told(looks: Looked[]): string[] {
  const newId = ids();
  let known: Told[] = [];
  let before: StatusWord | null = null;
  return looks.flatMap(({ afterMs, status, problems }) => {
    const now = new Date(begin + afterMs);
    const decision = decideTelling(known, before, { status, problems }, now, newId);
    known = decision.known;
    before = status;
    return decision.tellings.map(
      ({
        kind,
        told: {
          calendarId,
          severity,
          problem: { code },
        },
        status: change,
      }) =>
        `${afterMs / 1_000} ${kind} ${severity} ${calendarId ? `${calendarId} ` : ''}${code} ${change.before} -> ${change.after}`,
    );
  });
}

const broken = (afterMs: number, code: ProblemCode = 'gmail.api-disabled'): Looked => ({
  afterMs,
  status: 'error',
  problems: [present(code)],
});
const well = (afterMs: number): Looked => ({ afterMs, status: 'connected', problems: [] });

describe('what the host is told', () => {
  it('is once that a problem began, however often it is looked at, and once that it ended', () => {
    expect(
      told([well(0), broken(1_000), broken(2_000), broken(900_000), well(901_000), well(902_000)]),
    ).toEqual([
      '1 raised error gmail.api-disabled connected -> error',
      '901 cleared error gmail.api-disabled error -> connected',
    ]);
  });

  it('names both when one problem takes the place of another', () => {
    expect(told([broken(0), broken(1_000, 'authorization.revoked')])).toEqual([
      '0 raised error gmail.api-disabled null -> error',
      '1 cleared error gmail.api-disabled error -> error',
      '1 raised error authorization.revoked error -> error',
    ]);
  });

  it('tells calendars and severities of the same problem apart', () => {
    const one = present('calendar.gone', { calendarId: 'a' });
    const other = present('calendar.gone', { calendarId: 'b' });
    const mild = present('gmail.api-disabled', { severity: 'warning' });
    expect(
      told([
        { afterMs: 0, status: 'error', problems: [one, other, mild] },
        { afterMs: 1_000, status: 'error', problems: [other, present('gmail.api-disabled')] },
      ]),
    ).toEqual([
      '0 raised error a calendar.gone null -> error',
      '0 raised error b calendar.gone null -> error',
      '0 raised warning gmail.api-disabled null -> error',
      '1 cleared error a calendar.gone error -> error',
      '1 cleared warning gmail.api-disabled error -> error',
      '1 raised error gmail.api-disabled error -> error',
    ]);
  });

  it('is no flood when a problem comes and goes', () => {
    const day = Array.from({ length: 24 * 60 }, (_, minute) =>
      minute % 2 === 0 ? broken(minutes(minute)) : well(minutes(minute)),
    );
    const tellings = told(day);
    // At first more often, so that the end of a single trouble is told at once.
    expect(tellings.length).toBeLessThanOrEqual(4);
    expect(tellings.at(-1)).toMatch(/raised/);
  });

  it('is the end of a problem that came and went, once it stays away', () => {
    const tellings = told([
      broken(0),
      well(seconds(60)),
      broken(seconds(120)),
      well(seconds(180)),
      well(seconds(240)),
      well(seconds(300)),
      well(seconds(360)),
    ]);
    expect(tellings).toEqual([
      '0 raised error gmail.api-disabled null -> error',
      '60 cleared error gmail.api-disabled error -> connected',
      '120 raised error gmail.api-disabled connected -> error',
      '300 cleared error gmail.api-disabled connected -> connected',
    ]);
  });

  it('never keeps back for more than an hour that a problem is over', () => {
    const flaps = Array.from({ length: 40 }, (_, turn) => [
      broken(hours(2) * turn),
      well(hours(2) * turn + minutes(30)),
      well(hours(2) * turn + minutes(90)),
    ]).flat();
    expect(told(flaps).filter((line) => line.includes('cleared'))).toHaveLength(40);
  });

  it('is the end at once where somebody paused, disconnected or removed the provider', () => {
    for (const status of ['disconnected', null] as const) {
      const tellings = told([
        ...[broken(0), well(1_000), broken(2_000), well(3_000), broken(190_000)],
        { afterMs: 191_000, status, problems: [] },
      ]);
      expect(tellings.at(-1)).toBe(`191 cleared error gmail.api-disabled error -> ${status}`);
    }
  });

  it('begins anew once a problem has been away for long', () => {
    const newId = ids();
    const first = decideTelling([], null, broken(0), new Date(begin), newId);
    const over = decideTelling(first.known, 'error', well(0), new Date(begin + 1), newId);
    const later = new Date(begin + 1 + remembered);
    expect(decideTelling(over.known, 'connected', well(0), later, newId).known).toEqual([]);
    expect(decideTelling(over.known, 'connected', broken(0), later, newId).known[0]).toMatchObject({
      returns: 0,
      problemId: 'id-2',
    });
  });
});
