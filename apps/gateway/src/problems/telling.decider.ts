import type { ProblemSeverity } from '#contracts/provider-problem';
import { hours, minutes } from '#time/clock';
import type { ShownProblem, StatusWord } from '../status/provider-status.js';
import type { PresentProblem, ProviderView } from './problems-to-tell.js';

/** What the host was last told of one problem of a provider, under one severity. Times are ISO. */
export interface Told {
  calendarId: string | null;
  severity: ProblemSeverity;
  /** As it was when it was raised. */
  problem: ShownProblem;
  problemId: string;
  raisedAt: string;
  /** The status does not show it any more, and the host was not told yet. */
  absentSince: string | null;
  clearedAt: string | null;
  /** How often it came back soon after it was cleared. */
  returns: number;
}

export interface Telling {
  kind: 'raised' | 'cleared';
  told: Told;
  status: { before: StatusWord | null; after: StatusWord | null };
}

export interface Decision {
  /** All that is known from now on; what is long over is forgotten. */
  known: Told[];
  tellings: Telling[];
  /** When an absence will have lasted long enough to be told. */
  lookAgainAt: Date | null;
}

/** A problem that comes back within this time after it was cleared is one that comes and goes. */
export const remembered = hours(6);
const longestCalm = hours(1);

/**
 * Raised at once, cleared at once. A problem that comes and goes is cleared only after it has been away for a while, longer each time up to an hour,
 * so that it cannot flood the host; what lasts is never kept back.
 */
export const calmBeforeClearing = (returns: number): number =>
  returns === 0 ? 0 : Math.min(minutes(1) * 2 ** Math.min(returns, 10), longestCalm);

export function decideTelling(
  known: Told[],
  before: StatusWord | null,
  { status: after, problems }: ProviderView,
  now: Date,
  newId: () => string,
): Decision {
  const at = now.toISOString();
  const status = { before, after };
  // Who paused, disconnected or removed the provider did not make the problem come and go.
  const nobodyWantsIt = after === null || after === 'disconnected';
  const decision: Decision = { known: [], tellings: [], lookAgainAt: null };
  const tell = (kind: Telling['kind'], told: Told): void => {
    decision.known.push(told);
    decision.tellings.push({ kind, told, status });
  };

  for (const told of known) {
    const present = problems.find((one) => isSame(one, told));
    const isOpen = told.clearedAt === null;
    if (isOpen && present) decision.known.push({ ...told, absentSince: null });
    else if (isOpen) {
      const absentSince = told.absentSince ?? at;
      const clearAt = Date.parse(absentSince) + calmBeforeClearing(told.returns);
      if (nobodyWantsIt || clearAt <= now.getTime()) tell('cleared', { ...told, absentSince, clearedAt: at });
      else {
        decision.known.push({ ...told, absentSince });
        decision.lookAgainAt = earlier(decision.lookAgainAt, new Date(clearAt));
      }
    } else if (!present && now.getTime() - Date.parse(told.clearedAt!) < remembered)
      decision.known.push(told);
  }
  for (const present of problems) {
    const former = known.find((told) => isSame(present, told));
    if (former && former.clearedAt === null) continue;
    const soon = former && now.getTime() - Date.parse(former.clearedAt!) < remembered;
    const returns = soon ? former.returns + 1 : 0;
    tell('raised', {
      ...present,
      problemId: newId(),
      raisedAt: at,
      absentSince: null,
      clearedAt: null,
      returns,
    });
  }
  return decision;
}

const isSame = (present: PresentProblem, told: Told): boolean =>
  present.calendarId === told.calendarId &&
  present.severity === told.severity &&
  present.problem.code === told.problem.code;

export const earlier = (one: Date | null, other: Date | null): Date | null =>
  one === null || (other !== null && other < one) ? other : one;
