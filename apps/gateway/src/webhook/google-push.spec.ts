import { jetstreamManager } from '@nats-io/jetstream';
import { NOTIFICATIONS } from '#deliveries/streams';
import { notificationSubject } from '#deliveries/subjects';
import { hours, minutes, seconds } from '#time/clock';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';
import { GoogleSigner } from '../fixtures/google-signer.js';

const audience = 'https://psa.example.com/api/email/webhooks/google';
const subscriptionOf = (tenant: string) => `projects/${tenant}-project/subscriptions/gmail-webhook-${tenant}`;
const accountOf = (tenant: string) => `psa@${tenant}-project.iam.gserviceaccount.com`;

let google: GoogleSigner;
let gateway: ComposedGateway;

const provisioned = (tenant: string, other: Record<string, unknown> = {}) => ({
  projectId: `${tenant}-project`,
  topic: `projects/${tenant}-project/topics/gmail-notifications-${tenant}`,
  subscription: subscriptionOf(tenant),
  endpoint: audience,
  audience,
  serviceAccountEmail: accountOf(tenant),
  mode: 'key',
  repaired: [],
  ...other,
});

beforeAll(async () => {
  google = await GoogleSigner.start();
  gateway = await composeGateway({ GOOGLE_SIMULATOR_URL: google.url });
  await gateway.append('topic-t1', 'TopicProvisioned', provisioned('t1'));
  await gateway.append('topic-t2', 'TopicProvisioned', provisioned('t2'));
  await gateway.processors.caughtUp();
});
afterAll(async () => {
  await gateway?.close();
  await google?.close();
});

const claimsOf = (tenant: string) => {
  const iat = Math.floor(gateway.clock.now().getTime() / 1_000);
  return {
    iss: 'https://accounts.google.com',
    aud: audience,
    azp: '1234',
    sub: '1234',
    email: accountOf(tenant),
    email_verified: true,
    iat,
    exp: iat + 3_600,
  };
};

const dataOf = (emailAddress: string, historyId: unknown) =>
  Buffer.from(JSON.stringify({ emailAddress, historyId })).toString('base64');

