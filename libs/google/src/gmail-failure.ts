import { problem, type Problem } from '#problems/problem';
import type { ApiFailure } from './api-failure.js';
import { askedToWait } from './asked-to-wait.js';

export interface ExplainedFailure {
  problem: Problem;
  /** How long Google asks to be left alone. */
  retryAfterMs?: number;
}

/** What a failed call to Gmail means. The order of the rows matters: the narrow ones come first. */
export function gmailProblemOf(failure: ApiFailure, now: Date): ExplainedFailure {
  const wait = askedToWait(failure, now);
  return { problem: explained(failure), ...(wait !== null && { retryAfterMs: wait }) };
}

function explained(failure: ApiFailure): Problem {
  const { status, message, reasons, consumer } = failure;
  const because = (...names: string[]): boolean => names.some((name) => reasons.includes(name));
  if (status === null || status >= 500 || status === 408)
    return problem('gmail.unavailable', { detail: message });
  if (status === 401) return problem('gmail.unauthorized');
  if (because('dailyLimitExceeded')) return problem('gmail.daily-limit');
  if (status === 429 || because('rateLimitExceeded', 'userRateLimitExceeded', 'RATE_LIMIT_EXCEEDED'))
    return problem('gmail.rate-limited');
  if (because('accessNotConfigured', 'SERVICE_DISABLED')) {
    const projectId = consumer ?? /project (\S+?)(?=[\s.,]|$)/.exec(message)?.[1];
    return problem('gmail.api-disabled', projectId ? { projectId } : {});
  }
  if (because('insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'))
    return problem('gmail.scope-insufficient');
  if (because('domainPolicy')) return problem('gmail.domain-policy');
  return explainedByText(status, message);
}

function explainedByText(status: number, message: string): Problem {
  const expected = /Invalid topicName does not match projects\/([^/\s]+)\/topics/.exec(message);
  if (expected) return problem('gmail.topic-in-other-project', { expectedProject: expected[1]! });
  const test = /Error sending test message to Cloud Pub\/?Sub (\S+)/i.exec(message);
  if (test) {
    const topic = test[1]!.replace(/:$/, '');
    const missing = status === 404 || /resource not found/i.test(message);
    return problem(missing ? 'gmail.topic-not-found' : 'gmail.publisher-grant-missing', { topic });
  }
  if (/only one user push notification client/i.test(message)) return problem('gmail.watch-held-elsewhere');
  if (/mail service not enabled|precondition check failed/i.test(message))
    return problem('gmail.not-enabled');
  const denied = /delegation denied for (\S+)/i.exec(message);
  if (denied) return problem('gmail.delegation-denied', { address: denied[1]! });
  const label = /invalid label: (.+)/i.exec(message);
  if (label) return problem('mailbox.label-unknown', { labels: label[1]! });
  if (status === 404 || status === 410) return problem('gmail.not-found');
  return problem('gmail.refused', { detail: message });
}
