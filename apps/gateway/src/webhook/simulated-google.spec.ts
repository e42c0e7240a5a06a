import { startSimulator, type Simulator } from '#google-simulator/server';
import { TenantClients } from '#google-simulator/tenant-clients';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

const topic = 'projects/acme-psa/topics/gmail-notifications-t1';
const subscription = 'projects/acme-psa/subscriptions/gmail-webhook-t1';
const notification = { emailAddress: 'help@acme.example', historyId: 4711 };

let google: Simulator;
let tenant: TenantClients;
let gateway: ComposedGateway;

beforeAll(async () => {
  google = await startSimulator();
  gateway = await composeGateway({ GOOGLE_SIMULATOR_URL: google.url });
  tenant = await TenantClients.of(google, { projectId: 'acme-psa' });
  const { serviceAccountEmail } = tenant.project;
  const endpoint = `${gateway.url}/api/email/webhooks/google`;
  await google.client.pubsub.createTopic(topic);
  await google.client.pubsub.createSubscription(subscription, {
    topic,
    pushConfig: { pushEndpoint: endpoint, oidcToken: { serviceAccountEmail, audience: endpoint } },
  });
  await gateway.append('topic-t1', 'TopicProvisioned', {
    projectId: 'acme-psa',
    topic,
    subscription,
    endpoint,
    audience: endpoint,
    serviceAccountEmail,
    mode: 'key',
    repaired: [],
  });
  await gateway.processors.caughtUp();
});
afterAll(async () => {
  await tenant?.close();
  await gateway?.close();
  await google?.close();
});

it.each([
  'another-service-account',
  'another-audience',
  'no-token',
  'unsigned',
  'another-key',
  'expired',
  'unverified-email',
  'another-issuer',
] as const)('refuses what the simulated Google forges as %s', async (forgery) => {
  const answer = await google.client.pubsub.sendForgedPush({ subscription, forgery, data: notification });
  expect(answer).toEqual({ status: 401, body: '' });
});

it('takes what the simulated Google pushes, once it is safe', async () => {
  const data = Buffer.from(JSON.stringify(notification));
  await tenant.publisher().publish({ topic, messages: [{ data }] });
  const [pushed] = await google.client.pubsub.delivered({ subscription });
  expect(pushed).toMatchObject({ outcome: 'acked', status: 204, attempt: 1 });
});
