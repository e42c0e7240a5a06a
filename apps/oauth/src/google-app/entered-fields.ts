import { problem, type Problem } from '#problems/problem';

/** A field as it is kept, or what is wrong with it. */
export type Entered = { value: string } | { problem: Problem };

const projectId = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
// The oldest clients have no part after the project's number.
const clientId = /^\d+(?:-[a-z0-9_]+)?\.apps\.googleusercontent\.com$/;
const looksLikeClientId = /\.apps\.googleusercontent\.com$/;
const looksLikeSecret = /GOCSPX-|PRIVATE KEY/;
const serviceAccount = /^[a-z][a-z0-9-]*@([a-z][a-z0-9-]*)\.iam\.gserviceaccount\.com$/;

export const isProjectId = (value: string): boolean => projectId.test(value);

export function enteredProjectId(entered: string): Entered {
  const value = entered.trim();
  if (projectId.test(value)) return { value };
  // A secret in the wrong field is not shown back.
  const shown = looksLikeSecret.test(value) || value.length > 60 ? '…' : value;
  return {
    problem: problem(/^\d+$/.test(value) ? 'project-id.is-number' : 'project-id.malformed', { value: shown }),
  };
}

export function enteredClientId(entered: string): Entered {
  const value = entered.trim();
  if (clientId.test(value)) return { value };
  if (looksLikeSecret.test(value)) return { problem: problem('client-id.is-secret') };
  return { problem: problem(value.includes('@') ? 'client-id.is-email' : 'client-id.malformed') };
}

export function enteredClientSecret(entered: string): Entered {
  if (looksLikeClientId.test(entered.trim())) return { problem: problem('client-secret.is-client-id') };
  if (/\s/.test(entered)) return { problem: problem('client-secret.has-white-space') };
  return /^[\x21-\x7e]{20,200}$/.test(entered)
    ? { value: entered }
    : { problem: problem('client-secret.malformed') };
}

/** The account that signs pushes; of the configured project, when there is one. */
export function enteredPushServiceAccount(entered: string, configured: string | null): Entered {
  const value = entered.trim();
  const accountProject = serviceAccount.exec(value)?.[1];
  if (accountProject === undefined) return { problem: problem('push-service-account.malformed') };
  if (configured !== null && accountProject !== configured)
    return {
      problem: problem('push-service-account.other-project', { accountProject, projectId: configured }),
    };
  return { value };
}
