import { z } from 'zod';
import { checkId } from '#contracts/checks';
import { evidence } from '#contracts/diagnosis';

const instant = z.iso.datetime();

/** One line of the checklist. The fields after `evidence` are null unless something is wrong. */
export const checkResult = z.object({
  id: checkId,
  title: z.string().describe('What is hoped for.'),
  result: z
    .enum(['pass', 'warn', 'fail', 'skip'])
    .describe(
      '`warn`: works, or could not be asked at the moment; `skip`: not looked at, `skipped` says why.',
    ),
  evidence: evidence.nullable(),
  code: z.string().nullable().describe('The problem of the catalogue.'),
  sentence: z.string().nullable(),
  cause: z.enum(['known', 'inferred']).nullable(),
  actor: z.string().nullable(),
  remedy: z.string().nullable(),
  link: z.string().nullable().describe('The very page in Google’s console.'),
  skipped: z
    .object({
      reason: z.enum(['prerequisite', 'unneeded', 'unknown']),
      sentence: z.string(),
      prerequisite: checkId.nullable().describe('The check that has to pass first.'),
    })
    .nullable(),
});
export type CheckResult = z.infer<typeof checkResult>;

/** What a verification is going to look at, in its order, so that a checklist stands before anything is answered. */
export const verificationPlan = z.object({
  id: z.string(),
  checks: z.array(checkResult.pick({ id: true, title: true })),
});
export type VerificationPlan = z.infer<typeof verificationPlan>;

export const verification = z.object({
  id: z.string(),
  about: z.object({ kind: z.enum(['config', 'gmail', 'calendar']), providerId: z.string().nullable() }),
  startedAt: instant,
  finishedAt: instant,
  overall: z
    .enum(['pass', 'warn', 'fail'])
    .describe('The worst of all checks that were looked at; a skipped one does not count.'),
  counts: z.object({
    pass: z.number().int(),
    warn: z.number().int(),
    fail: z.number().int(),
    skip: z.number().int(),
  }),
  checks: z.array(checkResult),
});
export type Verification = z.infer<typeof verification>;
