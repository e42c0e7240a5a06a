import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, jetstream, jetstreamManager, type Consumer } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { inboundEmailReceived } from '#contracts/inbound-email';
import { DELIVERIES } from '#deliveries/streams';
import { hours, minutes, MovableClock, seconds } from '#time/clock';
import { startEmbedded, type Embedded } from './start-embedded.js';

const mailbox = 'support@acme-helpdesk.com';
const subscription = 'projects/acme-psa-2026/subscriptions/gmail-webhook-acme';

let dataDir: string;
let embedded: Embedded;
let providerId: string;
let nats: NatsConnection;
let consumer: Consumer;
const clock = new MovableClock();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-silence-'));
  embedded = await startEmbedded({
    dataDir,
    gatewayPort: 0,
    simulatorPort: 0,
    logLevel: 'info',
    clock,
    say: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  nats = await connect({ servers: embedded.natsUrl });
  const manager = await jetstreamManager(nats);
  await manager.consumers.add(DELIVERIES, {
    durable_name: 'silence',
    ack_policy: AckPolicy.Explicit,
    filter_subject: 'delivery.*.inbound-email.received',
  });
  consumer = await jetstream(nats).consumers.get(DELIVERIES, 'silence');
}, 120_000);
afterAll(async () => {
  await nats?.close();
  await embedded?.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const token = await embedded.token({ tenant: 'acme', user: 'admin' });
  const response = await fetch(`${embedded.gatewayUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

interface Status {
  status: string;
  problem: { code: string } | null;
  notices: { code: string }[];
}
const status = () => call<Status>('GET', `/api/email/providers/${providerId}/status`);

/** Asks until it is as hoped, or the test's time is over. */
async function until<Answer>(
  ask: () => Promise<Answer>,
  hoped: (answer: Answer) => boolean,
): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (hoped(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function passes(milliseconds: number): Promise<void> {
  await embedded.simulator.client.advance(milliseconds);
  clock.advance(milliseconds);
  await embedded.caughtUp();
}

/** Time passes as it does: comparisons come when they are due, and each is over before the next. */
async function passInSteps(milliseconds: number, step: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += step) {
    const before = await lastSyncAt();
    await passes(step);
    await until(lastSyncAt, (read) => read !== before);
  }
}
const lastSyncAt = async () =>
  (await call<{ lastSyncAt: string | null }>('GET', `/api/email/providers/${providerId}/status`)).lastSyncAt;

const mailComesIn = (subject: string) =>
  embedded.simulator.client.gmail.deliver(mailbox, { from: 'Ann <ann@customer.example>', subject });

async function nextSubject(): Promise<string> {
  const message = await consumer.next({ expires: 30_000 });
  if (!message) throw new Error('Nothing was delivered in time.');
  await message.ackAck();
  return inboundEmailReceived.parse(message.json()).subject;
}

interface Happening {
  type: string;
  sentence: string;
}
const history = async () =>
  (await call<{ history: Happening[] }>('GET', `/api/email/providers/${providerId}/history?limit=500`))
    .history;

// The tests of this file are the chapters of one story: each goes on where the one before ended.
describe('what fails without a word', () => {
  it('does not while everything works', async () => {
    const { client } = embedded.simulator;
    const project = await client.seedTenantProject({
      projectId: 'acme-psa-2026',
      redirectUris: [`${embedded.gatewayUrl}/api/auth/google/callback`],
      users: [{ email: mailbox }],
    });
    await call('PUT', '/api/google/config', {
      projectId: project.projectId,
      gmail: { clientId: project.clientId, clientSecret: project.clientSecret },
      calendar: 'same',
      serviceAccountKey: project.serviceAccountKeyJson,
    });
    const added = await call<{ id: string }>('POST', '/api/email/providers', { name: 'Helpdesk', mailbox });
    providerId = added.id;
    const begun = { provider: 'google', providerId };
    const { authUrl } = await call<{ authUrl: string }>('POST', '/api/email/oauth/initiate', begun);
    const back = await client.consent(authUrl, { account: mailbox });
    if (back.kind !== 'redirected') throw new Error(`The consent stranded on ${back.page}.`);
    await fetch(back.url);
    await until(status, (one) => one.status === 'connected');
    await passInSteps(minutes(20), minutes(10));
    expect(await status()).toMatchObject({ status: 'connected', notices: [] });
  });

  it('is found when notifications are lost: mail still comes in, and within half an hour it is told', async () => {
    const { client } = embedded.simulator;
    await client.addFault({ match: { on: 'pubsub-push' }, effect: { kind: 'drop' } });
    await mailComesIn('Nobody was told of this');
    await passInSteps(minutes(10), minutes(10));
    expect(await nextSubject()).toBe('Nobody was told of this');
    await passInSteps(minutes(10), minutes(10));
    await until(history, (told) => told.some(({ type }) => type === 'GapDetected'));
    await until(status, ({ problem }) => problem?.code === 'mailbox.pushes-missing');
    await passes(minutes(6));
    const { status: word } = await until(
      status,
      ({ problem }) => problem?.code === 'mailbox.no-first-notification',
    );
    expect(word).toBe('error');
  });

  it('is over by itself as soon as notifications come again', async () => {
    await embedded.simulator.client.clearFaults();
    await passes(seconds(2));
    await mailComesIn('Everybody is told of this');
    expect(await nextSubject()).toBe('Everybody is told of this');
    expect(await until(status, (one) => one.status === 'connected')).toMatchObject({ problem: null });
    const gaps = (await history()).filter(({ type }) => type === 'GapDetected');
    expect(gaps).toHaveLength(1);
  });

  it('is mended when somebody deletes the subscription, without anybody asking', async () => {
    const { pubsub } = embedded.simulator.client;
    await pubsub.deleteSubscription(subscription);
    await passes(hours(6));
    const mended = ({ type, sentence }: Happening): boolean =>
      type === 'TopicProvisioned' && sentence === 'Pub/Sub is ready (push subscription created).';
    await until(history, (told) => told.some(mended));
    expect(await pubsub.subscription(subscription)).toMatchObject({ state: 'ACTIVE' });
    await until(status, (one) => one.status === 'connected');
    await passes(seconds(2));
    await mailComesIn('Through the new subscription');
    expect(await nextSubject()).toBe('Through the new subscription');
  });
});
