import { GoogleError } from '../google-error.js';

/** Calendar's own errors have the list of reasons and no canonical status. */
function refusal(
  code: number,
  reason: string,
  message: string,
  more: { domain?: string; parameter?: string; header?: string } = {},
): GoogleError {
  const { domain, parameter, header } = more;
  const location =
    parameter !== undefined
      ? { location: parameter, locationType: 'parameter' }
      : header !== undefined && { location: header, locationType: 'header' };
  return new GoogleError({ code, message, reason, ...(domain && { domain }), ...(location && { location }) });
}

export const invalid = (message: string, parameter?: string): GoogleError =>
  refusal(400, 'invalid', message, parameter === undefined ? {} : { parameter });
export const required = (message: string): GoogleError => refusal(400, 'required', message);
export const timeRangeEmpty = (): GoogleError =>
  refusal(400, 'timeRangeEmpty', 'The specified time range is empty.', {
    domain: 'calendar',
    parameter: 'timeMax',
  });
export const forbidden = (reason: string, message: string, domain = 'global'): GoogleError =>
  refusal(403, reason, message, { domain });
export const notACalendarUser = (): GoogleError =>
  forbidden('notACalendarUser', 'The user must be signed up for Google Calendar.', 'calendar');
export const needsWriter = (): GoogleError =>
  forbidden('requiredAccessLevel', 'You need to have writer access to this calendar.', 'calendar');
export const forbiddenForNonOrganizer = (): GoogleError =>
  forbidden(
    'forbiddenForNonOrganizer',
    'Shared properties can only be changed by the organizer of the event.',
    'calendar',
  );
export const notFound = (message = 'Not Found'): GoogleError => refusal(404, 'notFound', message);
export const duplicate = (): GoogleError =>
  refusal(409, 'duplicate', 'The requested identifier already exists.');
export const deleted = (): GoogleError => refusal(410, 'deleted', 'Resource has been deleted');
export const fullSyncRequired = (): GoogleError =>
  refusal(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', {
    domain: 'calendar',
    parameter: 'syncToken',
  });
export const updatedMinTooLongAgo = (): GoogleError =>
  refusal(410, 'updatedMinTooLongAgo', 'The requested minimum modification time lies too far in the past.', {
    domain: 'calendar',
    parameter: 'updatedMin',
  });
export const conditionNotMet = (): GoogleError =>
  refusal(412, 'conditionNotMet', 'Precondition Failed', { header: 'If-Match' });
export const unauthorizedWebhook = (address: string): GoogleError =>
  refusal(401, 'push.webhookUrlUnauthorized', `Unauthorized WebHook callback channel: ${address}`);
export const pushRefused = (reason: string, message: string): GoogleError => refusal(400, reason, message);

/** Google answers an exhausted quota in either way. */
export function rateLimitExceeded(code: 403 | 429, ofUser: boolean): GoogleError {
  return ofUser
    ? refusal(code, 'userRateLimitExceeded', 'User Rate Limit Exceeded', { domain: 'usageLimits' })
    : refusal(code, 'rateLimitExceeded', 'Rate Limit Exceeded', { domain: 'usageLimits' });
}
