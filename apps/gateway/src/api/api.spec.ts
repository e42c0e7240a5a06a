import { jetstreamManager } from '@nats-io/jetstream';
import { SignJWT } from 'jose';
import { ClearConfig, GetGoogleAppStatus, type GoogleAppStatus } from '#contracts/oauth';
import { AddMailbox } from '#contracts/gmail';
import { ACTIVITY } from '#deliveries/streams';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

let gateway: ComposedGateway;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway?.close());

const product = {
  configured: false,
  missing: [],
  maskedClientId: null,
  clientSecretStored: false,
  redirectUri: 'https://psa.example.com/api/auth/google/callback',
  scopes: [],
};
const statusOf = (tenantId: string): GoogleAppStatus => ({
  tenantId,
  badge: 'not-configured',
  projectId: null,
  provisioning: 'key',
  serviceAccountKeyStored: false,
  serviceAccountEmail: null,
  gmail: product,
  calendar: { ...product, usesSameApp: false },
  updatedAt: null,
  updatedBy: null,
});

const body = async (response: Response) => (await response.json()) as Record<string, unknown>;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

const signed = (claims: Record<string, unknown>, secret = 'the host’s shared secret, long enough') =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;
const good = () => ({ tenant: 't1', sub: 'u1', permissions: ['system_settings:read'], exp: inAnHour() });

describe('a caller', () => {
  const strangers: [string, () => Promise<string>][] = [
    ['somebody else’s signature', () => signed(good(), 'somebody else’s secret, as long as ours')],
    ['an end in the past', () => signed({ ...good(), exp: inAnHour() - 3_700 })],
    ['no end', () => signed({ ...good(), exp: undefined })],
    ['no tenant', () => signed({ ...good(), tenant: undefined })],
    ['a tenant that is a path', () => signed({ ...good(), tenant: '../t1' })],
    ['no user', () => signed({ ...good(), sub: undefined })],
    [
      'no signature',
      () =>
        Promise.resolve(
          `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(good())).toString('base64url')}.`,
        ),
    ],
  ];
  it.each(strangers)('whose token has %s is nobody', async (_, token) => {
    const response = await fetch(`${gateway.url}/api/google/config`, bearer(await token()));
    expect(response.status).toBe(401);
    expect(await body(response)).toMatchObject({ code: 'request.unauthenticated', actor: 'caller' });
  });

  it('may name the tenant as tenant_id', async () => {
    gateway.services.answer(GetGoogleAppStatus, (_, { tenantId }) => accepted(statusOf(tenantId)));
    const token = await signed({ ...good(), tenant: undefined, tenant_id: 't9' });
    const response = await fetch(`${gateway.url}/api/google/config`, bearer(token));
    expect(await body(response)).toMatchObject({ tenantId: 't9' });
  });

  it('without the permission is told which one is missing', async () => {
    const token = await gateway.token({ permissions: ['system_settings:read'] });
    const response = await fetch(`${gateway.url}/api/google/config`, { method: 'DELETE', ...bearer(token) });
    expect(response.status).toBe(403);
    expect((await body(response))['sentence']).toContain('system_settings:update');
    expect(gateway.services.asked.map(({ type }) => type)).not.toContain('ClearConfig');
  });

  it('acts for its own tenant only, whatever else it says', async () => {
    gateway.services.answer(GetGoogleAppStatus, (_, { tenantId }) => accepted(statusOf(tenantId)));
    const response = await gateway.fetch('/api/google/config', {
      tenant: 't2',
      headers: { 'x-tenant-id': 't1' },
    });
    expect(await body(response)).toMatchObject({ tenantId: 't2' });
    expect(gateway.services.asked.at(-1)).toMatchObject({ origin: { tenantId: 't2', by: 'u1' } });
  });
});

