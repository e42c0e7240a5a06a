import { Seeded } from '../../apps/embedded/src/fixtures/seeded.js';
import { faultKinds, kindOf, type FaultKindName } from './fault-kinds.js';
import { connections, roster, type Connection } from './roster.js';

/** All times in minutes since everybody is connected. */
export interface PlannedFault {
  kind: FaultKindName;
  /** `everything`, a tenant's id, or the name of a connection. */
  whom: string;
  at: number;
  until: number;
}

export interface PlannedMail {
  at: number;
  mailbox: string;
  subject: string;
}

export interface PlannedChange {
  at: number;
  calendar: string;
  /** Counted within the calendar. */
  event: number;
  change: 'add' | 'edit' | 'delete';
}

export interface Plan {
  seed: number;
  days: number;
  /** In the order in which they begin. */
  faults: PlannedFault[];
  mails: PlannedMail[];
  changes: PlannedChange[];
}

const day = 24 * 60;
/** Everything has settled before the first fault, and after the last. */
const margin = 90;
/** Only what an event has become is delivered: so it is not changed again while something may still keep it back. */
export const leaveAlone = 3 * day;
/** The app in Testing was connected some minutes before the days begin. */
const testingEnds = 7 * day - 15;

/** The same plan for the same seed and days. Kinds of faults for which the days are too few are left out. */
export function planOf(seed: number, days: number): Plan {
  const seeded = new Seeded(seed);
  const faults = plannedFaults(seeded, days);
  const circumstances = { days, faults, hours: hoursOf(seeded, days) };
  return {
    seed,
    days,
    faults,
    mails: plannedMails(seeded, circumstances),
    changes: plannedChanges(seeded, circumstances),
  };
}

/** The connections that a fault can be seen at. */
export function struckBy({ kind, whom }: Pick<PlannedFault, 'kind' | 'whom'>): Connection[] {
  const { shows } = kindOf(kind);
  return within(whom).filter((one) => shows[one.kind] !== undefined);
}

export const befalls = ({ whom }: Pick<PlannedFault, 'whom'>, name: string): boolean =>
  within(whom).some((one) => one.name === name);

/** From its beginning until it has to be over for everybody. */
export const overAt = ({ kind, until }: PlannedFault): number => until + kindOf(kind).clearsWithin;

const within = (whom: string): Connection[] =>
  connections.filter(({ name, tenant }) => whom === 'everything' || whom === tenant.id || whom === name);

function plannedFaults(seeded: Seeded, days: number): PlannedFault[] {
  const names = Object.keys(faultKinds) as FaultKindName[];
  const planned: PlannedFault[] = [];
  // Those that have a day of their own come first, then the longest: the shorter ones fit in between.
  const inTurn = shuffled(seeded, names).sort((one, other) => urgency(other) - urgency(one));
  for (const kind of inTurn) {
    const fault = placed(seeded, kind, days, planned);
    if (fault) planned.push(fault);
  }
  return planned.sort((one, other) => one.at - other.at);
}

const isTimed = (kind: FaultKindName): boolean => kind === 'testing-ended';
const urgency = (kind: FaultKindName): number => {
  const { lasts, clearsWithin, strikes } = kindOf(kind);
  const forAll = strikes === 'google' || strikes === 'installation';
  return isTimed(kind) ? Infinity : forAll ? 1_000_000 + lasts : lasts + clearsWithin;
};

function placed(
  seeded: Seeded,
  kind: FaultKindName,
  days: number,
  planned: PlannedFault[],
): PlannedFault | null {
  const { lasts, clearsWithin } = kindOf(kind);
  const latest = days * day - lasts - clearsWithin - margin;
  const whoms = shuffled(seeded, candidates(kind));
  const at = (whom: string, minute: number): PlannedFault => ({
    kind,
    whom,
    at: minute,
    until: minute + lasts,
  });
  const fits = (fault: PlannedFault): boolean =>
    fault.at >= margin && fault.at <= latest && planned.every((other) => !meet(fault, other));
  if (isTimed(kind)) return whoms.map((whom) => at(whom, testingEnds)).find(fits) ?? null;
  if (latest < margin) return null;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const fault = at(seeded.pick(whoms), seeded.whole(margin, latest));
    if (fits(fault)) return fault;
  }
  // Where chance found no gap, the first one is taken.
  for (let minute = margin; minute <= latest; minute += 15)
    for (const whom of whoms) if (fits(at(whom, minute))) return at(whom, minute);
  return null;
}