const push = (authorization: string | null, body: unknown) =>
  fetch(`${gateway.url}/api/email/webhooks/google`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const envelope = (tenant: string, data: string | undefined, messageId = 'm1') => ({
  message: { ...(data === undefined ? {} : { data }), messageId, message_id: messageId, publishTime: 'x' },
  subscription: subscriptionOf(tenant),
});

const bearer = async (tenant: string, other: Record<string, unknown> = {}) =>
  `Bearer ${await google.sign({ ...claimsOf(tenant), ...other })}`;

const notified = async (tenant: string, address: string) => {
  const manager = await jetstreamManager(gateway.nats);
  const stored = await manager.streams.getMessage(NOTIFICATIONS, {
    last_by_subj: notificationSubject(tenant, address),
  });
  return stored ? (stored.json() as Record<string, unknown>) : null;
};

describe('a genuine push', () => {
  it('is safe in the stream before it is acknowledged', async () => {
    const response = await push(await bearer('t1'), envelope('t1', dataOf('Help@Acme.example', '4711')));
    expect(response.status).toBe(204);
    expect(await notified('t1', 'help@acme.example')).toMatchObject({
      tenantId: 't1',
      emailAddress: 'Help@Acme.example',
      historyId: '4711',
      pubsubMessageId: 'm1',
    });
  });

  it.each([
    ['a number', dataOf('number@acme.example', 4712), '4712'],
    [
      'a number too long for a double',
      Buffer.from('{"emailAddress":"number@acme.example","historyId":18446744073709551615}').toString(
        'base64',
      ),
      '18446744073709551615',
    ],
    [
      'base64url without padding',
      dataOf('number@acme.example', '77').replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'),
      '77',
    ],
  ])('may bring its position as %s', async (_, data, historyId) => {
    expect((await push(await bearer('t1'), envelope('t1', data))).status).toBe(204);
    expect(await notified('t1', 'number@acme.example')).toMatchObject({ historyId });
  });

  it('may come again, with the same token and with a later one', async () => {
    const authorization = await bearer('t1');
    const body = envelope('t1', dataOf('again@acme.example', '1'));
    expect((await push(authorization, body)).status).toBe(204);
    expect((await push(authorization, body)).status).toBe(204);
    expect((await push(await bearer('t1'), body)).status).toBe(204);
  });

  it('with an id too long to be passed on is passed on without', async () => {
    const address = 'long-id@acme.example';
    const body = envelope('t1', dataOf(address, '1'), 'm'.repeat(500_000));
    expect((await push(await bearer('t1'), body)).status).toBe(204);
    expect(await notified('t1', address)).toMatchObject({ historyId: '1', pubsubMessageId: '' });
  });

  it('may name its issuer without https', async () => {
    const authorization = await bearer('t1', { iss: 'accounts.google.com' });
    expect((await push(authorization, envelope('t1', dataOf('a@acme.example', '1')))).status).toBe(204);
  });

  it.each([
    ['no data', undefined],
    ['data that is no JSON', Buffer.from('hello').toString('base64')],
    ['no address', Buffer.from('{"historyId":"1"}').toString('base64')],
    ['a position that is none', dataOf('none@acme.example', 'twelve')],
    ['an address that no database looks for', dataOf('none\0@acme.example', '1')],
    ['an address of half a character', dataOf('none\ud800@acme.example', '1')],
  ])('with %s is taken, so that it does not come for a week', async (_, data) => {
    expect((await push(await bearer('t1'), envelope('t1', data))).status).toBe(204);
    expect(await notified('t1', 'none@acme.example')).toBeNull();
  });

  it('is believed under a key that Google began to use a moment ago', async () => {
    gateway.clock.advance(seconds(11));
    await google.addKey('second');
    expect((await push(await bearer('t1'), envelope('t1', dataOf('key@acme.example', '1')))).status).toBe(
      204,
    );
  });

  it('is believed for both tenants, and each keeps its own mailbox of the same address', async () => {
    for (const tenant of ['t1', 't2'])
      expect(
        (
          await push(
            await bearer(tenant),
            envelope(tenant, dataOf('same@acme.example', tenant === 't1' ? '1' : '2')),
          )
        ).status,
      ).toBe(204);
    expect(await notified('t1', 'same@acme.example')).toMatchObject({ tenantId: 't1', historyId: '1' });
    expect(await notified('t2', 'same@acme.example')).toMatchObject({ tenantId: 't2', historyId: '2' });
  });
});

describe('a push that nobody vouches for', () => {
  const forged = 'forged@acme.example';
  const body = () => envelope('t1', dataOf(forged, '1'));
  const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  const forgeries: [string, () => Promise<string | null>][] = [
    ['no token', () => Promise.resolve(null)],
    ['another scheme', async () => (await bearer('t1')).replace('Bearer', 'Basic')],
    [
      'no signature (alg none)',
      () => Promise.resolve(`Bearer ${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(claimsOf('t1'))}.`),
    ],
    [
      'alg none under Google’s key id',
      () =>
        Promise.resolve(
          `Bearer ${base64url({ alg: 'none', kid: 'first' })}.${base64url(claimsOf('t1'))}.AAAA`,
        ),
    ],
    [
      'somebody else’s key under Google’s key id',
      async () => `Bearer ${await google.sign(claimsOf('t1'), { key: await GoogleSigner.strangersKey() })}`,
    ],
    ['another service account', () => bearer('t1', { email: 'x@other.iam.gserviceaccount.com' })],
    ['the service account in other letters', () => bearer('t1', { email: accountOf('t1').toUpperCase() })],
    ['another audience', () => bearer('t1', { aud: `${audience}/` })],
    ['several audiences', () => bearer('t1', { aud: [audience, 'https://elsewhere.example.com'] })],
    ['an address that Google did not verify', () => bearer('t1', { email_verified: false })],
    ['an address that is verified only in words', () => bearer('t1', { email_verified: 'true' })],
    ['another issuer', () => bearer('t1', { iss: 'https://accounts.example.com' })],
    ['no end', () => bearer('t1', { exp: undefined })],
    [
      'an end more than five minutes ago',
      () => {
        const { iat } = claimsOf('t1');
        return bearer('t1', { iat: iat - 4_000, exp: iat - 301 });
      },
    ],
    ['a beginning in the future', () => bearer('t1', { iat: claimsOf('t1').iat + 600 })],
    ['another tenant’s valid identity', () => bearer('t2')],
  ];

  it.each(forgeries)('because of %s is refused and leaves nothing', async (_, authorization) => {
    const response = await push(await authorization(), body());
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('');
    expect(await notified('t1', forged)).toBeNull();
    expect(await notified('t2', forged)).toBeNull();
  });

  it('is refused for a subscription that nobody arranged', async () => {
    const unknown = { ...body(), subscription: 'projects/x/subscriptions/gmail-webhook-x' };
    expect((await push(await bearer('t1'), unknown)).status).toBe(401);
  });

  it.each([
    'projects/x/subscriptions/a\0b',
    'projects/x/subscriptions/\ud800',
    "projects/x/subscriptions/'; DROP TABLE push_bindings; --",
    'x'.repeat(5_000),
  ])('is refused like any other for an odd subscription', async (subscription) => {
    expect((await push(await bearer('t1'), { ...body(), subscription })).status).toBe(401);
  });

  it('is refused before its body is read, whatever that is', async () => {
    expect((await push(null, 'not { json')).status).toBe(401);
    expect((await push(await bearer('t1'), 'not { json')).status).toBe(401);
  });

  it('cannot make the gateway fetch Google’s keys for each made-up key id', async () => {
    gateway.clock.advance(seconds(11));
    const before = google.fetches;
    for (let n = 0; n < 20; n++) {
      const token = `${base64url({ alg: 'RS256', kid: `made-up-${n}` })}.${base64url(claimsOf('t1'))}.AAAA`;
      expect((await push(`Bearer ${token}`, body())).status).toBe(401);
    }
    expect(google.fetches - before).toBeLessThanOrEqual(1);
  });

  it('is too large to be read beyond a megabyte', async () => {
    const huge = envelope('t1', 'A'.repeat(1_100_000));
    expect((await push(await bearer('t1'), huge)).status).toBe(413);
  });
});

it('believes no token any more after it ended, although it was verified before', async () => {
  const authorization = await bearer('t1');
  const body = envelope('t1', dataOf('late@acme.example', '1'));
  expect((await push(authorization, body)).status).toBe(204);
  gateway.clock.advance(hours(1) + minutes(6));
  expect((await push(authorization, body)).status).toBe(401);
});

it('follows a tenant to a new service account, and forgets the former one', async () => {
  await gateway.append('topic-t3', 'TopicProvisioned', provisioned('t3'));
  await gateway.processors.caughtUp();
  const body = envelope('t3', dataOf('moved@acme.example', '1'));
  expect((await push(await bearer('t3'), body)).status).toBe(204);
  const email = 'new@t3-project.iam.gserviceaccount.com';
  await gateway.append('topic-t3', 'TopicProvisioned', provisioned('t3', { serviceAccountEmail: email }));
  await gateway.processors.caughtUp();
  gateway.clock.advance(seconds(2));
  expect((await push(await bearer('t3', { email }), body)).status).toBe(204);
  expect((await push(await bearer('t3'), body)).status).toBe(401);
});

it('tells which methods there are', async () => {
  const response = await fetch(`${gateway.url}/api/email/webhooks/google`, { method: 'OPTIONS' });
  expect(response.status).toBe(200);
});

it('logs no token, whatever came', () => {
  expect(gateway.log()).not.toMatch(/eyJ[\w-]{10}/);
});

it('asks Google to come again while the stream cannot be reached', async () => {
  const other = await composeGateway({ GOOGLE_SIMULATOR_URL: google.url });
  try {
    other.clock.advance(gateway.clock.offsetMs);
    await other.append('topic-t1', 'TopicProvisioned', provisioned('t1'));
    await other.processors.caughtUp();
    await other.loseNats();
    const response = await fetch(`${other.url}/api/email/webhooks/google`, {
      method: 'POST',
      headers: { authorization: await bearer('t1') },
      body: JSON.stringify(envelope('t1', dataOf('help@acme.example', '1'))),
    });
    expect(response.status).toBe(503);
  } finally {
    await other.close();
  }
});
