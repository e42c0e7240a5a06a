import { z } from 'zod';
import { definitionOf, type Problem } from '#problems/problem';
import { checkId, type CheckId } from './checks.js';
import { query } from './contract.js';
import { problemShape } from './oauth.js';

const ofProvider = z.object({ providerId: z.string() });

/** What was asked and what was answered, in words for a person and a support desk. Never a secret, a token or the content of a message. */
export const evidence = z.object({ asked: z.string(), answered: z.string() });
export type Evidence = z.infer<typeof evidence>;

/**
 * What one look found.
 * `unknown`: it could not be found out, and says nothing about whether it works.
 */
export const finding = z.discriminatedUnion('result', [
  z.object({ check: checkId, result: z.literal('pass'), evidence }),
  z.object({ check: checkId, result: z.enum(['warn', 'fail']), evidence, problem: problemShape }),
  z.object({ check: checkId, result: z.literal('unknown'), evidence }),
  /** It does not apply to this setup. */
  z.object({ check: checkId, result: z.literal('unneeded'), because: z.string() }),
]);
export type Finding = z.infer<typeof finding>;

/** False where the permission is known not to work: asking with it would only record that once more. */
const askGoogle = z.boolean();

const findings = z.object({ findings: z.array(finding) });

/** Which product is verified; what only the other one needs is left out. */
export const verifiedProduct = z.enum(['gmail', 'calendar', 'both']);
export type VerifiedProduct = z.infer<typeof verifiedProduct>;

export const DiagnoseClients = query('oauth', 'DiagnoseClients', {
  summary:
    'Asks Google whether the tenant’s OAuth clients, their secrets and redirect URIs are right. Changes nothing.',
  data: z.object({ product: verifiedProduct }),
  answer: findings,
});

export const DiagnoseProject = query('oauth', 'DiagnoseProject', {
  summary:
    'Asks Google about the tenant’s service account: its key, its project, which APIs are on and what it may do. Changes nothing.',
  data: z.object({ product: verifiedProduct }),
  answer: findings,
});

export const DiagnoseGrant = query('oauth', 'DiagnoseGrant', {
  summary:
    'Asks Google whether a provider’s permission works, and compares it with what is needed. Records nothing.',
  data: ofProvider.extend({ product: z.enum(['gmail', 'calendar']) }),
  answer: findings,
  refusals: ['google-app.unreadable'],
});

export const DiagnosePubSub = query('gmail', 'DiagnosePubSub', {
  summary: 'Compares topic, publisher grant and push subscription with what is expected. Mends nothing.',
  data: z.object({}),
  answer: findings,
});

export const DiagnoseMailbox = query('gmail', 'DiagnoseMailbox', {
  summary: 'Looks at a mailbox, its watch and its first notification. Changes nothing.',
  data: ofProvider.extend({ askGoogle }),
  answer: findings,
  refusals: ['mailbox.not-found'],
});

export const DiagnoseCalendars = query('calendar', 'DiagnoseCalendars', {
  summary: 'Looks at an account’s calendars, their channels and first notifications. Changes nothing.',
  data: ofProvider.extend({ askGoogle }),
  answer: findings,
  refusals: ['calendar-provider.not-found'],
});

/** Ways to say what a look found. */
export const found = {
  pass: (check: CheckId, asked: string, answered: string): Finding => ({
    check,
    result: 'pass',
    evidence: { asked, answered },
  }),
  fail: (check: CheckId, asked: string, answered: string, problem: Problem): Finding => ({
    check,
    result: definitionOf(problem.code).kind === 'transient' ? 'warn' : 'fail',
    evidence: { asked, answered },
    problem,
  }),
  warn: (check: CheckId, asked: string, answered: string, problem: Problem): Finding => ({
    check,
    result: 'warn',
    evidence: { asked, answered },
    problem,
  }),
  unknown: (check: CheckId, asked: string, answered: string): Finding => ({
    check,
    result: 'unknown',
    evidence: { asked, answered },
  }),
  unneeded: (check: CheckId, because: string): Finding => ({ check, result: 'unneeded', because }),
};
