import { AddMailbox, DisconnectMailbox, ProvisionTopic, StartWatch } from '#contracts/gmail';
import { VerifyTopic } from '#contracts/gmail-provisioning';
import { answer } from '#messaging/handler';
import { days, hours } from '#time/clock';
import { GmailWorld, SUPPORT } from '../fixtures/gmail-world.js';
import { connectWhenAuthorized } from '../follow-ups/connect-when-authorized.reactor.js';
import { watchWhenProvisioned } from '../follow-ups/watch-when-provisioned.reactor.js';
import { mailboxesProjection } from '../mailbox/mailboxes.projection.js';
import { addMailbox, endMailbox } from '../mailbox/settings-handlers.js';
import { watchMailbox } from '../mailbox/watch-handlers.js';
import { provisionTopic, verifyTopic } from './provision-topic.js';

const TOPIC = 'projects/acme-helpdesk/topics/gmail-notifications-t1';
const SUBSCRIPTION = 'projects/acme-helpdesk/subscriptions/gmail-webhook-t1';
const ENDPOINT = 'https://psa.example.com/api/email/webhooks/google';
const FOREIGN = 'projects/acme-helpdesk/topics/billing';

describe('a topic that is looked at every six hours', () => {
  let world: GmailWorld;
  const processors = () => [
    mailboxesProjection,
    connectWhenAuthorized(world.means),
    watchWhenProvisioned(world.means),
  ];
  beforeEach(async () => {
    world = await GmailWorld.open();
    const { means } = world;
    world.handlers = [
      answer(AddMailbox, (data, origin) => addMailbox(means, data, origin)),
      answer(ProvisionTopic, (_data, origin) => provisionTopic(means, origin)),
      answer(VerifyTopic, (_data, origin) => verifyTopic(means, origin)),
      answer(StartWatch, (data, origin) => watchMailbox(means, 'StartWatch', data, origin)),
      answer(DisconnectMailbox, (data, origin) => endMailbox(means, 'DisconnectMailbox', data, origin)),
    ];
    const settings = { filter: { labels: [], include: [] } };
    const defaults = { inboundTicketDefaultsId: null, autoProcessEmails: true };
    const data = { providerId: 'p1', name: 'Support', address: SUPPORT, ...settings, defaults };
    await means.ask(AddMailbox, data, world.origin());
    await world.grant('p1', 'Authorized');
    await world.settle(processors());
    await world.advance(hours(6));
  });
  afterEach(() => world.close());

  const verify = async () => {
    const reply = await world.means.ask(VerifyTopic, {}, world.origin('timer:VerifyTopic'));
    await world.settle(processors());
    return reply;
  };
  const account = () => world.project.serviceAccountEmail;
  const pushConfig = (change: { endpoint?: string; audience?: string; email?: string } = {}) => ({
    pushEndpoint: change.endpoint ?? ENDPOINT,
    oidcToken: { serviceAccountEmail: change.email ?? account(), audience: change.audience ?? ENDPOINT },
  });
  const asArranged = async () => {
    expect(await world.google.client.pubsub.subscription(SUBSCRIPTION)).toMatchObject({
      topic: TOPIC,
      pushConfig: pushConfig(),
      ackDeadlineSeconds: 60,
      expirationPolicy: {},
      retryPolicy: { minimumBackoff: '10s', maximumBackoff: '600s' },
      state: 'ACTIVE',
    });
    const { policy } = await world.google.client.pubsub.topic(TOPIC);
    expect(JSON.stringify(policy)).toContain('gmail-api-push@system.gserviceaccount.com');
  };

  const identity = 'push subscription mended: push address and identity';
  const anew = (because: string) => `push subscription made anew because ${because}`;
  type Admin = GmailWorld['google']['client']['pubsub'];
  const changes = (change: object) => (admin: Admin) =>
    admin.changeSubscription(SUBSCRIPTION, change as Record<string, unknown>);

  it.each<[string, (admin: Admin) => Promise<unknown>, string[]]>([
    [
      'a deleted topic',
      (admin) => admin.deleteTopic(TOPIC),
      ['topic created', 'Gmail allowed to publish', anew('its topic had been deleted')],
    ],
    [
      'a topic that somebody deleted and made anew',
      async (admin) => {
        await admin.deleteTopic(TOPIC);
        await admin.createTopic(TOPIC);
      },
      ['Gmail allowed to publish', anew('its topic had been deleted')],
    ],
    [
      'a publisher grant taken away',
      (admin) => admin.grantPublishers(TOPIC, []),
      ['Gmail allowed to publish'],
    ],
    [
      'a deleted subscription',
      (admin) => admin.deleteSubscription(SUBSCRIPTION),
      ['push subscription created'],
    ],
    [
      'a drifted endpoint',
      (admin) => changes({ pushConfig: pushConfig({ endpoint: 'https://old.example.com/hook' }) })(admin),
      [identity],
    ],
    [
      'a drifted audience',
      (admin) => changes({ pushConfig: pushConfig({ audience: 'https://psa.example.com' }) })(admin),
      [identity],
    ],
    [
      'another signing account',
      async (admin) => {
        const { email } = await world.google.client.createServiceAccount('acme-helpdesk', {
          name: 'another-signer',
        });
        await changes({ pushConfig: pushConfig({ email }) })(admin);
      },
      [identity],
    ],
    ['a push turned into pull', changes({ pushConfig: {} }), [identity]],
    [
      'Google’s end after 31 idle days',
      changes({ expirationPolicy: null }),
      ['push subscription mended: expiration'],
    ],
    [
      'another acknowledgement deadline',
      changes({ ackDeadlineSeconds: 10 }),
      ['push subscription mended: acknowledgement deadline'],
    ],
    [
      'other pauses between attempts',
      changes({ retryPolicy: null }),
      ['push subscription mended: retry pauses'],
    ],
    ['a detached subscription', (admin) => admin.detachSubscription(SUBSCRIPTION), [anew('it was detached')]],
    [
      'a filter',
      async (admin) => {
        await admin.deleteSubscription(SUBSCRIPTION);
        const config = { pushConfig: pushConfig(), filter: 'attributes:vip' };
        await admin.createSubscription(SUBSCRIPTION, { topic: TOPIC, ...config });
      },
      [anew('it had a filter')],
    ],
  ])('%s is mended and told in words, once, and the watch begins anew', async (_, drift, repaired) => {
    await drift(world.google.client.pubsub);
    expect(await verify()).toMatchObject({ ok: true, value: { provisioned: true, problem: null } });
    await asArranged();
    expect(await world.last('topic-t1')).toMatchObject({ type: 'TopicProvisioned', data: { repaired } });
    expect((await world.told('mailbox-t1+p1')).filter((type) => type === 'WatchStarted')).toHaveLength(2);

    await world.advance(hours(6));
    await verify();
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned', 'TopicProvisioned']);
    expect((await world.told('mailbox-t1+p1')).filter((type) => type === 'WatchStarted')).toHaveLength(2);
  });

  it('tells nothing when nothing changed', async () => {
    await verify();
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned']);
  });

  it('is still there after a month without a notification, because its end was noticed in time', async () => {
    await world.google.client.pubsub.changeSubscription(SUBSCRIPTION, { expirationPolicy: null });
    await verify();
    await world.advance(days(32));
    await asArranged();
  });

  const withoutRoles = () => world.google.client.changeServiceAccount(account(), { roles: [] });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a subscription of another topic',
      async () => {
        const { pubsub } = world.google.client;
        await pubsub.createTopic(FOREIGN);
        await pubsub.deleteSubscription(SUBSCRIPTION);
        await pubsub.createSubscription(SUBSCRIPTION, { topic: FOREIGN });
      },
      'pubsub.subscription-of-other-topic',
    ],
    ['a role taken away', withoutRoles, 'pubsub.permission-denied'],
    [
      'a publisher grant that the organisation forbids',
      async () => {
        await world.google.client.pubsub.grantPublishers(TOPIC, []);
        const organization = { domain: 'acme.example', domainRestrictedSharing: true };
        await world.google.client.changeProject('acme-helpdesk', { organization });
      },
      'pubsub.domain-restricted',
    ],
  ])('%s cannot be mended: it is told with its next attempt', async (_, drift, code) => {
    await drift();
    expect(await verify()).toMatchObject({ value: { provisioned: false, problem: { code } } });
    const { type, data } = (await world.last('topic-t1'))!;
    expect({ type, data }).toMatchObject({
      type: 'TopicProvisioningFailed',
      data: { problem: { code }, attempt: 1 },
    });
    expect(Date.parse(data['retryAt'] as string)).toBeGreaterThan(world.clock.now().getTime());
  });

  it('is in order by itself once the service may mend it again', async () => {
    await withoutRoles();
    await verify();
    await world.google.client.changeServiceAccount(account(), { roles: ['roles/pubsub.admin'] });
    await verify();
    expect(await world.told('topic-t1')).toEqual([
      'TopicProvisioned',
      'TopicProvisioningFailed',
      'TopicProvisioned',
    ]);
  });

  it('is left alone when it was provisioned by hand', async () => {
    world.app = { provisioning: 'manual' };
    await verify();
    await world.google.client.pubsub.deleteSubscription(SUBSCRIPTION);
    await world.google.client.clearRequests();
    await verify();
    expect((await world.google.client.requests()).filter(({ path }) => path.startsWith('/v1/'))).toEqual([]);
  });

  it('is not looked at any more once no mailbox is connected, until one is again', async () => {
    await world.means.ask(DisconnectMailbox, { providerId: 'p1', reason: 'manual' }, world.origin());
    await world.settle(processors());
    await world.google.client.clearRequests();
    await verify();
    await verify();
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned', 'TopicLeft']);
    expect(await world.google.client.requests()).toEqual([]);

    await world.advance(hours(1));
    await world.grant('p1', 'Authorized');
    await world.settle(processors());
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned', 'TopicLeft', 'TopicProvisioned']);
    expect((await world.told('mailbox-t1+p1')).at(-1)).toBe('WatchStarted');
  });

  it('is not left while the read model has not heard yet of a mailbox that was just connected', async () => {
    await world.means.ask(DisconnectMailbox, { providerId: 'p1', reason: 'manual' }, world.origin());
    await world.settle([mailboxesProjection]);
    await world.advance(hours(1));
    await world.grant('p1', 'Authorized');
    await world.means.ask(VerifyTopic, {}, world.origin());
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned']);
  });
});
