import type { IncomingHttpHeaders } from 'node:http';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { minutes, seconds, days } from '#time/clock';
import { startSimulator, type Simulator } from '../server.js';
import { TenantClients } from '../tenant-clients.js';
import { PushEndpoint } from './push-endpoint.js';
import { pushBackoffMs } from './push-pace.js';

const TOPIC = 'projects/tenant-one/topics/gmail-push';
const SUBSCRIPTION = 'projects/tenant-one/subscriptions/gmail-push';

describe('a simulated push', () => {
  let google: Simulator;
  let tenant: TenantClients;
  let endpoint: PushEndpoint;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one' });
    await tenant.publisher().createTopic({ name: TOPIC });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
    await endpoint.close();
  });

  const subscribe = async (statuses: number[], fields: object = {}, audience?: string) => {
    endpoint = await PushEndpoint.answering(...statuses);
    const serviceAccountEmail = tenant.project.serviceAccountEmail;
    const oidcToken = { serviceAccountEmail, ...(audience && { audience }) };
    await tenant.subscriber().createSubscription({
      name: SUBSCRIPTION,
      topic: TOPIC,
      pushConfig: { pushEndpoint: endpoint.url, oidcToken },
      ...fields,
    });
  };
  const publish = async (...texts: string[]) => {
    const messages = texts.map((text) => ({ data: Buffer.from(text) }));
    return (await tenant.publisher().publish({ topic: TOPIC, messages }))[0].messageIds ?? [];
  };
  const verified = async (headers: IncomingHttpHeaders) => {
    const token = (headers.authorization ?? '').replace('Bearer ', '');
    return await jwtVerify(token, createRemoteJWKSet(new URL(`${google.url}/oauth2/v3/certs`)));
  };

  it('is Google’s envelope, with ids and times in both spellings', async () => {
    await subscribe([204]);
    const [messageId] = await publish('hello');
    await google.client.pubsub.settled();
    const { headers, body } = endpoint.received[0]!;
    expect(body).toEqual({
      message: {
        data: Buffer.from('hello').toString('base64'),
        messageId,
        message_id: messageId,
        publishTime: expect.stringMatching(/^\d{4}-.*Z$/),
        publish_time: body.message.publishTime,
      },
      subscription: SUBSCRIPTION,
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'CloudPubSub-Google' });
  });

  it('proves the service account with a token of Google’s own, for the push URL unless an audience is set', async () => {
    await subscribe([204]);
    await publish('hello');
    await google.client.pubsub.settled();
    const { payload, protectedHeader } = await verified(endpoint.received[0]!.headers);
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: google.world.keys.kid });
    const sub = google.world.serviceAccount(tenant.project.serviceAccountEmail)?.account.uniqueId;
    expect(payload).toMatchObject({
      iss: 'https://accounts.google.com',
      aud: endpoint.url,
      sub,
      azp: sub,
      email: tenant.project.serviceAccountEmail,
      email_verified: true,
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
  });

  it('names the configured audience', async () => {
    await subscribe([204], {}, 'tenant-one-mail');
    await publish('hello');
    await google.client.pubsub.settled();
    expect((await verified(endpoint.received[0]!.headers)).payload.aud).toBe('tenant-one-mail');
  });

  it.each([200, 201, 202, 204])('is done after %i', async (status) => {
    await subscribe([status]);
    await publish('hello');
    expect(await google.client.pubsub.delivered({ subscription: SUBSCRIPTION })).toMatchObject([
      { outcome: 'acked', status },
    ]);
    await google.client.advance(minutes(5));
    await google.client.pubsub.settled();
    expect(endpoint.texts).toEqual(['hello']);
  });

  it.each([203, 206, 302, 400, 401, 404, 500, 503])(
    'comes again after %i, under the same message id',
    async (status) => {
      await subscribe([status, 204]);
      const [messageId] = await publish('hello');
      await google.client.pubsub.delivered();
      expect(endpoint.messageIds).toEqual([messageId, messageId]);
      const attempts = await google.client.pubsub.pushes({ messageId: messageId ?? '' });
      expect(attempts.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
        ['nacked', 1],
        ['acked', 2],
      ]);
    },
  );

  it('says its attempt only under a dead-letter policy, and goes to the dead letters in the end', async () => {
    const dead = 'projects/tenant-one/topics/dead-letters';
    const graveyard = 'projects/tenant-one/subscriptions/dead-letters';
    await tenant.publisher().createTopic({ name: dead });
    await tenant.subscriber().createSubscription({ name: graveyard, topic: dead });
    const agent = `service-${tenant.project.projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`;
    await tenant.setPublishers(dead, [`serviceAccount:${agent}`]);
    await subscribe([500], { deadLetterPolicy: { deadLetterTopic: dead, maxDeliveryAttempts: 5 } });
    await publish('poison');
    await google.client.pubsub.settled();
    expect(endpoint.received.map(({ body }) => body.deliveryAttempt)).toEqual([1, 2, 3, 4, 5]);
    const [{ receivedMessages }] = await tenant
      .subscriber()
      .pull({ subscription: graveyard, maxMessages: 1 });
    expect(receivedMessages).toHaveLength(1);
  });

  it('is held back longer after each refusal, from 100 ms to a minute', () => {
    expect([1, 2, 3, 10, 11, 50].map(pushBackoffMs)).toEqual([100, 200, 400, 51_200, 60_000, 60_000]);
  });

  it('waits for the whole subscription to recover from one poisonous message', async () => {
    const refusals = 11;
    await subscribe([...Array<number>(refusals).fill(500), 204]);
    await publish('poison');
    for (let refusal = 1; refusal < refusals; refusal += 1) {
      await google.client.pubsub.delivered({ outcome: 'nacked', count: refusal });
      await google.client.advance(minutes(1));
    }
    await google.client.pubsub.delivered({ outcome: 'nacked', count: refusals });
    await publish('innocent');
    await google.client.advance(seconds(30));
    expect(endpoint.texts).not.toContain('innocent');
    await google.client.advance(seconds(31));
    await google.client.pubsub.settled();
    expect(endpoint.texts.slice(-2)).toEqual(['poison', 'innocent']);
  });

  it('waits as long as the retry policy says', async () => {
    const retryPolicy = { minimumBackoff: { seconds: 300 }, maximumBackoff: { seconds: 600 } };
    await subscribe([500, 204], { retryPolicy });
    await publish('hello');
    await google.client.pubsub.delivered({ outcome: 'nacked' });
    await google.client.advance(seconds(200));
    expect(endpoint.received).toHaveLength(1);
    await google.client.advance(seconds(101));
    await google.client.pubsub.delivered();
    expect(endpoint.received).toHaveLength(2);
  });

  it('that is not answered within the ack deadline comes again', async () => {
    await subscribe([0, 204], { ackDeadlineSeconds: 60 });
    await publish('slow');
    await endpoint.next(1);
    await google.client.advance(seconds(61));
    await google.client.pubsub.delivered();
    expect((await google.client.pubsub.pushes()).map(({ failure }) => failure)).toEqual([
      'ack deadline exceeded',
      undefined,
    ]);
  });

  it('that is refused for seven days is given up', async () => {
    await subscribe([500]);
    await publish('lost');
    await google.client.pubsub.delivered({ outcome: 'nacked' });
    await google.client.advance(days(8));
    await google.client.pubsub.settled();
    expect(await google.client.pubsub.pushes({ outcome: 'acked' })).toEqual([]);
  });

  it('is sent twice, lost, or late when told to', async () => {
    await subscribe([204]);
    const on = 'pubsub-push' as const;
    await google.client.addFault({ match: { on }, effect: { kind: 'duplicate' }, times: 1 });
    const [twice] = await publish('twice');
    await google.client.pubsub.settled();
    expect(endpoint.messageIds).toEqual([twice, twice]);

    await google.client.addFault({ match: { on }, effect: { kind: 'drop' }, times: 1 });
    const [lost] = await publish('lost');
    await google.client.pubsub.settled();
    expect(endpoint.messageIds).not.toContain(lost);
    expect(await google.client.pubsub.pushes({ messageId: lost ?? '' })).toMatchObject([{ outcome: 'lost' }]);

    await google.client.addFault({ match: { on }, effect: { kind: 'delay', delayMs: minutes(3) }, times: 1 });
    const [late] = await publish('late');
    expect(endpoint.messageIds).not.toContain(late);
    await google.client.advance(minutes(3));
    await google.client.pubsub.settled();
    expect(endpoint.messageIds.at(-1)).toBe(late);
  });

  it('arrives in reverse order when told to hold several, and on release what is still held', async () => {
    await subscribe([204]);
    const fault = await google.client.addFault({
      match: { on: 'pubsub-push', pathPattern: 'gmail-push$' },
      effect: { kind: 'reorder', hold: 3 },
    });
    for (const text of ['1', '2', '3']) await publish(text);
    await google.client.pubsub.delivered({ count: 3 });
    expect(endpoint.texts).toEqual(['3', '2', '1']);
    await publish('4');
    await google.client.pubsub.settled();
    expect(endpoint.texts).toHaveLength(3);
    await google.client.removeFault(fault.id);
    await google.client.pubsub.releaseHeld(SUBSCRIPTION);
    expect(endpoint.texts.at(-1)).toBe('4');
  });

  it('that was held back does not reach a subscription that has become a pull', async () => {
    await subscribe([204]);
    await google.client.addFault({
      match: { on: 'pubsub-push' },
      effect: { kind: 'delay', delayMs: minutes(3) },
    });
    await publish('late');
    await tenant.subscriber().modifyPushConfig({ subscription: SUBSCRIPTION, pushConfig: {} });
    await google.client.advance(minutes(3));
    const request = { subscription: SUBSCRIPTION, maxMessages: 1, returnImmediately: true };
    const [{ receivedMessages }] = await tenant.subscriber().pull(request);
    expect(receivedMessages).toHaveLength(1);
    expect(endpoint.received).toEqual([]);
  });

  it('can be refused on behalf of the endpoint, for one mailbox only', async () => {
    await subscribe([204]);
    await google.client.addFault({
      match: { on: 'pubsub-push', caller: 'a@tenant.example' },
      effect: { kind: 'error', code: 503 },
      times: 1,
    });
    await publish(JSON.stringify({ emailAddress: 'b@tenant.example', historyId: 1 }));
    await publish(JSON.stringify({ emailAddress: 'a@tenant.example', historyId: 2 }));
    await google.client.pubsub.delivered({ count: 2 });
    expect(endpoint.received).toHaveLength(2);
    expect(await google.client.pubsub.pushes({ outcome: 'nacked' })).toMatchObject([{ status: 503 }]);
  });

  it('fails while its service account is gone', async () => {
    await subscribe([204]);
    await google.client.changeServiceAccount(tenant.project.serviceAccountEmail, { deleted: true });
    google.world.pubsub.publish(google.world.pubsub.topics.get(TOPIC)!, [{ data: Buffer.from('x') }]);
    await google.client.pubsub.delivered({ outcome: 'nacked' });
    expect(endpoint.received).toEqual([]);
  });

  it('never comes from a detached subscription', async () => {
    await subscribe([204]);
    await tenant.publisher().detachSubscription({ subscription: SUBSCRIPTION });
    await publish('unheard');
    await google.client.pubsub.settled();
    expect(endpoint.received).toEqual([]);
  });

  it('passes a filter on attributes only when it has them', async () => {
    await subscribe([204], { filter: 'attributes.kind = "mail"' });
    await tenant.publisher().publish({
      topic: TOPIC,
      messages: [{ data: Buffer.from('a') }, { data: Buffer.from('b'), attributes: { kind: 'mail' } }],
    });
    await google.client.pubsub.settled();
    expect(endpoint.texts).toEqual(['b']);
  });

  it('turns into a pull and back', async () => {
    await subscribe([204]);
    const subscriber = tenant.subscriber();
    await subscriber.modifyPushConfig({ subscription: SUBSCRIPTION, pushConfig: {} });
    await publish('waiting');
    expect(endpoint.received).toEqual([]);
    await subscriber.modifyPushConfig({
      subscription: SUBSCRIPTION,
      pushConfig: { pushEndpoint: endpoint.url },
    });
    await google.client.pubsub.settled();
    expect(endpoint.texts).toEqual(['waiting']);
    expect(endpoint.received[0]?.headers.authorization).toBeUndefined();
  });

  it('waits in line until the first ones are answered', async () => {
    await subscribe([0]);
    await publish('1', '2', '3', '4', '5');
    await endpoint.next(3);
    expect(google.world.pubsub.subscription(SUBSCRIPTION)?.backlog.count('out')).toBe(3);
    expect(google.world.pubsub.outstandingPushes()).toBe(5);
  });

  it('without a wrapper is the bare data, with the metadata in headers', async () => {
    await subscribe([204]);
    await google.client.pubsub.deleteSubscription(SUBSCRIPTION);
    await google.client.pubsub.createSubscription(SUBSCRIPTION, {
      topic: TOPIC,
      pushConfig: { pushEndpoint: endpoint.url, noWrapper: { writeMetadata: true } },
    });
    const [messageId] = await publish('{"bare":true}');
    await google.client.pubsub.settled();
    expect(endpoint.received[0]?.body).toEqual({ bare: true });
    expect(endpoint.received[0]?.headers).toMatchObject({
      'x-goog-pubsub-message-id': messageId,
      'x-goog-pubsub-subscription-name': SUBSCRIPTION,
    });
  });
});
