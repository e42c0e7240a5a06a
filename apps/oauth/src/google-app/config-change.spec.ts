import type { ProblemCode } from '#problems/problem';
import { changeConfig, secretChanges, snapshotOf, type EnteredConfig } from './config-change.js';
import type { ServiceAccountKey } from './service-account-key.js';
import { nothing, type StoredApp } from './stored-app.js';

const id = (number: number, name = 'abcdefghijklmnopqrstuvwxyz012345') =>
  `${number}-${name}.apps.googleusercontent.com`;
const secret = (letter: string) => `GOCSPX-${letter.repeat(28)}`;
const key: ServiceAccountKey = {
  type: 'service_account',
  project_id: 'acme-psa',
  private_key_id: 'k1',
  private_key: 'pem',
  client_email: 'mail@acme-psa.iam.gserviceaccount.com',
  client_id: '1',
};
const empty: StoredApp = {
  projectId: null,
  provisioning: 'key',
  calendar: 'same',
  pushServiceAccount: null,
  gmail: nothing,
  ownCalendar: nothing,
  key: null,
  former: { gmail: null, calendar: null },
};
const complete: StoredApp = {
  ...empty,
  projectId: 'acme-psa',
  gmail: { clientId: id(1), clientSecret: secret('a') },
  key,
};
const errorsOf = (current: StoredApp, entered: EnteredConfig): Record<string, ProblemCode> => {
  const change = changeConfig(current, entered);
  return change.ok
    ? {}
    : Object.fromEntries(change.errors.map(({ field, problem: { code } }) => [field, code]));
};
const after = (current: StoredApp, entered: EnteredConfig) => {
  const change = changeConfig(current, entered);
  if (!change.ok) throw new Error(JSON.stringify(change.errors));
  return { ...change, secrets: secretChanges(current, change.app) };
};

