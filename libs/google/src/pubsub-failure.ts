import { problem, type Problem } from '#problems/problem';
import type { ApiFailure } from './api-failure.js';
import { askedToWait } from './asked-to-wait.js';
import type { ExplainedFailure } from './gmail-failure.js';

/** What was tried at Pub/Sub, and for whom. */
export interface PubSubAttempt {
  /** In words that complete "may not …", for example `create the topic`. */
  action: string;
  projectId: string;
  serviceAccount: string;
  /** The push address. */
  endpoint: string;
}

/** What a failed call to Pub/Sub means. The order of the rows matters: the narrow ones come first. */
export function pubsubProblemOf(failure: ApiFailure, attempt: PubSubAttempt, now: Date): ExplainedFailure {
  const wait = askedToWait(failure, now);
  return { problem: explained(failure, attempt), ...(wait !== null && { retryAfterMs: wait }) };
}

const sharingConstraints =
  /permitted customer|iam\.allowedPolicyMemberDomains|iam\.managed\.allowedPolicyMembers/;

function explained(failure: ApiFailure, attempt: PubSubAttempt): Problem {
  const { status, message, reasons, violations, consumer } = failure;
  const { action, projectId, serviceAccount, endpoint } = attempt;
  if (status === null || status >= 500 || [401, 408, 409, 429, 499].includes(status))
    return problem('pubsub.unavailable', { detail: message });
  if ([message, ...violations].some((text) => sharingConstraints.test(text)))
    return problem('pubsub.domain-restricted', { projectId });
  if (reasons.includes('SERVICE_DISABLED') || reasons.includes('accessNotConfigured'))
    return problem('pubsub.api-disabled', { projectId: consumer ?? projectId });
  if (/iam\.serviceAccounts\.actAs/.test(message))
    return problem('pubsub.act-as-missing', { serviceAccount, projectId });
  if (/project not found|project .*(was not found|does not exist|has been deleted)/i.test(message))
    return problem('pubsub.project-not-found', { projectId });
  if (status === 403) return problem('pubsub.permission-denied', { action, projectId });
  if (/invalid push endpoint/i.test(message)) return problem('pubsub.url-not-public', { endpoint });
  return problem('pubsub.refused', { action, detail: message, projectId });
}
