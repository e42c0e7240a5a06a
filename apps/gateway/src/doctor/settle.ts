import { checks, needsOf, type CheckId } from '#contracts/checks';
import type { Finding } from '#contracts/diagnosis';
import { definitionOf, describeProblem } from '#problems/problem';
import type { CheckResult } from './verification.js';

export interface Known {
  findings: ReadonlyMap<CheckId, Finding>;
  /** Completes the links into Google’s console. */
  projectId: string | null;
}

/**
 * What the findings say, as far as it can be said by now: a check counts only when all that it needs works, so one fault is named once and not
 * by everything that stands on it. Checks that still wait for an answer are left out, unless `complete`: then no further one comes.
 */
export function settle(
  plan: readonly CheckId[],
  { findings, projectId }: Known,
  complete: boolean,
): CheckResult[] {
  const settled = new Map<CheckId, { result: CheckResult; blocks: boolean }>();
  const left = new Set(plan);
  for (let progress = true; progress;) {
    progress = false;
    for (const id of left) {
      const needs = needsOf(id).filter((need) => plan.includes(need));
      const blocking = needs.find((need) => settled.get(need)?.blocks);
      const finding = findings.get(id);
      if (blocking === undefined && needs.some((need) => !settled.has(need))) continue;
      if (blocking === undefined && !finding && !complete) continue;
      settled.set(id, blocking === undefined ? judged(id, finding, projectId) : waiting(id, blocking));
      left.delete(id);
      progress = true;
    }
  }
  return plan.flatMap((id) => settled.get(id)?.result ?? []);
}

const nothingWrong = {
  evidence: null,
  code: null,
  sentence: null,
  cause: null,
  actor: null,
  remedy: null,
  link: null,
  skipped: null,
};

const line = (id: CheckId): Pick<CheckResult, 'id' | 'title'> => ({ id, title: checks[id].title });

function judged(
  id: CheckId,
  finding: Finding | undefined,
  projectId: string | null,
): { result: CheckResult; blocks: boolean } {
  if (!finding) return { result: skipped(id, 'unknown', 'Nothing was answered about it.'), blocks: false };
  switch (finding.result) {
    case 'pass':
      return {
        result: { ...nothingWrong, ...line(id), result: 'pass', evidence: finding.evidence },
        blocks: false,
      };
    case 'unneeded':
      return { result: skipped(id, 'unneeded', finding.because), blocks: false };
    case 'unknown': {
      const result = skipped(id, 'unknown', finding.evidence.answered);
      return { result: { ...result, evidence: finding.evidence }, blocks: false };
    }
    case 'warn':
    case 'fail': {
      const { code, sentence, cause, actor, remedy, link } = describeProblem({
        code: finding.problem.code,
        params: { ...(projectId && { projectId }), ...finding.problem.params },
      });
      const result = {
        ...nothingWrong,
        ...line(id),
        result: finding.result,
        evidence: finding.evidence,
        ...{ code, sentence, cause, actor, remedy, link: link ?? null },
      };
      // What could not be asked says nothing about what stands on it; a mere notice does not stop it from working.
      return { result, blocks: finding.result === 'fail' || definitionOf(code).kind === 'transient' };
    }
  }
}

const waiting = (id: CheckId, prerequisite: CheckId): { result: CheckResult; blocks: boolean } => ({
  result: skipped(
    id,
    'prerequisite',
    `“${checks[prerequisite].title}” has to be so before this can be told.`,
    prerequisite,
  ),
  blocks: true,
});

const skipped = (
  id: CheckId,
  reason: 'prerequisite' | 'unneeded' | 'unknown',
  sentence: string,
  prerequisite: CheckId | null = null,
): CheckResult => ({
  ...nothingWrong,
  ...line(id),
  result: 'skip',
  skipped: { reason, sentence, prerequisite },
});
