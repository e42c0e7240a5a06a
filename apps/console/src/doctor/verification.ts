import type { Actor } from '../api/answers.js';

export interface Check {
  id: string;
  title: string;
}

export interface CheckResult extends Check {
  result: 'pass' | 'warn' | 'fail' | 'skip';
  evidence: { asked: string; answered: string } | null;
  code: string | null;
  sentence: string | null;
  cause: 'known' | 'inferred' | null;
  actor: Actor | null;
  remedy: string | null;
  link: string | null;
  skipped: { reason: 'prerequisite' | 'unneeded' | 'unknown'; sentence: string } | null;
}

export interface Finished {
  id: string;
  finishedAt: string;
  overall: 'pass' | 'warn' | 'fail';
  counts: Record<CheckResult['result'], number>;
  checks: CheckResult[];
}

export interface Verification {
  checks: (Check | CheckResult)[];
  finished: Finished | null;
}

export type Told =
  | { event: 'plan'; data: { checks: Check[] } }
  | { event: 'check'; data: CheckResult }
  | { event: 'verification'; data: Finished };

/** The checklist after one more thing was told: planned lines become results in their places. */
export function verificationAfter(before: Verification, told: Told): Verification {
  switch (told.event) {
    case 'plan':
      return { checks: told.data.checks, finished: null };
    case 'check':
      return {
        ...before,
        checks: before.checks.map((check) => (check.id === told.data.id ? told.data : check)),
      };
    case 'verification':
      return { checks: told.data.checks, finished: told.data };
  }
}

export const isResult = (check: Check | CheckResult): check is CheckResult => 'result' in check;

/** Lines that belong together, in the order in which they come. */
export function groupsOf<Line extends Check>(checks: Line[]): { group: string; checks: Line[] }[] {
  const groups = new Map<string, Line[]>();
  for (const check of checks) {
    const group = check.id.split('.')[0]!;
    groups.set(group, [...(groups.get(group) ?? []), check]);
  }
  return [...groups].map(([group, ofGroup]) => ({ group, checks: ofGroup }));
}
