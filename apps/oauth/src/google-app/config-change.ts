import type { ConfigField } from '#contracts/oauth';
import { problem, type Problem } from '#problems/problem';
import { calendarAppKeys, gmailAppKeys, serviceAccountKey, type StagedSecrets } from '#secrets/secret-keys';
import type { SecretChanges } from '#secrets/secrets-provider';
import {
  enteredClientId,
  enteredClientSecret,
  enteredProjectId,
  enteredPushServiceAccount,
  type Entered,
} from './entered-fields.js';
import type { AppSnapshot } from './google-app.decider.js';
import { parseServiceAccountKey, type ServiceAccountKey } from './service-account-key.js';
import { clientOf, nothing, pushSigner, type Pair, type StoredApp } from './stored-app.js';

/** The form as it was filled in. What is left out stays as it is. */
export interface EnteredConfig extends StagedSecrets {
  projectId?: string | undefined;
  provisioning?: 'key' | 'manual' | undefined;
  gmailClientId?: string | undefined;
  calendar?: 'same' | 'own' | 'none' | undefined;
  calendarClientId?: string | undefined;
  removeServiceAccountKey?: boolean | undefined;
  pushServiceAccount?: string | undefined;
}

export interface FieldError {
  field: ConfigField;
  problem: Problem;
}

export type ConfigChange =
  { ok: true; app: StoredApp; changed: string[] } | { ok: false; errors: FieldError[] };

/** Judges all fields at once: one error per field, or the app as it is to be. */
export function changeConfig(current: StoredApp, entered: EnteredConfig): ConfigChange {
  const found = new FieldErrors();
  const projectId = found.take('projectId', entered.projectId, enteredProjectId, current.projectId);
  const gmail = pairAfter(found, 'gmail', current.gmail, entered.gmailClientId, entered.gmailClientSecret);
  const calendar = entered.calendar ?? (entered.calendarClientId ? 'own' : current.calendar);
  const ownCalendar =
    calendar === 'own'
      ? pairAfter(
          found,
          'calendar',
          current.ownCalendar,
          entered.calendarClientId,
          entered.calendarClientSecret,
        )
      : nothing;
  const app: StoredApp = {
    projectId,
    provisioning: entered.provisioning ?? current.provisioning,
    gmail,
    calendar,
    ownCalendar,
    key: keyAfter(found, projectId, current.key, entered),
    former: current.former,
    pushServiceAccount: pushServiceAccountAfter(found, projectId, current.pushServiceAccount, entered),
  };
  if (entered.calendar === 'same' && clientOf(app, 'gmail') === null)
    found.add('calendar.clientId', problem('calendar.same-app-needs-gmail'));
  return found.errors.length > 0
    ? { ok: false, errors: found.errors }
    : { ok: true, app, changed: changedFields(current, app) };
}

class FieldErrors {
  readonly errors: FieldError[] = [];

  /** Only the first of a field is kept: the others follow from it. */
  add(field: ConfigField, found: Problem): void {
    if (!this.errors.some((error) => error.field === field)) this.errors.push({ field, problem: found });
  }

  has(field: ConfigField): boolean {
    return this.errors.some((error) => error.field === field);
  }

  take<Kept extends string | null>(
    field: ConfigField,
    entered: string | undefined,
    judge: (entered: string) => Entered,
    kept: Kept,
  ): string | Kept {
    if (entered === undefined) return kept;
    const judged = judge(entered);
    if ('value' in judged) return judged.value;
    this.add(field, judged.problem);
    return kept;
  }
}

function pairAfter(
  found: FieldErrors,
  product: 'gmail' | 'calendar',
  current: Pair,
  enteredId: string | undefined,
  enteredSecret: string | undefined,
): Pair {
  const [idField, secretField] = [`${product}.clientId`, `${product}.clientSecret`] as const;
  const clientId = found.take(idField, enteredId, enteredClientId, current.clientId);
  const clientSecret = found.take(secretField, enteredSecret, enteredClientSecret, current.clientSecret);
  if (clientId !== current.clientId && enteredSecret === undefined)
    found.add(secretField, problem('client-id.without-secret'));
  if (enteredSecret !== undefined && clientId === null && !found.has(idField))
    found.add(secretField, problem('client-secret.without-id'));
  return { clientId, clientSecret };
}

