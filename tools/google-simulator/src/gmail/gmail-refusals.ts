import { GoogleError } from '../google-error.js';

export const invalidArgument = (message: string): GoogleError =>
  new GoogleError({ code: 400, message, reason: 'invalidArgument', status: 'INVALID_ARGUMENT' });

export const failedPrecondition = (message: string): GoogleError =>
  new GoogleError({ code: 400, message, reason: 'failedPrecondition', status: 'FAILED_PRECONDITION' });

export const forbidden = (message: string): GoogleError =>
  new GoogleError({ code: 403, message, reason: 'forbidden', status: 'PERMISSION_DENIED' });

export const notFound = (message = 'Requested entity was not found.'): GoogleError =>
  new GoogleError({ code: 404, message, reason: 'notFound', status: 'NOT_FOUND' });

/** Google answers an exhausted quota in either way. */
export function rateLimitExceeded(code: 403 | 429, retryAt: Date): GoogleError {
  const message = `User-rate limit exceeded.  Retry after ${retryAt.toISOString()}`;
  return code === 429
    ? new GoogleError({ code, message, reason: 'rateLimitExceeded', status: 'RESOURCE_EXHAUSTED' })
    : new GoogleError({
        code,
        message,
        reason: 'userRateLimitExceeded',
        domain: 'usageLimits',
        status: 'PERMISSION_DENIED',
      });
}
