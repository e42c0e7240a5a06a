import { kindOf, type Ending, type Sign } from './fault-kinds.js';
import type { Observations, Span } from './observations.js';
import { befalls, overAt, struckBy, type Plan, type PlannedFault } from './plan.js';
import { connections, type Connection } from './roster.js';

/** A planned fault beside what was seen of it. Times are minutes after its beginning and after its end. */
export interface Row {
  fault: PlannedFault;
  expected: string;
  seenAfter: number | null;
  clearedAfter: number | null;
  /** What is not as promised, in words. */
  wrong: string[];
}

export interface Verdict {
  rows: Row[];
  /** Trouble that was shown though nothing had been planned that explains it. */
  unexplained: string[];
  /** Watches and channels that ended though we were allowed to renew them. */
  lapsed: string[];
}

/** So much later than promised counts as in time: whoever looks comes by only now and then. */
export type Tolerance = (statedMinutes: number) => number;

/** How often somebody looks while something is awaited: often enough for what was promised, at most hourly. */
export const lookEvery: Tolerance = (statedMinutes) => Math.min(60, Math.max(1, statedMinutes / 8));

export function verdictOn(plan: Plan, seen: Observations): Verdict {
  return {
    rows: plan.faults.map((fault) => rowOf(fault, seen)),
    unexplained: unexplained(plan, seen),
    lapsed: lapsed(plan, seen),
  };
}

/** What is still to be seen of a fault that has begun: whoever looks has to come by the sooner. */
export function awaitedOf(fault: PlannedFault, seen: Observations): 'beginning' | 'end' | 'nothing' {
  if (noticed(fault, seen).some(({ at }) => at === null)) return 'beginning';
  if (seen.played.get(fault)?.until == null) return 'nothing';
  return over(fault, seen).some(({ at }) => at === null) ? 'end' : 'nothing';
}

const noticed = (fault: PlannedFault, seen: Observations) =>
  struckBy(fault).map((one) => ({ one, at: noticedAt(signOf(fault, one), one, fault, seen) }));

const over = (fault: PlannedFault, seen: Observations) =>
  struckBy(fault).map((one) => ({ one, at: overFor(kindOf(fault.kind).clears, one, fault, seen) }));

const playedSpan = (fault: PlannedFault, { played }: Observations): { from: number; ended: number } => {
  const { from, until } = played.get(fault) ?? { from: fault.at, until: fault.until };
  return { from, ended: until ?? fault.until };
};

function rowOf(fault: PlannedFault, seen: Observations): Row {
  const { within, clearsWithin, staysConnected = false } = kindOf(fault.kind);
  const { from, ended } = playedSpan(fault, seen);
  const beginnings = noticed(fault, seen);
  const ends = over(fault, seen);
  const seenAfter = latest(beginnings.map(({ at }) => at));
  const overAfter = latest(ends.map(({ at }) => (at === null ? null : Math.max(0, at - ended))));
  if (!seen.played.has(fault))
    return {
      fault,
      expected: expectedOf(fault),
      seenAfter: null,
      clearedAfter: null,
      wrong: ['it was not played'],
    };
  const wrong: string[] = [];
  for (const { one, at } of beginnings)
    if (at === null) wrong.push(`${one.name}: ${inWords(signOf(fault, one))} was never seen`);
    else if (at > within + lookEvery(within))
      wrong.push(`${one.name}: seen after ${Math.round(at)} minutes, promised within ${within}`);
  for (const { one, at } of ends)
    if (at === null) wrong.push(`${one.name}: its end was never noticed`);
    else if (at - ended > clearsWithin + lookEvery(clearsWithin))
      wrong.push(
        `${one.name}: its end was noticed after ${Math.round(at - ended)} minutes, promised within ${clearsWithin}`,
      );
  for (const one of struckBy(fault)) wrong.push(...wrongWithPsa(fault, one, seen));
  if (staysConnected)
    for (const { name, status, ...span } of seen.disconnections)
      if (befalls(fault, name) && lastsInto(span, from) && span.from <= ended)
        wrong.push(`${name}: was ${status} although it heals by itself`);
  return { fault, expected: expectedOf(fault), seenAfter, clearedAfter: overAfter, wrong };
}

