import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';
import { days, minutes, seconds } from '#time/clock';
import { GMAIL_PUBLISHER } from './watches.js';

const SUPPORT = 'support@tenant.example';
const TOPIC = 'projects/tenant-one/topics/gmail-push';
const PULL = 'projects/tenant-one/subscriptions/gmail-pull';

describe('a watch on a simulated mailbox', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users: [{ email: SUPPORT }] });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
  });

  const watch = async (request: object = {}) =>
    (
      await tenant
        .gmailOf(SUPPORT)
        .users.watch({ userId: 'me', requestBody: { topicName: TOPIC, ...request } })
    ).data;
  const stop = () => tenant.gmailOf(SUPPORT).users.stop({ userId: 'me' });
  const grant = (topic = TOPIC) => tenant.setPublishers(topic, [GMAIL_PUBLISHER]);
  const provision = async () => {
    await tenant.publisher().createTopic({ name: TOPIC });
    await tenant.subscriber().createSubscription({ name: PULL, topic: TOPIC });
    await grant();
  };
  const notifications = async () => {
    const subscriber = tenant.subscriber();
    const [{ receivedMessages }] = await subscriber.pull({
      subscription: PULL,
      maxMessages: 100,
      returnImmediately: true,
    });
    const received = receivedMessages ?? [];
    const ackIds = received.flatMap(({ ackId }) => ackId ?? []);
    if (ackIds.length > 0) await subscriber.acknowledge({ subscription: PULL, ackIds });
    return received.map(
      ({ message }) =>
        JSON.parse(Buffer.from(message?.data as Uint8Array).toString()) as Record<string, unknown>,
    );
  };

  it('lasts seven days, and says so in strings', async () => {
    await provision();
    const now = (await google.client.now()).getTime();
    const { historyId, expiration } = await watch();
    expect(historyId).toBe((await google.client.gmail.mailbox(SUPPORT)).historyId);
    expect(typeof expiration).toBe('string');
    expect(Math.abs(Number(expiration) - now - days(7))).toBeLessThan(minutes(1));
  });

  it('sends a first notification at once, with the history id as a number', async () => {
    await provision();
    const { historyId } = await watch();
    expect(await notifications()).toEqual([{ emailAddress: SUPPORT, historyId: Number(historyId) }]);
  });

  it('sends the history id as a string when told to', async () => {
    await provision();
    await google.client.gmail.configure({ historyIdInNotifications: 'string' });
    const { historyId } = await watch();
    expect(await notifications()).toEqual([{ emailAddress: SUPPORT, historyId }]);
  });

  it('tells of each delivered message until it is stopped, however often', async () => {
    await provision();
    await watch();
    await google.client.advance(seconds(2));
    const { historyId } = await google.client.gmail.deliver(SUPPORT, { subject: 'one' });
    await stop();
    await stop();
    await google.client.advance(seconds(2));
    await google.client.gmail.deliver(SUPPORT, { subject: 'two' });
    expect((await notifications()).slice(1)).toEqual([
      { emailAddress: SUPPORT, historyId: Number(historyId) },
    ]);
  });

  it('loses notifications beyond one a second, unless that is switched off', async () => {
    await provision();
    await watch();
    await google.client.gmail.deliver(SUPPORT, { subject: 'too soon' });
    expect(await notifications()).toHaveLength(1);
    await google.client.gmail.configure({ dropNotificationsAboveOnePerSecond: false });
    await google.client.gmail.deliver(SUPPORT, { subject: 'soon' });
    expect(await notifications()).toHaveLength(1);
  });

  it('ends after seven days unless renewed', async () => {
    await provision();
    await watch();
    await google.client.advance(days(6));
    await watch();
    await notifications();
    await google.client.advance(days(6));
    await google.client.gmail.deliver(SUPPORT, { subject: 'still watched' });
    expect(await notifications()).toHaveLength(1);
    await google.client.advance(days(2));
    await google.client.gmail.deliver(SUPPORT, { subject: 'unwatched' });
    expect((await google.client.gmail.mailbox(SUPPORT)).watches).toEqual([]);
    expect(await notifications()).toEqual([]);
  });

  it('with labels tells only of messages that carry one, or with exclude only of the others', async () => {
    await provision();
    await google.client.gmail.configure({ dropNotificationsAboveOnePerSecond: false });
    const count = async (filter: object) => {
      await watch(filter);
      await google.client.gmail.deliver(SUPPORT, { subject: 'inbox' });
      await google.client.gmail.deliver(SUPPORT, { subject: 'sent' }, ['SENT']);
      await google.client.gmail.deliver(SUPPORT, { subject: 'draft' }, ['DRAFT']);
      return (await notifications()).length - 1;
    };
    expect(await count({ labelIds: ['INBOX'], labelFilterBehavior: 'INCLUDE' })).toBe(1);
    expect(await count({ labelIds: ['INBOX'], labelFilterBehavior: 'exclude' })).toBe(2);
    expect(await count({ labelFilterBehavior: 'include' })).toBe(3);
  });

  it('on a topic of another project is refused, naming the right one', async () => {
    expect(await refusalOf(watch({ topicName: 'projects/other/topics/gmail-push' }))).toEqual({
      code: 400,
      reason: 'invalidArgument',
      message: 'Invalid topicName does not match projects/tenant-one/topics/*',
    });
  });

  it('on a topic that does not exist is refused', async () => {
    expect(await refusalOf(watch())).toEqual({
      code: 404,
      reason: 'notFound',
      message: `Error sending test message to Cloud PubSub ${TOPIC} : Resource not found (resource=gmail-push).`,
    });
  });

  it('is refused until Gmail may publish, and the grant has spread', async () => {
    await google.client.pubsub.configure({ grantPropagationMs: minutes(2) });
    await tenant.publisher().createTopic({ name: TOPIC });
    const denied = {
      code: 403,
      reason: 'forbidden',
      message: `Error sending test message to Cloud PubSub ${TOPIC} : User not authorized to perform this action.`,
    };
    expect(await refusalOf(watch())).toEqual(denied);
    await grant();
    await google.client.advance(minutes(1));
    expect(await refusalOf(watch())).toEqual(denied);
    await google.client.advance(minutes(1));
    expect(await watch()).toHaveProperty('historyId');
  });

  it('with another topic is refused while one is active, and taken after a stop', async () => {
    await provision();
    const second = 'projects/tenant-one/topics/second';
    await tenant.publisher().createTopic({ name: second });
    await grant(second);
    await watch();
    expect(await refusalOf(watch({ topicName: second }))).toMatchObject({
      code: 400,
      message: 'Only one user push notification client allowed per developer (call /stop then try again)',
    });
    await stop();
    expect(await watch({ topicName: second })).toHaveProperty('expiration');
  });

  it('of another project lives beside it', async () => {
    await provision();
    await watch();
    const other = await TenantClients.of(google, { projectId: 'tenant-two', users: [] });
    const topicName = 'projects/tenant-two/topics/gmail-push';
    await other.publisher().createTopic({ name: topicName });
    await other.setPublishers(topicName, [GMAIL_PUBLISHER]);
    await other.gmailOf(SUPPORT).users.watch({ userId: 'me', requestBody: { topicName } });
    const { watches } = await google.client.gmail.mailbox(SUPPORT);
    expect(watches.map(({ projectId }) => projectId)).toEqual(['tenant-one', 'tenant-two']);
    await other.close();
  });

  it('with an unknown label is refused', async () => {
    await provision();
    expect(await refusalOf(watch({ labelIds: ['Label_9'] }))).toEqual({
      code: 400,
      reason: 'invalidArgument',
      message: 'Invalid label: Label_9',
    });
  });

  it('can be taken by another system of the project, which tells the first one nothing until it renews', async () => {
    await provision();
    await watch();
    const theirs = 'projects/tenant-one/topics/theirs';
    await expect(google.client.gmail.takeWatch(SUPPORT, theirs)).rejects.toThrow('Resource not found');
    await watch();
    await notifications();
    await tenant.publisher().createTopic({ name: theirs });
    await grant(theirs);
    const { watches } = await google.client.gmail.takeWatch(SUPPORT, theirs);
    expect(watches).toMatchObject([{ topicName: theirs }]);
    await google.client.advance(seconds(2));
    await google.client.gmail.deliver(SUPPORT, { subject: 'theirs' });
    expect(await notifications()).toEqual([]);
    expect(await refusalOf(watch())).toMatchObject({
      code: 400,
      message: expect.stringContaining('Only one user push'),
    });
    await google.client.gmail.stopWatches(SUPPORT);
    await watch();
    expect(await notifications()).toHaveLength(1);
  });

  it('goes by its topic’s name: silent while the topic is deleted, heard again when it is made anew', async () => {
    await provision();
    await watch();
    await notifications();
    await google.client.pubsub.deleteTopic(TOPIC);
    await google.client.advance(seconds(2));
    await google.client.gmail.deliver(SUPPORT, { subject: 'unheard' });
    await tenant.subscriber().deleteSubscription({ subscription: PULL });
    await provision();
    await google.client.advance(seconds(2));
    await google.client.gmail.deliver(SUPPORT, { subject: 'heard' });
    expect(await notifications()).toHaveLength(1);
  });

  it('goes silent when the grant is taken away, without telling anybody', async () => {
    await provision();
    await watch();
    await tenant.setPublishers(TOPIC, []);
    await google.client.advance(seconds(2));
    await google.client.gmail.deliver(SUPPORT, { subject: 'unheard' });
    expect(await notifications()).toHaveLength(1);
  });
});
