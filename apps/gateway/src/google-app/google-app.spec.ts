import { ClearConfig, StoreConfig, type GoogleAppStatus } from '#contracts/oauth';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { stagedSecretsKey } from '#secrets/secret-keys';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

let gateway: ComposedGateway;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => gateway.services.asked.splice(0));

const product = {
  configured: true,
  missing: [],
  maskedClientId: '123-ab…yz.apps.googleusercontent.com',
  clientSecretStored: true,
  redirectUri: 'https://psa.example.com/api/auth/google/callback',
  scopes: [],
};
const status: GoogleAppStatus = {
  tenantId: 't1',
  badge: 'ready',
  projectId: 'acme-psa',
  provisioning: 'key',
  serviceAccountKeyStored: true,
  serviceAccountEmail: 'psa@acme-psa.iam.gserviceaccount.com',
  gmail: product,
  calendar: { ...product, usesSameApp: true },
  updatedAt: null,
  updatedBy: null,
};

const canaries = ['GOCSPX-canary-gmail-secret', 'GOCSPX-canary-calendar-secret', 'canary-private-key'];
const form = {
  projectId: 'acme-psa',
  provisioning: 'key',
  gmail: { clientId: '123-abc.apps.googleusercontent.com', clientSecret: canaries[0] },
  calendar: { clientId: '123-def.apps.googleusercontent.com', clientSecret: canaries[1] },
  serviceAccountKey: { type: 'service_account', private_key: canaries[2] },
};
const put = (json: unknown) => gateway.fetch('/api/google/config', { method: 'PUT', json });

const assertNothingLeaked = (text: string) => {
  for (const canary of canaries) {
    expect(text).not.toContain(canary);
    expect(gateway.log()).not.toContain(canary);
    expect(JSON.stringify(gateway.services.asked)).not.toContain(canary);
  }
};

it('hands the secrets of the form over by reference: in no message, no answer and no log', async () => {
  let taken: unknown;
  gateway.services.answer(StoreConfig, async ({ stagedSecretsId }, { tenantId }) => {
    const key = stagedSecretsKey(stagedSecretsId!);
    taken = JSON.parse((await gateway.secrets.getTenantSecret(tenantId, key))!);
    await gateway.secrets.deleteTenantSecret(tenantId, key);
    return accepted({ outcome: 'stored' as const, status });
  });
  const response = await put(form);
  expect(response.status).toBe(200);
  const text = await response.text();
  expect(JSON.parse(text)).toEqual(status);
  expect(taken).toEqual({
    gmailClientSecret: canaries[0],
    calendarClientSecret: canaries[1],
    serviceAccountKey: JSON.stringify(form.serviceAccountKey),
  });
  expect(gateway.services.asked[0]).toMatchObject({
    type: 'StoreConfig',
    data: {
      projectId: 'acme-psa',
      provisioning: 'key',
      gmailClientId: form.gmail.clientId,
      calendar: 'own',
      calendarClientId: form.calendar.clientId,
    },
  });
  assertNothingLeaked(text);
});

it('leaves no secret waiting when nobody took it', async () => {
  gateway.services.answer(StoreConfig, () => refused(problem('service.unavailable', { service: 'oauth' })));
  const response = await put(form);
  expect(response.status).toBe(503);
  expect(await gateway.secrets.listTenantSecretKeys('t1')).toEqual([]);
  assertNothingLeaked(await response.text());
});

it('names each wrong field with its remedy', async () => {
  gateway.services.answer(StoreConfig, () =>
    accepted({
      outcome: 'refused' as const,
      errors: [
        { field: 'projectId' as const, problem: problem('project-id.is-number') },
        { field: 'gmail.clientId' as const, problem: problem('client-id.is-email') },
      ],
    }),
  );
  const response = await put({ projectId: '123', gmail: { clientId: 'me@acme.example' } });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({
    code: 'google-app.refused',
    errors: [
      { field: 'projectId', code: 'project-id.is-number', remedy: expect.stringMatching(/\w/) },
      { field: 'gmail.clientId', code: 'client-id.is-email' },
    ],
  });
});

it.each([
  ['the link to Gmail’s client', { calendar: 'same' }, { calendar: 'same' }],
  ['no Calendar', { calendar: 'none' }, { calendar: 'none' }],
  ['the removal of the key', { serviceAccountKey: null }, { removeServiceAccountKey: true }],
  ['a field that was left empty as one left alone', { projectId: '', gmail: { clientSecret: '' } }, {}],
  ['who signs the pushes', { pushServiceAccount: 'x@y' }, { pushServiceAccount: 'x@y' }],
])('passes on %s without touching a secret', async (_, json, data) => {
  gateway.services.answer(StoreConfig, () => accepted({ outcome: 'stored' as const, status }));
  expect((await put(json)).status).toBe(200);
  expect(gateway.services.asked.map(({ data: sent }) => sent)).toEqual([data]);
});

it('refuses a key file that is far too large before it is kept anywhere', async () => {
  const response = await put({ serviceAccountKey: 'x'.repeat(70_000) });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [{ code: 'service-account-key.too-large' }] });
  expect(gateway.services.asked).toEqual([]);
});

it('refuses an unknown field instead of dropping it, and does not repeat its value', async () => {
  const response = await put({ gmail: { clientsecret: canaries[0] } });
  expect(response.status).toBe(400);
  const text = await response.text();
  expect(text).toContain('gmail.clientsecret');
  assertNothingLeaked(text);
});

it('removes the setup', async () => {
  gateway.services.answer(ClearConfig, () => accepted({ ...status, badge: 'not-configured' as const }));
  const response = await gateway.fetch('/api/google/config', { method: 'DELETE' });
  expect(await response.json()).toMatchObject({ badge: 'not-configured' });
});
