import { startSimulator, type Simulator } from '../server.js';
import { TenantClients } from '../tenant-clients.js';
import { GMAIL_PUBLISHER } from '../gmail/watches.js';

const SUPPORT = 'support@tenant.example';
const TOPIC = 'projects/tenant-one/topics/gmail-push';
const SUBSCRIPTION = 'projects/tenant-one/subscriptions/gmail-push';

describe('a tenant’s admin without a service-account key', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, {
      projectId: 'tenant-one',
      organization: { domain: 'tenant.example', secureByDefault: true },
      users: [{ email: SUPPORT }],
    });
  });
  afterEach(() => google.close());

  const watch = () =>
    tenant.gmailOf(SUPPORT).users.watch({ userId: 'me', requestBody: { topicName: TOPIC } });

  it('provisions by hand, and the mailbox can be watched', async () => {
    const { pubsub } = google.client;
    await pubsub.createTopic(TOPIC);
    await pubsub.grantPublishers(TOPIC);
    const created = await pubsub.createSubscription(SUBSCRIPTION, { topic: TOPIC, expirationPolicy: {} });
    expect(created).toMatchObject({ name: SUBSCRIPTION, expirationPolicy: {}, ackDeadlineSeconds: 10 });
    expect((await watch()).status).toBe(200);
    expect(await pubsub.topic(TOPIC)).toMatchObject({
      policy: { bindings: [{ role: 'roles/pubsub.publisher', members: [GMAIL_PUBLISHER] }] },
      subscriptions: [SUBSCRIPTION],
    });
  });

  it('may take away grants, topic and subscription again', async () => {
    const { pubsub } = google.client;
    await pubsub.createTopic(TOPIC);
    await pubsub.grantPublishers(TOPIC);
    await pubsub.createSubscription(SUBSCRIPTION, { topic: TOPIC });
    await pubsub.grantPublishers(TOPIC, []);
    await expect(watch()).rejects.toThrow('User not authorized to perform this action.');
    await pubsub.deleteTopic(TOPIC);
    expect(await pubsub.subscription(SUBSCRIPTION)).toMatchObject({ topic: '_deleted-topic_' });
    await pubsub.deleteSubscription(SUBSCRIPTION);
    await expect(pubsub.subscription(SUBSCRIPTION)).rejects.toThrow('Resource not found');
  });

  it('may change what a subscription does, and only what Google lets anybody change', async () => {
    const { pubsub } = google.client;
    await pubsub.createTopic(TOPIC);
    await pubsub.createSubscription(SUBSCRIPTION, {
      topic: TOPIC,
      expirationPolicy: {},
      ackDeadlineSeconds: 60,
    });
    const pushConfig = { pushEndpoint: 'https://elsewhere.example.com/hook' };
    await pubsub.changeSubscription(SUBSCRIPTION, { pushConfig, expirationPolicy: null });
    expect(await pubsub.subscription(SUBSCRIPTION)).toMatchObject({
      pushConfig,
      expirationPolicy: { ttl: '2678400s' },
      ackDeadlineSeconds: 60,
    });
    await expect(pubsub.changeSubscription(SUBSCRIPTION, { filter: 'attributes:a' })).rejects.toThrow(
      'not mutable',
    );
    await pubsub.detachSubscription(SUBSCRIPTION);
    expect(await pubsub.subscription(SUBSCRIPTION)).toMatchObject({ detached: true });
  });

  it('is refused by domain-restricted sharing as well', async () => {
    await google.client.changeProject('tenant-one', {
      organization: { domain: 'tenant.example', domainRestrictedSharing: true },
    });
    await google.client.pubsub.createTopic(TOPIC);
    await expect(google.client.pubsub.grantPublishers(TOPIC)).rejects.toThrow('permitted customer');
  });
});