/** What one connection suffers at a time has one cause. */
function meet(one: PlannedFault, other: PlannedFault): boolean {
  const apart = overAt(one) + margin <= other.at || overAt(other) + margin <= one.at;
  return !apart && within(one.whom).some((each) => within(other.whom).includes(each));
}

function candidates(kind: FaultKindName): string[] {
  const { strikes, onlyTenants, only } = kindOf(kind);
  const tenants = roster.filter(({ id }) => !onlyTenants || onlyTenants.includes(id));
  switch (strikes) {
    case 'google':
    case 'installation':
      return ['everything'];
    case 'tenant':
      return tenants.map(({ id }) => id);
    case 'mailbox':
    case 'calendar':
      return connections
        .filter((one) => one.kind === strikes && tenants.includes(one.tenant))
        .map(({ name }) => name)
        .filter((name) => !only || only.includes(name));
  }
}

/** When something comes in on each day: people work at the same hours, and so the clocks stop seldom. */
function hoursOf(seeded: Seeded, days: number): number[][] {
  return Array.from({ length: days }, (_, today) =>
    Array.from({ length: 6 }, () => today * day + seeded.whole(1, day - 1)),
  );
}

/** Some every day for everybody, and some while a fault lasts for those whom it strikes and right after it. */
function momentsOf(
  seeded: Seeded,
  { days, faults, hours }: Circumstances,
  of: Connection,
  [least, most]: [number, number],
): number[] {
  const moments: number[] = [];
  for (let today = 0; today < days; today += 1)
    for (let count = seeded.whole(least, most); count > 0; count -= 1)
      moments.push(seeded.pick(hours[today]!));
  for (const fault of faults.filter((each) => struckBy(each).includes(of))) {
    const span = Math.min(fault.until - fault.at, 5 * 60);
    moments.push(fault.at + 1, fault.at + seeded.whole(2, span - 1), fault.until + 2);
  }
  return moments.filter((at) => at < days * day - margin).sort((one, other) => one - other);
}

interface Circumstances {
  days: number;
  faults: PlannedFault[];
  hours: number[][];
}

function plannedMails(seeded: Seeded, circumstances: Circumstances): PlannedMail[] {
  return connections
    .filter(({ kind }) => kind === 'mailbox')
    .flatMap((of) =>
      momentsOf(seeded, circumstances, of, [1, 4]).map((at, index) => ({
        at,
        mailbox: of.name,
        subject: `${subjects[seeded.whole(0, subjects.length - 1)]!} (${index + 1})`,
      })),
    )
    .sort((one, other) => one.at - other.at);
}

const subjects = ['The printer is on fire', 'No network', 'A new colleague', 'Invoice', 'Password forgotten'];

function plannedChanges(seeded: Seeded, circumstances: Circumstances): PlannedChange[] {
  return connections
    .filter(({ kind }) => kind === 'calendar')
    .flatMap((of) => {
      const lives: { event: number; changedAt: number; edits: number }[] = [];
      let added = 0;
      return momentsOf(seeded, circumstances, of, [1, 3]).map((at): PlannedChange => {
        const old = lives.filter(({ changedAt }) => at - changedAt >= leaveAlone);
        const calendar = of.name;
        if (old.length === 0 || seeded.chance(0.4)) {
          lives.push({ event: added, changedAt: at, edits: 0 });
          return { at, calendar, event: added++, change: 'add' };
        }
        const life = seeded.pick(old);
        if (life.edits > 0 && seeded.chance(0.6)) {
          lives.splice(lives.indexOf(life), 1);
          return { at, calendar, event: life.event, change: 'delete' };
        }
        Object.assign(life, { changedAt: at, edits: life.edits + 1 });
        return { at, calendar, event: life.event, change: 'edit' };
      });
    })
    .sort((one, other) => one.at - other.at);
}

function shuffled<Item>(seeded: Seeded, items: readonly Item[]): Item[] {
  const left = [...items];
  return items.map(() => left.splice(seeded.whole(0, left.length - 1), 1)[0]!);
}
