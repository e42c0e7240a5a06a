import type { Problem } from '#problems/problem';
import { failureOfAnswer, failureOfHttpError } from './api-failure.js';
import { calendarProblemOf } from './calendar-failure.js';

const now = new Date('2026-03-01T08:00:00.000Z');
const endpoint = 'https://psa.example.com/api/calendar/webhooks/google';

const rows: [string, number, string, string, Problem][] = [
  ['an expired token', 401, 'authError', 'Invalid Credentials', { code: 'calendar.unauthorized' }],
  [
    'an address that is not verified, although Google says 401',
    401,
    'push.webhookUrlUnauthorized',
    `Unauthorized WebHook callback channel: ${endpoint}`,
    { code: 'calendar.webhook-refused', params: { endpoint } },
  ],
  [
    'an address that is not verified, by its sentence alone',
    400,
    'badRequest',
    `Unauthorized WebHook callback channel: ${endpoint}`,
    { code: 'calendar.webhook-refused', params: { endpoint } },
  ],
  [
    'an address without HTTPS',
    400,
    'push.webhookUrlNotHttps',
    `WebHook callback must be HTTPS: ${endpoint}`,
    { code: 'calendar.webhook-refused', params: { endpoint } },
  ],
  [
    'a calendar that nobody can watch',
    400,
    'pushNotSupportedForRequestedResource',
    'Push notifications are not supported by this resource.',
    { code: 'calendar.not-watchable' },
  ],
  [
    'a channel id that is known already',
    400,
    'channelIdNotUnique',
    'Channel id c1 not unique',
    { code: 'calendar.channel-id-taken' },
  ],
  [
    'a person without Google Calendar',
    403,
    'notACalendarUser',
    'The user must be signed up for Google Calendar.',
    { code: 'calendar.not-a-calendar-user' },
  ],
  [
    'a limit of the project',
    403,
    'rateLimitExceeded',
    'Rate Limit Exceeded',
    { code: 'calendar.rate-limited' },
  ],
  ['a limit of the user', 403, 'userRateLimitExceeded', 'User Rate Limit', { code: 'calendar.rate-limited' }],
  [
    'an operational limit',
    403,
    'quotaExceeded',
    'Calendar usage limits exceeded.',
    { code: 'calendar.rate-limited' },
  ],
  ['too many requests', 429, 'rateLimitExceeded', 'Rate Limit Exceeded', { code: 'calendar.rate-limited' }],
  ['a limit of the day', 403, 'dailyLimitExceeded', 'Daily Limit', { code: 'calendar.daily-limit' }],
  [
    'an API that is off',
    403,
    'accessNotConfigured',
    'Google Calendar API has not been used in project 4711 before or it is disabled.',
    { code: 'calendar.api-disabled', params: { projectId: '4711' } },
  ],
  [
    'a missing scope',
    403,
    'insufficientPermissions',
    'Insufficient Permission',
    { code: 'calendar.scope-insufficient' },
  ],
  ['a closed domain', 403, 'domainPolicy', 'Domain policy', { code: 'calendar.domain-policy' }],
  [
    'a calendar that is not visible',
    404,
    'notFound',
    'Not Found',
    { code: 'calendar.gone', params: { calendarId: 'team@group.calendar.google.com' } },
  ],
  [
    'a sync token that lapsed',
    410,
    'fullSyncRequired',
    'Sync token is no longer valid, a full sync is required.',
    { code: 'calendar.sync-token-invalid', params: { reason: 'fullSyncRequired' } },
  ],
  [
    'a time that is too long ago',
    410,
    'updatedMinTooLongAgo',
    'The requested minimum modification time lies too far in the past.',
    { code: 'calendar.sync-token-invalid', params: { reason: 'updatedMinTooLongAgo' } },
  ],
  ['an event that is deleted', 410, 'deleted', 'Resource has been deleted', { code: 'calendar.event-gone' }],
  [
    'trouble at Google',
    503,
    'backendError',
    'Backend Error',
    { code: 'calendar.unavailable', params: { detail: 'Backend Error' } },
  ],
  [
    'anything else',
    400,
    'invalid',
    'Invalid value',
    { code: 'calendar.refused', params: { detail: 'Invalid value' } },
  ],
];

describe('a failure of Google Calendar', () => {
  it.each(rows)('names %s', (_name, status, reason, message, expected) => {
    const body = { error: { code: status, message, errors: [{ domain: 'global', reason, message }] } };
    const attempt = { calendarId: 'team@group.calendar.google.com', endpoint };
    expect(calendarProblemOf(failureOfAnswer({ status, body }), attempt, now)).toEqual({ problem: expected });
  });

  it('names an unreachable Google, and nothing of the request', () => {
    const error = { code: 'ECONNRESET', config: { headers: { authorization: 'Bearer ya29.secret' } } };
    expect(calendarProblemOf(failureOfHttpError(error), {}, now)).toEqual({
      problem: { code: 'calendar.unavailable', params: { detail: 'ECONNRESET' } },
    });
  });

  it('waits as long as Google asks for', () => {
    const failure = failureOfAnswer({ status: 429, body: {}, retryAfter: '7' });
    expect(calendarProblemOf(failure, {}, now).retryAfterMs).toBe(7_000);
  });
});