/** What a person has to act on is delivered to the PSA: once as raised and once as over, however often it was tried. */
function wrongWithPsa(fault: PlannedFault, one: Connection, seen: Observations): string[] {
  const { within, clearsWithin, staysConnected } = kindOf(fault.kind);
  const sign = signOf(fault, one);
  if (sign.by !== 'problem' || staysConnected) return [];
  const { from, ended } = playedSpan(fault, seen);
  const { name } = one;
  const told = seen.delivered.filter(
    (each) => each.name === name && each.at >= from - 1 && each.at <= overAt(fault) + 60,
  );
  const raised = told.filter(({ code, change }) => code === sign.code && change === 'raised');
  const severities = new Set(raised.map(({ severity }) => severity));
  if (raised.length === 0 || raised.length !== severities.size)
    return [`${name}: the PSA was told ${raised.length} times of ${sign.code}`];
  const after = raised[0]!.at - from;
  if (after > within + lookEvery(within))
    return [`${name}: the PSA was told of ${sign.code} after ${Math.round(after)} minutes`];
  const cleared = raised.map(({ problemId }) =>
    told.filter((each) => each.change === 'cleared' && each.problemId === problemId),
  );
  if (cleared.some((each) => each.length !== 1))
    return [`${name}: the PSA was not told once that ${sign.code} is over`];
  const late = Math.max(...cleared.flat().map(({ at }) => at)) - ended;
  return late > clearsWithin + lookEvery(clearsWithin)
    ? [`${name}: the PSA was told ${Math.round(late)} minutes later that ${sign.code} is over`]
    : [];
}

const signOf = ({ kind }: PlannedFault, { kind: of }: Connection): Sign => kindOf(kind).shows[of]!;

/** Minutes after the beginning, or null when it was not noticed at all. For a delivery: how late the latest one came. */
function noticedAt(sign: Sign, { name }: Connection, fault: PlannedFault, seen: Observations): number | null {
  const { from } = playedSpan(fault, seen);
  const until = overAt(fault) + 60;
  switch (sign.by) {
    case 'problem': {
      const found = seen.sightings.find(
        (one) => one.name === name && one.code === sign.code && lastsInto(one, from) && one.from < until,
      );
      return found ? Math.max(0, found.from - from) : null;
    }
    case 'event': {
      const found = seen.told.find(
        (one) =>
          one.name === name &&
          one.type === sign.type &&
          one.at >= from &&
          one.at < until &&
          one.sentence.includes(sign.mentions ?? ''),
      );
      return found ? found.at - from : null;
    }
    case 'delivery':
      return latest(
        sentDuring(fault, name, seen).map((one) =>
          one.deliveredAt === null ? null : one.deliveredAt - one.at,
        ),
      );
  }
}

/** Minutes since the days began, or null while it is not over. */
function overFor(
  ending: Ending,
  { name }: Connection,
  fault: PlannedFault,
  seen: Observations,
): number | null {
  const { from, ended } = playedSpan(fault, seen);
  switch (ending.by) {
    case 'connected': {
      const { shows, besides = [] } = kindOf(fault.kind);
      const codes: string[] = [...besides];
      for (const sign of Object.values(shows)) if (sign.by === 'problem') codes.push(sign.code);
      const trouble = [
        ...seen.sightings.filter(({ code }) => codes.includes(code)),
        ...seen.disconnections,
      ].filter((one) => one.name === name && lastsInto(one, from) && one.from <= overAt(fault) + 60);
      return latest([ended, ...trouble.map((one) => one.until)]);
    }
    case 'event': {
      const found = seen.told.find((one) => one.name === name && one.type === ending.type && one.at >= from);
      return found?.at ?? null;
    }
    case 'watch': {
      const lapse = seen.lapses.find((one) => one.name === name && lastsInto(one, from));
      return lapse ? lapse.until : null;
    }
    case 'delivery':
      return latest([ended, ...sentDuring(fault, name, seen).map(({ deliveredAt }) => deliveredAt)]);
  }
}