function keyAfter(
  found: FieldErrors,
  projectId: string | null,
  current: ServiceAccountKey | null,
  entered: EnteredConfig,
): ServiceAccountKey | null {
  if (entered.serviceAccountKey === undefined && entered.removeServiceAccountKey) return null;
  const parsed =
    entered.serviceAccountKey === undefined ? undefined : parseServiceAccountKey(entered.serviceAccountKey);
  if (parsed?.ok === false) found.add('serviceAccountKey', parsed.problem);
  const key = parsed?.ok ? parsed.key : current;
  // Also when only the project id changes: the stored key would be the wrong one from then on.
  const touched = parsed?.ok === true || entered.projectId !== undefined;
  if (key && projectId !== null && key.project_id !== projectId && touched && !found.has('projectId')) {
    const params = { keyProject: key.project_id, projectId };
    found.add('serviceAccountKey', problem('service-account-key.other-project', params));
  }
  return key;
}

function pushServiceAccountAfter(
  found: FieldErrors,
  projectId: string | null,
  current: string | null,
  entered: EnteredConfig,
): string | null {
  const { pushServiceAccount } = entered;
  if (pushServiceAccount?.trim() === '') return null;
  const touched = pushServiceAccount !== undefined || entered.projectId !== undefined;
  const account = pushServiceAccount ?? current;
  if (account === null || !touched) return current;
  const project = found.has('projectId') ? null : projectId;
  return found.take(
    'pushServiceAccount',
    account,
    (value) => enteredPushServiceAccount(value, project),
    current,
  );
}

function changedFields(before: StoredApp, after: StoredApp): string[] {
  const changes: [string, boolean][] = [
    ['projectId', before.projectId !== after.projectId],
    ['provisioning', before.provisioning !== after.provisioning],
    ['gmailClientId', before.gmail.clientId !== after.gmail.clientId],
    ['gmailClientSecret', before.gmail.clientSecret !== after.gmail.clientSecret],
    ['calendar', before.calendar !== after.calendar],
    ['calendarClientId', before.ownCalendar.clientId !== after.ownCalendar.clientId],
    ['calendarClientSecret', before.ownCalendar.clientSecret !== after.ownCalendar.clientSecret],
    ['serviceAccountKey', JSON.stringify(before.key) !== JSON.stringify(after.key)],
    ['pushServiceAccount', before.pushServiceAccount !== after.pushServiceAccount],
  ];
  return changes.filter(([, changed]) => changed).map(([field]) => field);
}

/** What to write, under the names by which the host finds it too. What did not change is not touched. */
export function secretChanges(before: StoredApp, after: StoredApp): SecretChanges {
  const [former, wanted] = [secretsOf(before), secretsOf(after)];
  const changed = Object.entries(wanted).filter(
    ([key, value]) => value !== former[key as keyof typeof former],
  );
  // A copy of Gmail's pair that the host left would become another app when Gmail's secret is replaced.
  const noOwnPair = after.calendar === 'own' ? [] : Object.values(calendarAppKeys).map((key) => [key, null]);
  return Object.fromEntries([...changed, ...noOwnPair]);
}

const secretsOf = (app: StoredApp) => ({
  [gmailAppKeys.clientId]: app.gmail.clientId,
  [gmailAppKeys.clientSecret]: app.gmail.clientSecret,
  [gmailAppKeys.projectId]: app.projectId,
  [calendarAppKeys.clientId]: app.ownCalendar.clientId,
  [calendarAppKeys.clientSecret]: app.ownCalendar.clientSecret,
  [calendarAppKeys.projectId]: app.calendar === 'own' ? app.projectId : null,
  [serviceAccountKey]: app.key && JSON.stringify(app.key),
});

export const snapshotOf = (app: StoredApp): AppSnapshot => ({
  projectId: app.projectId,
  provisioning: app.provisioning,
  gmailClientId: app.gmail.clientId,
  calendar: app.calendar,
  calendarClientId: app.ownCalendar.clientId,
  serviceAccountEmail: pushSigner(app),
  pushServiceAccount: app.pushServiceAccount,
});
