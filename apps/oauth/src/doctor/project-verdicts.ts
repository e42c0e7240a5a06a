import type { CheckId } from '#contracts/checks';
import { found, type Finding } from '#contracts/diagnosis';
import { inGooglesWords, isAnswered, isDisturbed, type Seen } from '#google/look';
import { problem, type ProblemCode } from '#problems/problem';

export type Api = 'gmail.googleapis.com' | 'pubsub.googleapis.com' | 'calendar-json.googleapis.com';

/** How each API is checked, and what it is called when it is off. */
export const apis: Record<Api, { check: CheckId; off: ProblemCode; disturbed: ProblemCode }> = {
  'pubsub.googleapis.com': {
    check: 'project.pubsub-api',
    off: 'pubsub.api-disabled',
    disturbed: 'pubsub.unavailable',
  },
  'gmail.googleapis.com': {
    check: 'project.gmail-api',
    off: 'gmail.api-disabled',
    disturbed: 'gmail.unavailable',
  },
  'calendar-json.googleapis.com': {
    check: 'project.calendar-api',
    off: 'calendar.api-disabled',
    disturbed: 'calendar.unavailable',
  },
};

/** What Service Usage says of an API in a project. */
export function apiFinding(api: Api, seen: Seen, projectId: string): Finding {
  const { check, off, disturbed } = apis[api];
  if (isDisturbed(seen))
    return found.fail(
      check,
      seen.asked,
      inGooglesWords(seen),
      problem(disturbed, { detail: 'its state could not be asked' }),
    );
  if (!isAnswered(seen))
    return found.unknown(
      check,
      seen.asked,
      `${inGooglesWords(seen)} The service account may not look at it; the first call to the API shows it.`,
    );
  const state = textOf(seen.body, 'state');
  if (state === 'ENABLED') return found.pass(check, seen.asked, `HTTP ${seen.status}: state ENABLED`);
  return state === 'DISABLED'
    ? found.fail(check, seen.asked, `HTTP ${seen.status}: state DISABLED`, problem(off, { projectId }))
    : found.unknown(check, seen.asked, `HTTP ${seen.status}: no state that is known`);
}

/** Whether the client's id begins with the number that Service Usage gives the project. */
export function numberFinding(clientId: string | null, seen: readonly Seen[], projectId: string): Finding {
  const check = 'project.number';
  const clientProject = /^\d+(?=-)/.exec(clientId ?? '')?.[0];
  const answered = seen.find((each) => projectNumberIn(each) !== null);
  const asked = answered?.asked ?? seen[0]?.asked ?? 'Which number has the project?';
  const projectNumber = answered ? projectNumberIn(answered) : null;
  if (clientId === null) return found.unneeded(check, 'Gmail is not used.');
  if (projectNumber === null)
    return found.unknown(
      check,
      asked,
      'The service account may not learn the project’s number. Gmail compares them when the first mailbox is connected.',
    );
  if (!clientProject)
    return found.unknown(
      check,
      asked,
      `The project has the number ${projectNumber}; the client id names none.`,
    );
  const answer = `The project has the number ${projectNumber}; the client id begins with ${clientProject}.`;
  return clientProject === projectNumber
    ? found.pass(check, asked, answer)
    : found.fail(
        check,
        asked,
        answer,
        problem('oauth-client.other-project', { clientProject, projectNumber, projectId }),
      );
}

const projectNumberIn = (seen: Seen): string | null =>
  isAnswered(seen) ? (/^projects\/(\d+)$/.exec(textOf(seen.body, 'parent'))?.[1] ?? null) : null;

/** What provisioning needs of a project, by what it is for. */
export const needed = {
  create: [
    'pubsub.topics.create',
    'pubsub.topics.get',
    'pubsub.topics.attachSubscription',
    'pubsub.subscriptions.create',
    'pubsub.subscriptions.get',
    'pubsub.subscriptions.update',
    'pubsub.subscriptions.delete',
  ],
  grant: ['pubsub.topics.getIamPolicy', 'pubsub.topics.setIamPolicy'],
} as const;

/** What Resource Manager says of the account's permissions in the project. */
export function permissionFindings(seen: Seen, projectId: string): Finding[] {
  return (['create', 'grant'] as const).map((purpose) => {
    const check = `permission.${purpose}` as const;
    const cannotTell = untold(check, seen);
    if (cannotTell) return cannotTell;
    const missing = needed[purpose].filter((permission) => !permissionsIn(seen).includes(permission));
    const code = purpose === 'create' ? 'pubsub.may-not-create' : 'pubsub.may-not-grant';
    return missing.length === 0
      ? found.pass(check, seen.asked, `HTTP ${seen.status}: it holds ${needed[purpose].join(', ')}`)
      : found.fail(
          check,
          seen.asked,
          `HTTP ${seen.status}: it does not hold ${missing.join(', ')}`,
          problem(code, { permissions: missing.join(', '), projectId }),
        );
  });
}

/** What IAM says of the account's right to sign as itself. */
export function actAsFinding(
  seen: Seen,
  { projectId, serviceAccount }: { projectId: string; serviceAccount: string },
): Finding {
  const check = 'permission.act-as';
  return (
    untold(check, seen) ??
    (permissionsIn(seen).includes(actAs)
      ? found.pass(check, seen.asked, `HTTP ${seen.status}: it holds ${actAs}`)
      : found.fail(
          check,
          seen.asked,
          `HTTP ${seen.status}: it does not hold ${actAs}`,
          problem('pubsub.act-as-missing', { serviceAccount, projectId }),
        ))
  );
}

export const actAs = 'iam.serviceAccounts.actAs';

function untold(check: CheckId, seen: Seen): Finding | null {
  if (isAnswered(seen)) return null;
  return isDisturbed(seen)
    ? found.fail(
        check,
        seen.asked,
        inGooglesWords(seen),
        problem('pubsub.unavailable', { detail: 'the permissions could not be asked' }),
      )
    : found.unknown(
        check,
        seen.asked,
        `${inGooglesWords(seen)} Whether it may, the making of topic and subscription shows.`,
      );
}

function textOf(body: unknown, name: string): string {
  const value = (body as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

function permissionsIn({ body }: Seen): string[] {
  const { permissions } = (body ?? {}) as { permissions?: unknown };
  return Array.isArray(permissions) ? permissions.map(String) : [];
}
