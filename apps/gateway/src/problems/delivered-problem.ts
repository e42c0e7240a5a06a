import {
  PROVIDER_PROBLEM_CLEARED,
  PROVIDER_PROBLEM_RAISED,
  toldProblem,
  type ProviderProblemChanged,
} from '#contracts/provider-problem';
import type { Delivery } from '#deliveries/outbox';
import type { Telling } from './telling.decider.js';

export interface ProviderOfProblem {
  tenantId: string;
  providerId: string;
  product: 'gmail' | 'calendar';
}

/** A change of what the status shows, as the host receives it. */
export function deliveryOf(provider: ProviderOfProblem, telling: Telling, now: Date): Delivery {
  const payload = payloadOf(provider, telling, now);
  const { tenantId, providerId } = provider;
  return {
    deliveryId: payload.deliveryId,
    tenantId,
    inOrderOf: JSON.stringify(['problems', tenantId, providerId]),
    type: payload.type,
    payload,
  };
}

function payloadOf(
  provider: ProviderOfProblem,
  { kind, told, status }: Telling,
  now: Date,
): ProviderProblemChanged {
  const { problemId, severity, calendarId, problem, absentSince } = told;
  const { since, nextAttemptAt } = problem;
  const common = {
    version: 1 as const,
    // One problem is raised once and cleared once.
    deliveryId: `${problemId}.${kind}`,
    ...provider,
    provider: 'google' as const,
    calendarId,
    problemId,
    severity,
    problem: toldProblem.parse(problem),
    since,
    at: now.toISOString(),
    status,
  };
  if (kind === 'raised') return { type: PROVIDER_PROBLEM_RAISED, ...common, nextAttemptAt };
  const endedAt = absentSince ?? now.toISOString();
  const lastedSeconds = Math.max(0, Math.round((Date.parse(endedAt) - Date.parse(since)) / 1_000));
  return { type: PROVIDER_PROBLEM_CLEARED, ...common, endedAt, lastedSeconds };
}