describe('entering the Google app', () => {
  it('changes one field without anything being typed again', () => {
    const { app, changed, secrets } = after({ ...complete, key: null }, { projectId: ' acme-new ' });
    expect(app).toEqual({ ...complete, key: null, projectId: 'acme-new' });
    expect(changed).toEqual(['projectId']);
    expect(secrets).toEqual({
      google_project_id: 'acme-new',
      google_calendar_client_id: null,
      google_calendar_client_secret: null,
      google_calendar_project_id: null,
    });
  });

  it('takes a new secret for the same client', () => {
    const { app, changed } = after(complete, { gmailClientSecret: secret('b') });
    expect(app.gmail).toEqual({ clientId: id(1), clientSecret: secret('b') });
    expect(changed).toEqual(['gmailClientSecret']);
  });

  it('takes a new client only with its secret, and the same one without', () => {
    expect(errorsOf(complete, { gmailClientId: id(2) })).toEqual({
      'gmail.clientSecret': 'client-id.without-secret',
    });
    expect(errorsOf(complete, { gmailClientId: id(1) })).toEqual({});
    expect(after(complete, { gmailClientId: id(2), gmailClientSecret: secret('c') }).app.gmail).toEqual({
      clientId: id(2),
      clientSecret: secret('c'),
    });
  });

  it('takes no secret without a client', () => {
    expect(errorsOf(empty, { gmailClientSecret: secret('a') })).toEqual({
      'gmail.clientSecret': 'client-secret.without-id',
    });
  });

  it('says what is wrong with every field at once, one error each', () => {
    expect(
      errorsOf(empty, {
        projectId: '123456789',
        gmailClientId: 'alice@acme.example',
        gmailClientSecret: id(1),
        calendar: 'own',
        calendarClientId: secret('a'),
        calendarClientSecret: 'two words that are long enough',
        serviceAccountKey: '{"web":{}}',
        pushServiceAccount: 'alice@gmail.com',
      }),
    ).toEqual({
      projectId: 'project-id.is-number',
      'gmail.clientId': 'client-id.is-email',
      'gmail.clientSecret': 'client-secret.is-client-id',
      'calendar.clientId': 'client-id.is-secret',
      'calendar.clientSecret': 'client-secret.has-white-space',
      serviceAccountKey: 'service-account-key.is-oauth-client',
      pushServiceAccount: 'push-service-account.malformed',
    });
  });

  it.each([
    ['Acme PSA', 'project-id.malformed'],
    ['ab', 'project-id.malformed'],
    ['', 'project-id.malformed'],
    ['1234567890', 'project-id.is-number'],
  ])('refuses the project id %j', (projectId, code) => {
    expect(errorsOf(empty, { projectId })).toEqual({ projectId: code });
  });

  it('does not show a secret back that was entered as the project id', () => {
    const change = changeConfig(empty, { projectId: secret('z') });
    expect(JSON.stringify(change)).not.toContain('GOCSPX');
  });

  it.each([
    ['short', 'client-secret.malformed'],
    [`${secret('a')}\n`, 'client-secret.has-white-space'],
    ['sécret-with-an-accent-in-it', 'client-secret.malformed'],
  ])('refuses the client secret %j', (gmailClientSecret, code) => {
    expect(errorsOf(complete, { gmailClientSecret })).toEqual({ 'gmail.clientSecret': code });
  });

  it('takes old clients and old secrets', () => {
    const entered = {
      gmailClientId: '1234567890.apps.googleusercontent.com',
      gmailClientSecret: 'abcdefghijklmnopqrstuvwx',
    };
    expect(errorsOf(empty, entered)).toEqual({});
  });

  it('refuses a key of another project, also when only the project id changes', () => {
    expect(errorsOf(complete, { projectId: 'other-psa' })).toEqual({
      serviceAccountKey: 'service-account-key.other-project',
    });
    expect(errorsOf(complete, { projectId: 'other-psa', removeServiceAccountKey: true })).toEqual({});
  });

  it('refuses a signer of pushes of another project', () => {
    const pushServiceAccount = 'pusher@other-psa.iam.gserviceaccount.com';
    expect(errorsOf(complete, { provisioning: 'manual', pushServiceAccount })).toEqual({
      pushServiceAccount: 'push-service-account.other-project',
    });
  });

  it('names the signer of pushes in either way of provisioning', () => {
    expect(snapshotOf(complete).serviceAccountEmail).toBe(key.client_email);
    const pushServiceAccount = 'pusher@acme-psa.iam.gserviceaccount.com';
    const { app } = after(complete, { provisioning: 'manual', pushServiceAccount });
    expect(snapshotOf(app).serviceAccountEmail).toBe(pushServiceAccount);
    expect(snapshotOf(after(app, { pushServiceAccount: '' }).app).serviceAccountEmail).toBeNull();
  });

  it('links Calendar to Gmail’s client instead of copying it', () => {
    const own = after(complete, {
      calendar: 'own',
      calendarClientId: id(3),
      calendarClientSecret: secret('d'),
    });
    expect(own.secrets).toEqual({
      google_calendar_client_id: id(3),
      google_calendar_client_secret: secret('d'),
      google_calendar_project_id: 'acme-psa',
    });
    const same = after(own.app, { calendar: 'same' });
    expect(same.secrets).toEqual({
      google_calendar_client_id: null,
      google_calendar_client_secret: null,
      google_calendar_project_id: null,
    });
    expect(same.changed).toEqual(['calendar', 'calendarClientId', 'calendarClientSecret']);
  });

  it('cannot link Calendar to a client that is not there', () => {
    expect(errorsOf(empty, { calendar: 'same' })).toEqual({
      'calendar.clientId': 'calendar.same-app-needs-gmail',
    });
  });

  it('takes a calendar client as Calendar’s own without being told', () => {
    const { app } = after(complete, { calendarClientId: id(3), calendarClientSecret: secret('d') });
    expect(app.calendar).toBe('own');
  });

  it('changes nothing when everything is entered as it is', () => {
    const { changed, app } = after(complete, {
      projectId: 'acme-psa',
      gmailClientId: id(1),
      gmailClientSecret: secret('a'),
      calendar: 'same',
      provisioning: 'key',
    });
    expect(changed).toEqual([]);
    expect(app).toEqual(complete);
  });
});
