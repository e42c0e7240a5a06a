import { problem } from '#problems/problem';
import { GmailWorld } from '../fixtures/gmail-world.js';
import { getProvisioningCommands, provisionTopic } from './provision-topic.js';

const TOPIC = 'projects/acme-helpdesk/topics/gmail-notifications-t1';
const SUBSCRIPTION = 'projects/acme-helpdesk/subscriptions/gmail-webhook-t1';
const ENDPOINT = 'https://psa.example.com/api/email/webhooks/google';
const GMAIL = 'serviceAccount:gmail-api-push@system.gserviceaccount.com';

describe('provisioning a tenant’s topic', () => {
  let world: GmailWorld;
  beforeEach(async () => {
    world = await GmailWorld.open();
  });
  afterEach(() => world.close());

  const provision = () => provisionTopic(world.means, world.origin());
  const topicOfGoogle = () => world.google.client.pubsub.topic(TOPIC);
  const publishers = async () => (await topicOfGoogle()).policy.bindings;
  const subscription = () => world.google.client.pubsub.subscription(SUBSCRIPTION);
  const said = async () => (await world.last('topic-t1'))?.data;
  const calls = async () =>
    (await world.google.client.requests()).map(
      ({ method, path }) => `${method} ${path.replace('/v1/projects/acme-helpdesk/', '')}`,
    );

  it('makes topic, publisher grant and push subscription as they have to be', async () => {
    expect(await provision()).toEqual({ ok: true, value: { provisioned: true, problem: null } });
    expect(await publishers()).toEqual([{ role: 'roles/pubsub.publisher', members: [GMAIL] }]);
    expect(await subscription()).toMatchObject({
      topic: TOPIC,
      pushConfig: {
        pushEndpoint: ENDPOINT,
        oidcToken: { serviceAccountEmail: world.project.serviceAccountEmail, audience: ENDPOINT },
      },
      ackDeadlineSeconds: 60,
      expirationPolicy: {},
      messageRetentionDuration: '604800s',
      retryPolicy: { minimumBackoff: '10s', maximumBackoff: '600s' },
    });
    expect(await said()).toEqual({
      projectId: 'acme-helpdesk',
      topic: TOPIC,
      subscription: SUBSCRIPTION,
      endpoint: ENDPOINT,
      audience: ENDPOINT,
      serviceAccountEmail: world.project.serviceAccountEmail,
      mode: 'key',
      repaired: ['topic created', 'Gmail allowed to publish', 'push subscription created'],
    });
  });

  it('only looks when everything is there, and tells nothing', async () => {
    await provision();
    await world.google.client.clearRequests();
    await provision();
    expect(await calls()).toEqual([
      'GET topics/gmail-notifications-t1',
      'GET topics/gmail-notifications-t1:getIamPolicy',
      'GET subscriptions/gmail-webhook-t1',
    ]);
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned']);
  });

  it('happens once when asked for twice at the same time', async () => {
    await Promise.all([provision(), provision()]);
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned']);
  });

  it('adopts what the tenant has, keeps other publishers and mends what drifted', async () => {
    const { pubsub } = world.google.client;
    const other = `serviceAccount:${world.project.serviceAccountEmail}`;
    await pubsub.createTopic(TOPIC);
    await pubsub.grantPublishers(TOPIC, [other]);
    await pubsub.createSubscription(SUBSCRIPTION, {
      topic: TOPIC,
      pushConfig: { pushEndpoint: 'https://old.example.com/hook' },
    });
    await provision();
    const members = (await publishers())?.flatMap((binding) => binding.members);
    expect(members?.toSorted()).toEqual([GMAIL, other].toSorted());
    expect((await subscription()).pushConfig).toMatchObject({ pushEndpoint: ENDPOINT });
    expect((await said())?.repaired).toEqual([
      'Gmail allowed to publish',
      'push subscription mended: push address and identity, acknowledgement deadline, expiration, retry pauses',
    ]);
    await provision();
    expect(await world.told('topic-t1')).toHaveLength(1);
  });

  it('makes the subscription anew after somebody deleted the topic', async () => {
    await provision();
    await world.google.client.pubsub.deleteTopic(TOPIC);
    await provision();
    expect((await subscription()).topic).toBe(TOPIC);
    expect((await said())?.repaired).toEqual([
      'topic created',
      'Gmail allowed to publish',
      'push subscription made anew because its topic had been deleted',
    ]);
  });

  it('grants once more when somebody else changed the policy meanwhile', async () => {
    await world.google.client.addFault({
      match: { on: 'request', method: 'POST', pathPattern: ':setIamPolicy$' },
      effect: {
        kind: 'error',
        code: 409,
        status: 'ABORTED',
        message: 'There were concurrent policy changes.',
      },
      times: 1,
    });
    expect(await provision()).toMatchObject({ value: { provisioned: true } });
    expect(await publishers()).toEqual([{ role: 'roles/pubsub.publisher', members: [GMAIL] }]);
  });

  it('leaves a subscription alone that serves another topic, and says so', async () => {
    const { pubsub } = world.google.client;
    const other = 'projects/acme-helpdesk/topics/billing';
    await pubsub.createTopic(other);
    await pubsub.createSubscription(SUBSCRIPTION, { topic: other });
    expect(await provision()).toMatchObject({
      value: { provisioned: false, problem: { code: 'pubsub.subscription-of-other-topic' } },
    });
    expect((await subscription()).topic).toBe(other);
  });

  it('takes another token once when Google refuses the one that it was given', async () => {
    await world.google.client.addFault({
      match: { on: 'request', pathPattern: '/topics/' },
      effect: { kind: 'error', code: 401, status: 'UNAUTHENTICATED', message: 'Invalid Credentials' },
      times: 1,
    });
    expect(await provision()).toMatchObject({ value: { provisioned: true } });
    const tokens = world.asked.filter(({ type }) => type === 'GetProvisioningToken');
    expect(tokens.map(({ data }) => Object.keys(data as object))).toEqual([[], ['refusedTokenHash']]);
  });

  it.each<[string, (world: GmailWorld) => Promise<unknown>, string]>([
    [
      'the account lacks its role',
      ({ google, project }) => google.client.changeServiceAccount(project.serviceAccountEmail, { roles: [] }),
      'pubsub.permission-denied',
    ],
    [
      'the account may not sign pushes',
      ({ google, project }) =>
        google.client.changeServiceAccount(project.serviceAccountEmail, { canActAs: [] }),
      'pubsub.act-as-missing',
    ],
    [
      'the API is off',
      ({ google }) => google.client.changeProject('acme-helpdesk', { enabledApis: ['gmail.googleapis.com'] }),
      'pubsub.api-disabled',
    ],
    [
      'the organisation restricts sharing',
      ({ google }) =>
        google.client.changeProject('acme-helpdesk', {
          organization: { domain: 'acme.example', id: '1', domainRestrictedSharing: true } as never,
        }),
      'pubsub.domain-restricted',
    ],
    [
      'the project is not there',
      async (there) => {
        there.app = { projectId: 'acme-elsewhere' };
      },
      'pubsub.project-not-found',
    ],
    [
      'Google is down',
      ({ google }) =>
        google.client.addFault({ match: { pathPattern: '/topics/' }, effect: { kind: 'html', code: 502 } }),
      'pubsub.unavailable',
    ],
    [
      'the connection breaks',
      ({ google }) =>
        google.client.addFault({ match: { pathPattern: '/subscriptions/' }, effect: { kind: 'drop' } }),
      'pubsub.unavailable',
    ],
    [
      'the key was deleted',
      async (there) => {
        there.noProvisioning = problem('service-account.key-refused', { projectId: 'acme-helpdesk' });
      },
      'service-account.key-refused',
    ],
    [
      'the setup has no key',
      async (there) => {
        there.app = { serviceAccountKeyStored: false };
      },
      'google-app.incomplete',
    ],
  ])('records why it failed and when it is tried again when %s', async (_name, spoil, code) => {
    await spoil(world);
    expect(await provision()).toMatchObject({ ok: true, value: { provisioned: false, problem: { code } } });
    const { attempt, retryAt } = (await said())!;
    expect(attempt).toBe(1);
    expect(Date.parse(retryAt as string)).toBeGreaterThan(world.clock.now().getTime());
    expect(JSON.stringify(await world.store.readStream('topic-t1'))).not.toContain('ya29');
  });

  it('asks Google once for each thing, and leaves trying again to the due list', async () => {
    await world.google.client.addFault({
      match: { pathPattern: '/topics/' },
      effect: { kind: 'error', code: 503, status: 'UNAVAILABLE', message: 'try later' },
    });
    await provision();
    expect(await calls()).toEqual(['GET topics/gmail-notifications-t1']);
  });

  it('calls nothing at Google when the tenant provisions by hand, and shows what to run', async () => {
    world.app = { provisioning: 'manual', serviceAccountKeyStored: false, serviceAccountEmail: null };
    await world.google.client.clearRequests();
    expect(await provision()).toEqual({ ok: true, value: { provisioned: true, problem: null } });
    expect(await calls()).toEqual([]);
    const serviceAccountEmail = 'gmail-push@acme-helpdesk.iam.gserviceaccount.com';
    expect(await said()).toMatchObject({ mode: 'manual', audience: ENDPOINT, serviceAccountEmail });
    const shown = await getProvisioningCommands(world.means, world.origin());
    expect(shown).toMatchObject({
      ok: true,
      value: { topic: TOPIC, subscription: SUBSCRIPTION, serviceAccountEmail },
    });
    expect(shown.ok && shown.value.commands.join('\n')).toContain(
      'gcloud pubsub topics create gmail-notifications-t1',
    );
  });

  it('is refused, and nothing recorded, while oauth is silent', async () => {
    const silent = {
      ...world.means,
      ask: async () => ({ ok: false, problem: problem('service.unavailable', { service: 'oauth' }) }),
    };
    expect(await provisionTopic(silent as never, world.origin())).toMatchObject({
      ok: false,
      problem: { code: 'service.unavailable' },
    });
    expect(await world.told('topic-t1')).toEqual([]);
  });
});
