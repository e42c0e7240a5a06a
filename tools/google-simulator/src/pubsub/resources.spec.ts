import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';
import { days } from '#time/clock';
import { GMAIL_PUBLISHER } from '../gmail/watches.js';

// gRPC's codes, into which the library turns Google's answers.
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;

const TOPIC = 'projects/tenant-one/topics/gmail-push';
const SUBSCRIPTION = 'projects/tenant-one/subscriptions/gmail-push';
const ENDPOINT = 'https://psa.example.com/push';

describe('simulated Pub/Sub resources', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one' });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
  });

  const createTopic = (name = TOPIC) => tenant.publisher().createTopic({ name });
  const createSubscription = (fields: object = {}) =>
    tenant.subscriber().createSubscription({ name: SUBSCRIPTION, topic: TOPIC, ...fields });
  const subscription = async () =>
    (await tenant.subscriber().getSubscription({ subscription: SUBSCRIPTION }))[0];
  const update = (fields: object, paths: string[]) =>
    tenant
      .subscriber()
      .updateSubscription({ subscription: { name: SUBSCRIPTION, ...fields }, updateMask: { paths } });
  const accountWith = async (grants: object): Promise<string> =>
    (await google.client.createServiceAccount('tenant-one', { name: 'limited', ...grants })).email;

  describe('topics', () => {
    it('are created once, read, listed and deleted', async () => {
      const publisher = tenant.publisher();
      expect((await createTopic())[0].name).toBe(TOPIC);
      expect(await refusalOf(createTopic())).toEqual({
        code: ALREADY_EXISTS,
        message: 'Resource already exists in the project (resource=gmail-push).',
      });
      expect((await publisher.getTopic({ topic: TOPIC }))[0].name).toBe(TOPIC);
      expect(
        (await publisher.listTopics({ project: 'projects/tenant-one' }))[0].map(({ name }) => name),
      ).toEqual([TOPIC]);
      await publisher.deleteTopic({ topic: TOPIC });
      expect(await refusalOf(publisher.getTopic({ topic: TOPIC }))).toEqual({
        code: NOT_FOUND,
        message: 'Resource not found (resource=gmail-push).',
      });
    });

    it.each(['ab', '1abc', 'goog-mail', 'has space'])('may not be called %s', async (id) => {
      const name = `projects/tenant-one/topics/${id}`;
      expect(await refusalOf(createTopic(name))).toMatchObject({ code: INVALID_ARGUMENT });
    });

    it('that are deleted leave their subscriptions behind, pointing nowhere', async () => {
      await createTopic();
      await createSubscription();
      await tenant.publisher().deleteTopic({ topic: TOPIC });
      expect((await subscription()).topic).toBe('_deleted-topic_');
    });
  });

  describe('permissions', () => {
    const refused = { code: PERMISSION_DENIED, message: 'User not authorized to perform this action.' };

    it('are asked for, call by call', async () => {
      await createTopic();
      const viewer = await accountWith({ roles: ['roles/pubsub.viewer'] });
      expect((await tenant.publisher(viewer).getTopic({ topic: TOPIC }))[0].name).toBe(TOPIC);
      expect(await refusalOf(tenant.publisher(viewer).deleteTopic({ topic: TOPIC }))).toEqual(refused);
      const publish = tenant
        .publisher(viewer)
        .publish({ topic: TOPIC, messages: [{ data: Buffer.from('x') }] });
      expect(await refusalOf(publish)).toEqual(refused);
    });

    it('of an editor do not include changing the policy', async () => {
      await createTopic();
      const editor = await accountWith({ roles: ['roles/pubsub.editor'] });
      expect((await tenant.publisher(editor).getTopic({ topic: TOPIC }))[0].name).toBe(TOPIC);
      expect(await refusalOf(tenant.setPublishers(TOPIC, [], { as: editor }))).toEqual(refused);
    });

    it('do not reach into another project, and an unknown project is not found', async () => {
      await createTopic();
      const other = await TenantClients.of(google, { projectId: 'tenant-two' });
      expect(await refusalOf(other.publisher().getTopic({ topic: TOPIC }))).toEqual(refused);
      const nowhere = other.publisher().getTopic({ topic: 'projects/no-such-project/topics/abc' });
      expect(await refusalOf(nowhere)).toMatchObject({ code: NOT_FOUND });
      await other.close();
    });

    it('need a token, and one with a Pub/Sub scope', async () => {
      const email = tenant.project.serviceAccountEmail;
      const scopes = ['https://www.googleapis.com/auth/gmail.readonly'];
      const { token } = google.world.oauth.issueAccessToken({ kind: 'service-account', email }, scopes);
      const statusWith = async (authorization: string) =>
        (await fetch(`${google.url}/v1/${TOPIC}`, { headers: { authorization } })).status;
      expect([await statusWith('Bearer ya29.unknown'), await statusWith(`Bearer ${token}`)]).toEqual([
        401, 403,
      ]);
    });

    it('of a person come with owning the project', async () => {
      for (const email of ['owner@tenant.example', 'guest@tenant.example'])
        await google.client.createUser(email);
      await google.client.changeProject('tenant-one', { owners: ['owner@tenant.example'] });
      const create = (email: string) => tenant.publisherOf(email).createTopic({ name: TOPIC });
      expect(await refusalOf(create('guest@tenant.example'))).toEqual(refused);
      expect((await create('owner@tenant.example'))[0].name).toBe(TOPIC);
    });

    it('held can be tested', async () => {
      await createTopic();
      const viewer = await accountWith({ roles: ['roles/pubsub.viewer'] });
      const request = { resource: TOPIC, permissions: ['pubsub.topics.get', 'pubsub.topics.delete'] };
      type Request = Parameters<ReturnType<TenantClients['publisher']>['testIamPermissions']>[0];
      const [held] = await tenant.publisher(viewer).testIamPermissions(request as unknown as Request);
      expect(held.permissions).toEqual(['pubsub.topics.get']);
    });

    it('are of no use while the API is disabled', async () => {
      await google.client.changeProject('tenant-one', { enabledApis: ['gmail.googleapis.com'] });
      expect(await refusalOf(createTopic())).toMatchObject({
        code: PERMISSION_DENIED,
        message: expect.stringContaining('Cloud Pub/Sub API has not been used in project'),
      });
    });
  });

  describe('a policy', () => {
    const policy = async () => {
      type Request = Parameters<ReturnType<TenantClients['publisher']>['getIamPolicy']>[0];
      const [read] = await tenant.publisher().getIamPolicy({ resource: TOPIC } as unknown as Request);
      return read;
    };

    it('is empty at first, and then what was set', async () => {
      await createTopic();
      expect((await policy()).bindings).toEqual([]);
      await tenant.setPublishers(TOPIC, [GMAIL_PUBLISHER]);
      expect((await policy()).bindings).toMatchObject([
        { role: 'roles/pubsub.publisher', members: [GMAIL_PUBLISHER] },
      ]);
    });

    it('is replaced under a fresh etag, refused under a stale one, overwritten under none', async () => {
      await createTopic();
      const stale = Buffer.from((await policy()).etag as Uint8Array);
      await tenant.setPublishers(TOPIC, [GMAIL_PUBLISHER], { etag: stale });
      expect(await refusalOf(tenant.setPublishers(TOPIC, [], { etag: stale }))).toMatchObject({
        code: ABORTED,
      });
      expect((await policy()).bindings).toHaveLength(1);
      await tenant.setPublishers(TOPIC, []);
      expect((await policy()).bindings).toEqual([]);
    });

    it('takes the GET form of Google’s REST reference as well', async () => {
      await createTopic();
      const email = tenant.project.serviceAccountEmail;
      const scope = 'https://www.googleapis.com/auth/cloud-platform';
      const { token } = google.world.oauth.issueAccessToken({ kind: 'service-account', email }, [scope]);
      const url = `${google.url}/v1/${TOPIC}:getIamPolicy?options.requestedPolicyVersion=3`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      expect(await response.json()).toEqual({ version: 1, etag: 'ACAB' });
    });

    it('may not name outsiders under domain-restricted sharing', async () => {
      await createTopic();
      await google.client.changeProject('tenant-one', {
        organization: { domain: 'tenant.example', domainRestrictedSharing: true },
      });
      const grant = tenant.setPublishers(TOPIC, [GMAIL_PUBLISHER]);
      expect(await refusalOf(grant)).toMatchObject({
        code: FAILED_PRECONDITION,
        message:
          'One or more users named in the policy do not belong to a permitted customer, perhaps due to an organization policy.',
      });
      const details = await grant.catch((error: { statusDetails?: unknown }) => error.statusDetails);
      expect(JSON.stringify(details)).toContain('constraints/iam.allowedPolicyMemberDomains');
      await tenant.setPublishers(TOPIC, [`serviceAccount:${tenant.project.serviceAccountEmail}`]);
      expect((await policy()).bindings).toHaveLength(1);
    });
  });

  describe('a subscription', () => {
    it('gets Google’s defaults', async () => {
      await createTopic();
      await createSubscription();
      expect(await subscription()).toMatchObject({
        topic: TOPIC,
        ackDeadlineSeconds: 10,
        messageRetentionDuration: { seconds: '604800' },
        expirationPolicy: { ttl: { seconds: '2678400' } },
        retryPolicy: null,
        state: 'ACTIVE',
        detached: false,
      });
    });

    it('exists once, and only on an existing topic', async () => {
      expect(await refusalOf(createSubscription())).toMatchObject({ code: NOT_FOUND });
      await createTopic();
      await createSubscription();
      expect(await refusalOf(createSubscription())).toMatchObject({ code: ALREADY_EXISTS });
    });

    it('dies after 31 days without activity, and being looked at is none', async () => {
      await createTopic();
      await createSubscription();
      await google.client.advance(days(30));
      expect((await subscription()).name).toBe(SUBSCRIPTION);
      await google.client.advance(days(2));
      expect(await refusalOf(subscription())).toMatchObject({ code: NOT_FOUND });
    });

    it('lives for ever with an expiration policy that has no ttl', async () => {
      await createTopic();
      await createSubscription({ expirationPolicy: {} });
      await google.client.advance(days(400));
      expect((await subscription()).name).toBe(SUBSCRIPTION);
    });

    it('changes in the fields of the mask only', async () => {
      await createTopic();
      await createSubscription({ ackDeadlineSeconds: 20 });
      await update({ ackDeadlineSeconds: 60, expirationPolicy: {} }, ['ack_deadline_seconds']);
      expect(await subscription()).toMatchObject({
        ackDeadlineSeconds: 60,
        expirationPolicy: { ttl: { seconds: '2678400' } },
      });
      await update({ pushConfig: { pushEndpoint: ENDPOINT }, expirationPolicy: {} }, [
        'push_config',
        'expirationPolicy',
      ]);
      expect(await subscription()).toMatchObject({
        pushConfig: { pushEndpoint: ENDPOINT },
        expirationPolicy: { ttl: null },
      });
    });

    it.each(['topic', 'filter', 'enable_message_ordering'])('cannot change its %s', async (path) => {
      await createTopic();
      await createSubscription();
      expect(await refusalOf(update({}, [path]))).toMatchObject({
        code: INVALID_ARGUMENT,
        message: expect.stringContaining('not mutable'),
      });
    });

    it.each([
      { ackDeadlineSeconds: 9 },
      { ackDeadlineSeconds: 601 },
      { messageRetentionDuration: { seconds: 599 } },
      { expirationPolicy: { ttl: { seconds: 86_399 } } },
      { pushConfig: { pushEndpoint: 'http://psa.example.com/push' } },
      { pushConfig: { pushEndpoint: 'nonsense' } },
      { pushConfig: { pushEndpoint: ENDPOINT }, enableExactlyOnceDelivery: true },
    ])('is refused with %j', async (fields) => {
      await createTopic();
      expect(await refusalOf(createSubscription(fields))).toMatchObject({ code: INVALID_ARGUMENT });
    });

    it('takes loopback endpoints only while that is allowed', async () => {
      await createTopic();
      await google.client.pubsub.configure({ allowLoopbackPush: false });
      const pushConfig = { pushEndpoint: 'http://127.0.0.1:9/push' };
      expect(await refusalOf(createSubscription({ pushConfig }))).toMatchObject({ code: INVALID_ARGUMENT });
      await google.client.pubsub.configure({ allowLoopbackPush: true });
      expect((await createSubscription({ pushConfig }))[0].pushConfig?.pushEndpoint).toBe(
        pushConfig.pushEndpoint,
      );
    });

    it('names a signing account only with actAs on it, and of the same project', async () => {
      await createTopic();
      const stranger = await TenantClients.of(google, { projectId: 'tenant-two' });
      const signedBy = (serviceAccountEmail: string) => ({
        pushConfig: { pushEndpoint: ENDPOINT, oidcToken: { serviceAccountEmail } },
      });
      const foreign = createSubscription(signedBy(stranger.project.serviceAccountEmail));
      expect(await refusalOf(foreign)).toMatchObject({ code: INVALID_ARGUMENT });
      const another = await accountWith({});
      expect(await refusalOf(createSubscription(signedBy(another)))).toMatchObject({
        code: PERMISSION_DENIED,
        message: expect.stringContaining('iam.serviceAccounts.actAs'),
      });
      await createSubscription(signedBy(tenant.project.serviceAccountEmail));
      expect(await refusalOf(update(signedBy(another), ['push_config']))).toMatchObject({
        code: PERMISSION_DENIED,
      });
      await stranger.close();
    });

    it('is listed under its project and under its topic', async () => {
      await createTopic();
      await createSubscription();
      const [mine] = await tenant.subscriber().listSubscriptions({ project: 'projects/tenant-one' });
      const [ofTopic] = await tenant.publisher().listTopicSubscriptions({ topic: TOPIC });
      expect([mine.map(({ name }) => name), ofTopic]).toEqual([[SUBSCRIPTION], [SUBSCRIPTION]]);
    });

    it('is gone after its deletion', async () => {
      await createTopic();
      await createSubscription();
      await tenant.subscriber().deleteSubscription({ subscription: SUBSCRIPTION });
      expect(await refusalOf(subscription())).toMatchObject({ code: NOT_FOUND });
    });
  });
});
