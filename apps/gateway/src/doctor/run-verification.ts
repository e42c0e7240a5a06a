import { randomUUID } from 'node:crypto';
import type { Configuration } from '#configuration/configuration';
import { checkIds, type CheckId } from '#contracts/checks';
import type { RequestContract } from '#contracts/contract';
import {
  DiagnoseCalendars,
  DiagnoseClients,
  DiagnoseGrant,
  DiagnoseMailbox,
  DiagnoseProject,
  DiagnosePubSub,
  type Finding,
} from '#contracts/diagnosis';
import { GetGoogleAppStatus } from '#contracts/oauth';
import type { Ask } from '#messaging/ask';
import type { Origin } from '#messaging/envelope';
import { seconds, type Clock } from '#time/clock';
import { baseUrlFinding } from './base-url.js';
import { checksOf, planOf, type Subject } from './plan.js';
import { settle } from './settle.js';
import type { CheckResult, Verification, VerificationPlan } from './verification.js';

export interface VerifyingMeans {
  ask: Ask;
  clock: Clock;
  configuration: Pick<Configuration, 'baseUrl' | 'google'>;
}

/** What is told while a verification runs: first the plan, then each check once. */
export type Told = { event: 'plan'; data: VerificationPlan } | { event: 'check'; data: CheckResult };

/** One after the other, so that all of it ends within 20 seconds. */
const patience = { status: seconds(2), first: seconds(10), second: seconds(8) };

/** Asks those who know, and tells each check as soon as it can be told. Never rejects for what others do. */
export async function runVerification(
  means: VerifyingMeans,
  subject: Subject,
  origin: Origin,
  tell: (told: Told) => void,
): Promise<Verification> {
  const { clock, configuration } = means;
  const id = randomUUID();
  const startedAt = clock.now().toISOString();
  const plan = checksOf(subject);
  tell({ event: 'plan', data: planOf(id, subject) });
  const app = await means.ask(GetGoogleAppStatus, {}, origin, { timeoutMs: patience.status });
  const projectId = app.ok ? app.value.projectId : null;
  const findings = new Map<CheckId, Finding>();
  const toldIds = new Set<CheckId>();
  const show = (complete: boolean): CheckResult[] => {
    const settled = settle(plan, { findings, projectId }, complete);
    for (const data of settled) {
      if (toldIds.has(data.id)) continue;
      toldIds.add(data.id);
      tell({ event: 'check', data });
    }
    return settled;
  };
  const take = (found: readonly Finding[]): void => {
    for (const finding of found) findings.set(finding.check, finding);
    show(false);
  };

  const { baseUrl, google } = configuration;
  take([baseUrlFinding({ baseUrl, simulated: google.simulatorUrl !== undefined })]);
  const asking = <Data>(
    contract: RequestContract<Data, { findings: Finding[] }>,
    data: Data,
    timeoutMs: number,
    first: CheckId,
  ) => askFor(means.ask, contract, data, origin, timeoutMs, first).then(take);

  const product = subject.kind === 'config' ? ('both' as const) : subject.kind;
  await Promise.all([
    asking(DiagnoseClients, { product }, patience.first, 'config.complete'),
    asking(
      DiagnoseProject,
      { product },
      patience.first,
      product === 'calendar' ? 'project.calendar-api' : 'key.accepted',
    ),
    ...(subject.kind === 'config'
      ? []
      : [
          asking(
            DiagnoseGrant,
            { providerId: subject.providerId, product: subject.kind },
            patience.first,
            'grant.alive',
          ),
        ]),
  ]);
  const sofar = settle(plan, { findings, projectId }, false);
  const stands = (check: CheckId): boolean =>
    plan.includes(check) && sofar.find(({ id }) => id === check)?.skipped?.reason !== 'prerequisite';
  await Promise.all([
    ...(stands('pubsub.rivals') ? [asking(DiagnosePubSub, {}, patience.second, 'pubsub.topic')] : []),
    ...(subject.kind === 'gmail'
      ? [
          asking(
            DiagnoseMailbox,
            { providerId: subject.providerId, askGoogle: stands('mailbox.readable') },
            patience.second,
            'mailbox.readable',
          ),
        ]
      : []),
    ...(subject.kind === 'calendar'
      ? [
          asking(
            DiagnoseCalendars,
            { providerId: subject.providerId, askGoogle: stands('calendar.readable') },
            patience.second,
            'calendar.readable',
          ),
        ]
      : []),
  ]);
  const results = show(true);
  return {
    id,
    about: subject,
    startedAt,
    finishedAt: clock.now().toISOString(),
    ...summaryOf(results),
    checks: results,
  };
}

/** Who does not answer leaves one warning, of the first thing that was asked of it. */
async function askFor<Data>(
  ask: Ask,
  contract: RequestContract<Data, { findings: Finding[] }>,
  data: Data,
  origin: Origin,
  timeoutMs: number,
  first: CheckId,
): Promise<Finding[]> {
  const reply = await ask(contract, data, origin, { timeoutMs });
  if (reply.ok) return reply.value.findings.filter(({ check }) => checkIds.includes(check));
  return [
    {
      check: first,
      result: 'warn',
      evidence: {
        asked: `The ${contract.service} service was asked to look.`,
        answered: 'It did not answer in time.',
      },
      problem: reply.problem,
    },
  ];
}

export function summaryOf(results: readonly CheckResult[]): Pick<Verification, 'overall' | 'counts'> {
  const count = (result: CheckResult['result']): number =>
    results.filter((each) => each.result === result).length;
  const counts = { pass: count('pass'), warn: count('warn'), fail: count('fail'), skip: count('skip') };
  return { overall: counts.fail > 0 ? 'fail' : counts.warn > 0 ? 'warn' : 'pass', counts };
}
