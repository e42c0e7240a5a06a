import { GoogleError } from '../google-error.js';

export const invalidArgument = (message: string): GoogleError =>
  new GoogleError({ code: 400, message, status: 'INVALID_ARGUMENT' });

export const failedPrecondition = (message: string, details?: Record<string, unknown>[]): GoogleError =>
  new GoogleError({ code: 400, message, status: 'FAILED_PRECONDITION', ...(details && { details }) });

export const permissionDenied = (message = 'User not authorized to perform this action.'): GoogleError =>
  new GoogleError({ code: 403, message, status: 'PERMISSION_DENIED' });

export const resourceNotFound = (name: string): GoogleError =>
  new GoogleError({
    code: 404,
    message: `Resource not found (resource=${lastSegment(name)}).`,
    status: 'NOT_FOUND',
  });

export const projectNotFound = (project: string): GoogleError =>
  new GoogleError({
    code: 404,
    message: `Requested project not found or user does not have access to it (project=${project}). Make sure to specify the unique project identifier and not the Google Cloud Console display name.`,
    status: 'NOT_FOUND',
  });

export const alreadyExists = (name: string): GoogleError =>
  new GoogleError({
    code: 409,
    message: `Resource already exists in the project (resource=${lastSegment(name)}).`,
    status: 'ALREADY_EXISTS',
  });

export const concurrentPolicyChange = (): GoogleError =>
  new GoogleError({
    code: 409,
    message:
      'There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
    status: 'ABORTED',
  });

export function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** @throws GoogleError 400 unless the last segment is a legal topic or subscription id. */
export function requireLegalName(name: string, collection: 'topics' | 'subscriptions'): void {
  const id = lastSegment(name);
  if (/^[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}$/.test(id) && !/^goog/i.test(id)) return;
  throw invalidArgument(`Invalid [${collection}] name: (name=${name})`);
}