describe('a request', () => {
  it('that is wrong is told every wrong field at once, and no value', async () => {
    const response = await gateway.fetch('/api/email/providers', {
      method: 'POST',
      json: { name: '', mailbox: 'canary-value', labels: 'INBOX', colour: 'red' },
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    for (const field of ['name:', 'mailbox:', 'labels:', 'colour']) expect(text).toContain(field);
    expect(text).not.toContain('canary-value');
  });

  it.each([
    ['a NUL', 'Help\0desk'],
    ['half a character', 'Help\ud83ddesk'],
  ])('with %s in a text is told in which field', async (_, text) => {
    const response = await gateway.fetch('/api/email/providers', {
      method: 'POST',
      json: { name: 'Helpdesk', mailbox: 'help@acme.example', labels: ['INBOX', text] },
    });
    expect(response.status).toBe(400);
    expect((await body(response))['sentence']).toContain('labels.1: holds characters that are no text');
  });

  it('of any depth ends as an answer', async () => {
    const json = `{"serviceAccountKey":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    const response = await gateway.fetch('/api/google/config', {
      method: 'PUT',
      body: json,
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  });

  it('whose token cannot be verified now is not called wrong', async () => {
    const other = await composeGateway({ AUTH_JWT_SECRET: '', AUTH_JWKS_URL: 'http://127.0.0.1:1/jwks' });
    try {
      const header = Buffer.from('{"alg":"RS256","kid":"k1"}').toString('base64url');
      const response = await fetch(`${other.url}/api/google/config`, bearer(`${header}.e30.AAAA`));
      expect(response.status).toBe(503);
      expect(await body(response)).toMatchObject({ code: 'request.unverifiable', actor: 'operator' });
      const confused = await fetch(`${other.url}/api/google/config`, bearer(await signed(good())));
      expect(confused.status).toBe(401);
    } finally {
      await other.close();
    }
  });

  it('with unreadable JSON is refused in the same form', async () => {
    const response = await gateway.fetch('/api/email/providers', {
      method: 'POST',
      body: '{ "name": ',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await body(response)).toMatchObject({ code: 'request.invalid' });
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('to an unknown path is not found', async () => {
    const response = await gateway.fetch('/api/nothing');
    expect(response.status).toBe(404);
    expect(await body(response)).toMatchObject({ code: 'request.not-found' });
  });

  it('that is too large is not read', async () => {
    const response = await gateway.fetch('/api/email/providers', {
      method: 'POST',
      json: { name: 'x'.repeat(2_000_000) },
    });
    expect(response.status).toBe(413);
  });

  it('is found again in the log and in the answer by its correlation id', async () => {
    const response = await gateway.fetch('/api/email/providers/none', {
      headers: { 'x-correlation-id': '0f8fad5b-d9cb-469f-a165-70867728950e' },
    });
    expect(response.headers.get('x-correlation-id')).toBe('0f8fad5b-d9cb-469f-a165-70867728950e');
    expect(await body(response)).toMatchObject({ correlationId: '0f8fad5b-d9cb-469f-a165-70867728950e' });
  });

  it('says so when the service behind it is away', async () => {
    const response = await gateway.fetch('/api/email/providers/p1/resume', { method: 'POST' });
    expect(response.status).toBe(503);
    expect(await body(response)).toMatchObject({
      code: 'service.unavailable',
      sentence: 'The gmail service did not answer in time.',
      actor: 'operator',
    });
  });

  it('is refused with who must act and how', async () => {
    gateway.services.answer(AddMailbox, () =>
      refused(problem('google-app.incomplete', { missing: 'gmail.clientSecret' })),
    );
    const response = await gateway.fetch('/api/email/providers', {
      method: 'POST',
      json: { name: 'Helpdesk', mailbox: 'help@acme.example' },
    });
    expect(response.status).toBe(409);
    expect(await body(response)).toMatchObject({
      code: 'google-app.incomplete',
      sentence: 'Google integration is not configured for this tenant: gmail.clientSecret missing.',
      actor: 'tenant-admin',
      status: 409,
    });
  });
});

it('says loudly that it is a development installation', async () => {
  const response = await fetch(`${gateway.url}/health`);
  expect(response.headers.get('x-tenant-google-development')).toBe('true');
  expect(gateway.log()).toContain('DEVELOPMENT');
});

it('says nothing of development where there is none', async () => {
  const production = await composeGateway({ DEVELOPMENT: 'false' });
  try {
    const response = await fetch(`${production.url}/health`);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-tenant-google-development')).toBeNull();
  } finally {
    await production.close();
  }
});

it('is ready only while NATS with its streams and PostgreSQL answer', async () => {
  const other = await composeGateway();
  try {
    const ready = await fetch(`${other.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', nats: 'ok', database: 'ok', streams: 'ok' },
    ]);
    await (await jetstreamManager(other.nats)).streams.delete(ACTIVITY);
    const without = await fetch(`${other.url}/ready`);
    expect([without.status, await without.json()]).toEqual([
      503,
      { status: 'not-ready', nats: 'ok', database: 'ok', streams: 'missing' },
    ]);
    await other.loseNats();
    const away = await fetch(`${other.url}/ready`);
    expect([away.status, await away.json()]).toEqual([
      503,
      { status: 'not-ready', nats: 'unreachable', database: 'ok', streams: 'unreachable' },
    ]);
    expect((await fetch(`${other.url}/health`)).status).toBe(200);
  } finally {
    await other.close();
  }
});

it('takes a request without a body as one, although it is said to be JSON', async () => {
  gateway.services.answer(ClearConfig, (_, { tenantId }) => accepted(statusOf(tenantId)));
  const response = await gateway.fetch('/api/google/config', {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
  });
  expect(response.status).toBe(200);
  expect(gateway.services.asked.at(-1)).toMatchObject({ type: 'ClearConfig' });
});
