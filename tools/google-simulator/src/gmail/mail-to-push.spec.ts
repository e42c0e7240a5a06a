import { seconds } from '#time/clock';
import { PushEndpoint } from '../pubsub/push-endpoint.js';
import { startSimulator, type Simulator } from '../server.js';
import { TenantClients } from '../tenant-clients.js';

const SUPPORT = 'support@tenant.example';
const TOPIC = 'projects/tenant-one/topics/gmail-push';
const SUBSCRIPTION = 'projects/tenant-one/subscriptions/gmail-push';

describe('a mail to a watched mailbox', () => {
  let google: Simulator;
  let tenant: TenantClients;
  let endpoint: PushEndpoint;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users: [{ email: SUPPORT }] });
    endpoint = await PushEndpoint.answering(204);
    const { pubsub } = google.client;
    await pubsub.createTopic(TOPIC);
    await pubsub.grantPublishers(TOPIC);
    const pushConfig = { pushEndpoint: endpoint.url };
    await pubsub.createSubscription(SUBSCRIPTION, { topic: TOPIC, pushConfig });
    await tenant.gmailOf(SUPPORT).users.watch({ userId: 'me', requestBody: { topicName: TOPIC } });
    await google.client.advance(seconds(2));
  });
  afterEach(async () => {
    await google.close();
    await endpoint.close();
  });

  it('is pushed with the mailbox and a history id, from before which the history has it', async () => {
    const { historyId: before } = await google.client.gmail.mailbox(SUPPORT);
    const { id, historyId } = await google.client.gmail.deliver(SUPPORT, { subject: 'Help' });
    await google.client.pubsub.delivered({ emailAddress: SUPPORT, count: 2 });
    expect(endpoint.texts.map((text) => JSON.parse(text) as unknown)).toEqual([
      { emailAddress: SUPPORT, historyId: Number(before) },
      { emailAddress: SUPPORT, historyId: Number(historyId) },
    ]);
    const { data } = await tenant
      .gmailOf(SUPPORT)
      .users.history.list({ userId: 'me', startHistoryId: before, historyTypes: ['messageAdded'] });
    expect(data.history?.[0]?.messagesAdded?.[0]?.message?.id).toBe(id);
  });

  it('is pushed under the new address once the account is renamed', async () => {
    const { sub } = google.world.user(SUPPORT)!;
    await google.client.deleteUser(SUPPORT);
    await google.client.createUser('help@tenant.example', { sub });
    await google.client.gmail.deliver('help@tenant.example', { subject: 'Help' });
    await google.client.pubsub.delivered({ emailAddress: 'help@tenant.example' });
    expect((await google.client.gmail.mailbox('help@tenant.example')).messages).toBe(1);
  });
});
