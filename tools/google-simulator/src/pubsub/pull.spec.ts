import { seconds } from '#time/clock';
import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';

const TOPIC = 'projects/tenant-one/topics/gmail-push';
const SUBSCRIPTION = 'projects/tenant-one/subscriptions/gmail-pull';
const FAILED_PRECONDITION = 9;
const PERMISSION_DENIED = 7;

describe('a simulated pull', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one' });
    await tenant.publisher().createTopic({ name: TOPIC });
    await tenant.subscriber().createSubscription({ name: SUBSCRIPTION, topic: TOPIC });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
  });

  const publish = (...texts: string[]) =>
    tenant
      .publisher()
      .publish({ topic: TOPIC, messages: texts.map((text) => ({ data: Buffer.from(text) })) });
  const pull = async (options: object = { returnImmediately: true }) => {
    const request = { subscription: SUBSCRIPTION, maxMessages: 10, ...options };
    const [{ receivedMessages }] = await tenant.subscriber().pull(request);
    return (receivedMessages ?? []).map(({ ackId, message }) => ({
      ackId: ackId ?? '',
      messageId: message?.messageId,
      text: Buffer.from(message?.data as Uint8Array).toString(),
    }));
  };
  const texts = async () => (await pull()).map(({ text }) => text);

  it('hands out messages once, and again after the ack deadline under the same id', async () => {
    await publish('one', 'two');
    const first = await pull();
    expect(first.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(await texts()).toEqual([]);
    await google.client.advance(seconds(11));
    const again = await pull();
    expect(again.map(({ messageId }) => messageId)).toEqual(first.map(({ messageId }) => messageId));
  });

  it('never again hands out what was acknowledged in time', async () => {
    await publish('one');
    const ackIds = (await pull()).map(({ ackId }) => ackId);
    await tenant.subscriber().acknowledge({ subscription: SUBSCRIPTION, ackIds });
    await google.client.advance(seconds(11));
    expect(await texts()).toEqual([]);
  });

  it('gives a message back at once under a deadline of zero, and later under a longer one', async () => {
    await publish('one');
    const modify = async (ackDeadlineSeconds: number) => {
      const ackIds = (await pull()).map(({ ackId }) => ackId);
      await tenant.subscriber().modifyAckDeadline({ subscription: SUBSCRIPTION, ackIds, ackDeadlineSeconds });
    };
    await modify(0);
    await modify(60);
    await google.client.advance(seconds(30));
    expect(await texts()).toEqual([]);
    await google.client.advance(seconds(31));
    expect(await texts()).toEqual(['one']);
  });

  it('waits for the first message', async () => {
    const waiting = pull({});
    await publish('at last');
    expect((await waiting).map(({ text }) => text)).toEqual(['at last']);
  });

  it('that waited in vain comes back empty', async () => {
    await google.client.pubsub.configure({ pullWaitMs: 1 });
    expect(await pull({})).toEqual([]);
  });

  it('is refused on a push subscription, on a detached one, and without the permission to consume', async () => {
    const { email } = await google.client.createServiceAccount('tenant-one', {
      name: 'viewer',
      roles: ['roles/pubsub.viewer'],
    });
    const request = { subscription: SUBSCRIPTION, maxMessages: 1 };
    expect(await refusalOf(tenant.subscriber(email).pull(request))).toMatchObject({
      code: PERMISSION_DENIED,
    });

    const pushConfig = { pushEndpoint: 'https://psa.example.com/push' };
    await tenant.subscriber().modifyPushConfig({ subscription: SUBSCRIPTION, pushConfig });
    expect(await refusalOf(pull())).toMatchObject({ code: FAILED_PRECONDITION });
    await tenant.publisher().detachSubscription({ subscription: SUBSCRIPTION });
    expect(await refusalOf(pull())).toMatchObject({ code: FAILED_PRECONDITION });
  });
});