const sentDuring = ({ at, until }: PlannedFault, name: string, { sent }: Observations) =>
  sent.filter((one) => one.name === name && one.at >= at && one.at < until);

/** It was there at that moment or began later. */
const lastsInto = ({ until }: Span, moment: number): boolean => until === null || until > moment;

/** Null as soon as one of them is. */
const latest = (times: (number | null)[]): number | null =>
  times.reduce<number | null>(
    (worst, time) => (worst === null || time === null ? null : Math.max(worst, time)),
    0,
  );

function unexplained({ faults }: Plan, seen: Observations): string[] {
  const during = (name: string, { from }: Span): PlannedFault[] =>
    faults.filter(
      (fault) =>
        befalls(fault, name) &&
        from >= (seen.played.get(fault)?.from ?? fault.at) - 1 &&
        from <= overAt(fault) + lookEvery(kindOf(fault.kind).clearsWithin),
    );
  const explains = ({ kind }: PlannedFault, code: string): boolean => {
    const { shows, besides = [] } = kindOf(kind);
    const codes = Object.values(shows).map((sign) => (sign.by === 'problem' ? sign.code : null));
    return codes.some((each) => each === code) || besides.some((each) => each === code);
  };
  return [
    ...seen.sightings
      .filter(({ name, code }) => !isStanding(name, code))
      .filter((one) => !during(one.name, one).some((fault) => explains(fault, one.code)))
      .map(({ name, code, from, until }) => `${name} said ${code} ${inTime({ from, until })}`),
    ...seen.delivered
      // Before the days begin everybody is being connected.
      .filter(({ name, code, change, at }) => at >= 0 && change === 'raised' && !isStanding(name, code))
      .filter(
        ({ name, code, at }) => !during(name, { from: at, until: at }).some((fault) => explains(fault, code)),
      )
      .map(({ name, code, at }) => `the PSA was told of ${code} of ${name} on ${momentOf(at)}`),
    ...seen.disconnections
      .filter((one) => during(one.name, one).length === 0)
      .map(({ name, status, from, until }) => `${name} was ${status} ${inTime({ from, until })}`),
  ];
}

/** An app in Testing is said to be one, as long as it is. */
const isStanding = (name: string, code: string): boolean =>
  code === 'authorization.testing-mode' && connections.some((one) => one.name === name && one.tenant.testing);

function lapsed({ faults }: Plan, { lapses }: Observations): string[] {
  return lapses
    .filter(
      ({ name, from }) =>
        !faults.some(
          (fault) =>
            kindOf(fault.kind).mayLapse &&
            befalls(fault, name) &&
            from >= fault.at - 1 &&
            from <= overAt(fault),
        ),
    )
    .map((lapse) => `${lapse.name} ${inTime(lapse)}`);
}

const inTime = ({ from, until }: Span): string =>
  `from ${momentOf(from)} ${until === null ? 'to the end' : `to ${momentOf(until)}`}`;

/** `day 3, 04:05` */
export function momentOf(minutes: number): string {
  const whole = Math.floor(minutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `day ${Math.floor(whole / 1_440) + 1}, ${two(Math.floor((whole % 1_440) / 60))}:${two(whole % 60)}`;
}

export function expectedOf({ kind }: Pick<PlannedFault, 'kind'>): string {
  return [...new Set(Object.values(kindOf(kind).shows).map(inWords))].join(', ');
}

function inWords(sign: Sign): string {
  switch (sign.by) {
    case 'problem':
      return sign.code;
    case 'event':
      return sign.mentions ? `${sign.type}: ${sign.mentions}` : sign.type;
    case 'delivery':
      return 'delivered all the same';
  }
}
