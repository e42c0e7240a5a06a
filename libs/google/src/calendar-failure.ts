import { problem, type Problem } from '#problems/problem';
import type { ApiFailure } from './api-failure.js';
import { askedToWait } from './asked-to-wait.js';
import type { ExplainedFailure } from './gmail-failure.js';

/** What was tried at Google Calendar, as far as it says more than the answer does. */
export interface CalendarAttempt {
  calendarId?: string;
  /** Where Google was asked to notify. */
  endpoint?: string;
}

/** What a failed call to Google Calendar means. The order of the rows matters: the narrow ones come first. */
export function calendarProblemOf(
  failure: ApiFailure,
  attempt: CalendarAttempt,
  now: Date,
): ExplainedFailure {
  const wait = askedToWait(failure, now);
  return { problem: explained(failure, attempt), ...(wait !== null && { retryAfterMs: wait }) };
}

/** Google refuses an address with 401 too, and then no other token would help. */
export const refusesAddress = ({ reasons, message }: ApiFailure): boolean =>
  reasons.some((reason) => /webhookUrl(Unauthorized|NotHttps)$/.test(reason)) ||
  /unauthorized webhook callback|webhook callback must be https/i.test(message);

const limits = ['rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded', 'RATE_LIMIT_EXCEEDED'];

function explained(failure: ApiFailure, { calendarId, endpoint }: CalendarAttempt): Problem {
  const { status, message, reasons, consumer } = failure;
  const because = (...names: string[]): boolean => names.some((name) => reasons.includes(name));
  if (status === null || status >= 500 || status === 408)
    return problem('calendar.unavailable', { detail: message });
  if (refusesAddress(failure)) return problem('calendar.webhook-refused', endpoint ? { endpoint } : {});
  if (because('pushNotSupportedForRequestedResource')) return problem('calendar.not-watchable');
  if (because('channelIdNotUnique')) return problem('calendar.channel-id-taken');
  if (status === 401) return problem('calendar.unauthorized');
  if (because('dailyLimitExceeded')) return problem('calendar.daily-limit');
  if (status === 429 || because(...limits)) return problem('calendar.rate-limited');
  if (because('accessNotConfigured', 'SERVICE_DISABLED')) {
    const projectId = consumer ?? /project (\S+?)(?=[\s.,]|$)/.exec(message)?.[1];
    return problem('calendar.api-disabled', projectId ? { projectId } : {});
  }
  if (because('insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'))
    return problem('calendar.scope-insufficient');
  if (because('notACalendarUser')) return problem('calendar.not-a-calendar-user');
  if (because('domainPolicy')) return problem('calendar.domain-policy');
  if (status === 410 && because('fullSyncRequired', 'updatedMinTooLongAgo'))
    return problem('calendar.sync-token-invalid', { reason: reasons[0]! });
  if (status === 410) return problem('calendar.event-gone');
  if (status === 404) return problem('calendar.gone', calendarId ? { calendarId } : {});
  return problem('calendar.refused', { detail: message });
}
