import {
  AddMailbox,
  AlterMailbox,
  DisconnectMailbox,
  PauseMailbox,
  ProvisionTopic,
  RemoveMailbox,
  RenewWatch,
  ResumeMailbox,
  StartWatch,
} from '#contracts/gmail';
import { VerifyTopic } from '#contracts/gmail-provisioning';
import type { Processor } from '#processors/processor';
import { answer } from '#messaging/handler';
import { problem } from '#problems/problem';
import { days, minutes } from '#time/clock';
import { GmailWorld, SUPPORT } from '../fixtures/gmail-world.js';
import { findMailboxByAddress } from '../mailbox/find-mailbox.js';
import { mailboxesProjection } from '../mailbox/mailboxes.projection.js';
import {
  addMailbox,
  alterMailbox,
  endMailbox,
  pauseMailbox,
  resumeMailbox,
} from '../mailbox/settings-handlers.js';
import { watchMailbox } from '../mailbox/watch-handlers.js';
import { provisionTopic, verifyTopic } from '../topic/provision-topic.js';
import { topicsProjection } from '../topic/topics.projection.js';
import { connectWhenAuthorized } from './connect-when-authorized.reactor.js';
import {
  forgetGrantWhenDisconnected,
  lookIntoMissingNotifications,
  mendTopicWhenWatchRenewedOrPrevented,
  watchAnewWhenFilterSet,
  watchWhenResumed,
} from './mailbox.reactors.js';
import { provisionAfterMove } from './provision-after-move.js';
import { provisionWhenConfigStored } from './provision-when-config-stored.reactor.js';
import { watchWhenProvisioned } from './watch-when-provisioned.reactor.js';

const STREAM = 'mailbox-t1+p1';

describe('what follows by itself', () => {
  let world: GmailWorld;
  let processors: Processor[];
  beforeEach(async () => {
    world = await GmailWorld.open();
    const { means } = world;
    world.handlers = [
      answer(ProvisionTopic, (_data, origin) => provisionTopic(means, origin)),
      answer(VerifyTopic, (_data, origin) => verifyTopic(means, origin)),
      answer(StartWatch, (data, origin) => watchMailbox(means, 'StartWatch', data, origin)),
      answer(RenewWatch, (data, origin) => watchMailbox(means, 'RenewWatch', data, origin)),
      answer(AddMailbox, (data, origin) => addMailbox(means, data, origin)),
      answer(AlterMailbox, (data, origin) => alterMailbox(means, data, origin)),
      answer(PauseMailbox, (data, origin) => pauseMailbox(means, data, origin)),
      answer(ResumeMailbox, (data, origin) => resumeMailbox(means, data, origin)),
      answer(DisconnectMailbox, (data, origin) => endMailbox(means, 'DisconnectMailbox', data, origin)),
      answer(RemoveMailbox, (data, origin) => endMailbox(means, 'RemoveMailbox', data, origin)),
    ];
    processors = [
      mailboxesProjection,
      topicsProjection,
      connectWhenAuthorized(means),
      watchWhenProvisioned(means),
      watchWhenResumed(means),
      watchAnewWhenFilterSet(means),
      forgetGrantWhenDisconnected(means),
      provisionWhenConfigStored(means),
      mendTopicWhenWatchRenewedOrPrevented(means),
      lookIntoMissingNotifications(means),
    ];
    await means.ask(
      AddMailbox,
      {
        providerId: 'p1',
        name: 'Support',
        address: SUPPORT,
        filter: { labels: [], include: [] },
        defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
      },
      world.origin(),
    );
  });
  afterEach(() => world.close());

  const settle = () => world.settle(processors);
  const connect = async () => {
    await world.grant('p1', 'Authorized');
    await settle();
  };
  const watches = async () => (await world.google.client.gmail.mailbox(SUPPORT)).watches;
  const asked = (type: string) => world.asked.filter((each) => each.type === type);

  it('of a permission is a topic and one watch', async () => {
    await connect();
    expect(await watches()).toHaveLength(1);
    expect(await world.told('topic-t1')).toEqual(['TopicProvisioned']);
    expect(await world.told(STREAM)).toContain('WatchStarted');
    expect(await findMailboxByAddress(world.database, 't1', SUPPORT.toUpperCase())).toMatchObject({
      providerId: 'p1',
      connected: true,
      status: 'watched',
      labelIds: [],
    });
    expect(await findMailboxByAddress(world.database, 't2', SUPPORT)).toBeNull();
  });

  it('of a permission for a calendar is nothing here', async () => {
    await world.grant('c1', 'Authorized', { product: 'calendar' });
    await settle();
    expect(await world.told('topic-t1')).toEqual([]);
  });

  it('of a permission is told at the mailbox too when the topic cannot be made, and goes on when it can', async () => {
    const { projectId, serviceAccountEmail } = world.project;
    await world.google.client.changeServiceAccount(serviceAccountEmail, { roles: [] });
    await connect();
    const denied = problem('pubsub.permission-denied', { action: 'look at the topic', projectId });
    expect(await world.last(STREAM)).toMatchObject({ type: 'WatchFailed', data: { problem: denied } });
    await world.google.client.changeServiceAccount(serviceAccountEmail, { roles: ['roles/pubsub.admin'] });
    await world.means.ask(ProvisionTopic, {}, world.origin());
    await settle();
    expect(await world.last(STREAM)).toMatchObject({ type: 'WatchStarted' });
  });

  it('of a mended topic is a new watch', async () => {
    await connect();
    await world.advance(minutes(1));
    await world.google.client.pubsub.deleteTopic('projects/acme-helpdesk/topics/gmail-notifications-t1');
    await world.means.ask(ProvisionTopic, {}, world.origin());
    const before = (await world.told(STREAM)).length;
    await settle();
    expect((await world.told(STREAM)).slice(before)).toEqual(['WatchStarted']);
  });

  it('of a renewal is that a subscription is made again which somebody deleted', async () => {
    await connect();
    const name = 'projects/acme-helpdesk/subscriptions/gmail-webhook-t1';
    await world.google.client.pubsub.deleteSubscription(name);
    await world.advance(days(1));
    await world.means.ask(RenewWatch, { providerId: 'p1' }, world.origin());
    await settle();
    expect(await world.google.client.pubsub.subscription(name)).toMatchObject({ state: 'ACTIVE' });
    expect((await world.told(STREAM)).slice(-2)).toEqual(['WatchRenewed', 'WatchStarted']);
  });

  it('of a topic that Gmail does not find is that it is made again', async () => {
    await connect();
    await world.google.client.pubsub.deleteTopic('projects/acme-helpdesk/topics/gmail-notifications-t1');
    await world.advance(days(1));
    await world.means.ask(RenewWatch, { providerId: 'p1' }, world.origin());
    expect(await world.last(STREAM)).toMatchObject({ data: { problem: { code: 'gmail.topic-not-found' } } });
    await settle();
    expect(await world.last(STREAM)).toMatchObject({ type: 'WatchStarted' });
  });

  it('of a topic that only works again is no new watch', async () => {
    await connect();
    const fault = await world.google.client.addFault({
      match: { pathPattern: '/topics/' },
      effect: { kind: 'html', code: 502 },
    });
    await world.advance(minutes(1));
    await world.means.ask(ProvisionTopic, {}, world.origin());
    await world.google.client.removeFault(fault.id);
    await world.means.ask(ProvisionTopic, {}, world.origin());
    const before = (await world.told(STREAM)).length;
    await settle();
    expect(await world.told('topic-t1')).toEqual([
      'TopicProvisioned',
      'TopicProvisioningFailed',
      'TopicProvisioned',
    ]);
    expect(await world.told(STREAM)).toHaveLength(before);
  });

  describe('of notifications that are missing', () => {
    const missing = async () => {
      await connect();
      await world.advance(minutes(20));
      const { id, tenantId, correlationId, by } = world.origin();
      const at = world.clock.now().toISOString();
      const metadata = { id, tenantId, correlationId, causationId: id, at, by };
      const data = { from: '1', to: '2', reason: 'notification-missing' };
      await world.store.append(STREAM, [{ type: 'GapDetected', data, metadata }], 'any');
    };

    it('is a look at the topic at once, and one watch whose notification shows whether the way works', async () => {
      await world.google.client.gmail.configure({ dropNotificationsAboveOnePerSecond: false });
      await missing();
      const name = 'projects/acme-helpdesk/subscriptions/gmail-webhook-t1';
      await world.google.client.pubsub.deleteSubscription(name);
      await settle();
      expect(await world.last('topic-t1')).toMatchObject({
        data: { repaired: ['push subscription created'] },
      });
      expect((await world.told(STREAM)).slice(-2)).toEqual(['GapDetected', 'WatchStarted']);
    });

    it('is a new watch also when the topic is as it has to be', async () => {
      await missing();
      await settle();
      expect(await world.told('topic-t1')).toHaveLength(1);
      expect((await world.told(STREAM)).slice(-2)).toEqual(['GapDetected', 'WatchStarted']);
    });

    it('is that another system of the project is found out which took the watch', async () => {
      await missing();
      const theirs = 'projects/acme-helpdesk/topics/theirs';
      await world.google.client.pubsub.createTopic(theirs);
      await world.google.client.pubsub.grantPublishers(theirs);
      await world.google.client.gmail.takeWatch(SUPPORT, theirs);
      await settle();
      expect(await world.last(STREAM)).toMatchObject({
        type: 'WatchFailed',
        data: { problem: { code: 'gmail.watch-held-elsewhere' }, retryAt: expect.any(String) },
      });
      await world.google.client.gmail.stopWatches(SUPPORT);
      await world.means.ask(StartWatch, { providerId: 'p1' }, world.origin());
      expect((await world.told(STREAM)).at(-1)).toBe('WatchStarted');
    });
  });

  it('of a topic made anew is a watch for each mailbox, whatever keeps another one from it', async () => {
    const reactor = watchWhenProvisioned({
      database: world.database,
      ask: (async (_contract: unknown, { providerId }: { providerId: string }) => {
        world.asked.push({ type: 'StartWatch', data: { providerId }, tenantId: 't1' });
        return providerId === 'p1'
          ? { ok: false, problem: problem('service.unavailable', { service: 'gmail' }) }
          : { ok: true, value: {} };
      }) as never,
    });
    await connect();
    await world.google.client.createUser('sales@acme.example', {});
    await world.means.ask(
      AddMailbox,
      {
        providerId: 'p2',
        name: 'Sales',
        address: 'sales@acme.example',
        filter: { labels: [], include: [] },
        defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
      },
      world.origin(),
    );
    await world.grant('p2', 'Authorized');
    await world.settle([mailboxesProjection]);
    world.asked.length = 0;
    const event = (await world.store.readStream('topic-t1')).at(-1)!;
    expect(await reactor.react(event)).toEqual({ retry: 'service.unavailable' });
    expect(asked('StartWatch').map(({ data }) => data)).toEqual([{ providerId: 'p1' }, { providerId: 'p2' }]);
  });

  it('of a new filter is a watch for its labels', async () => {
    await connect();
    await world.means.ask(
      AlterMailbox,
      { providerId: 'p1', filter: { labels: ['INBOX'], include: [] } },
      world.origin(),
    );
    await settle();
    expect(await watches()).toMatchObject([{ labelIds: ['INBOX'] }]);
  });

  it('of a resumption is a watch that begins anew, even though the old one may be alive', async () => {
    await connect();
    await world.advance(minutes(1));
    await world.means.ask(PauseMailbox, { providerId: 'p1', reason: 'manual' }, world.origin());
    await world.means.ask(ResumeMailbox, { providerId: 'p1' }, world.origin());
    await settle();
    expect((await world.told(STREAM)).slice(-3)).toEqual(['Paused', 'Resumed', 'WatchStarted']);
  });

  it('of a disconnection is that oauth forgets the permission', async () => {
    await connect();
    await world.advance(1);
    await world.means.ask(DisconnectMailbox, { providerId: 'p1', reason: 'manual' }, world.origin());
    await settle();
    expect(asked('ForgetGrant')).toMatchObject([
      { data: { providerId: 'p1', reason: 'manual' }, tenantId: 't1' },
    ]);
    expect(await findMailboxByAddress(world.database, 't1', SUPPORT)).toMatchObject({
      connected: false,
      status: 'disconnected',
    });
  });

  it('of a disconnection spares the permission that somebody gave meanwhile', async () => {
    await connect();
    await world.advance(1);
    await world.means.ask(DisconnectMailbox, { providerId: 'p1', reason: 'manual' }, world.origin());
    await world.advance(1);
    await world.grant('p1', 'Authorized');
    await settle();
    expect(asked('ForgetGrant')).toEqual([]);
    expect(await watches()).toHaveLength(1);
  });

  it('of a removal is that the permission and the row are gone', async () => {
    await connect();
    await world.means.ask(RemoveMailbox, { providerId: 'p1', reason: 'manual' }, world.origin());
    await settle();
    expect(asked('ForgetGrant').length).toBeGreaterThan(0);
    expect(await watches()).toEqual([]);
    expect(await findMailboxByAddress(world.database, 't1', SUPPORT)).toBeNull();
  });

  it('of a permission for a mailbox that was removed meanwhile is that it is given back', async () => {
    await world.means.ask(RemoveMailbox, { providerId: 'p1', reason: 'manual' }, world.origin());
    await settle();
    world.asked.length = 0;
    await world.grant('p1', 'Authorized');
    await settle();
    expect(asked('ForgetGrant')).toMatchObject([{ data: { providerId: 'p1' }, tenantId: 't1' }]);
    expect(asked('ProvisionTopic')).toEqual([]);
    expect(asked('StartWatch')).toEqual([]);
  });

  it('of a corrected setup is that the topic is looked after, where a mailbox needs it', async () => {
    const stored = async () => {
      const { id, tenantId, correlationId, by } = world.origin();
      const metadata = {
        id,
        tenantId,
        correlationId,
        causationId: id,
        at: world.clock.now().toISOString(),
        by,
      };
      await world.store.append('googleApp-t1', [{ type: 'ConfigStored', data: {}, metadata }], 'any');
      world.asked.length = 0;
      await settle();
      return asked('ProvisionTopic').length;
    };
    expect(await stored()).toBe(0);
    await connect();
    expect(await stored()).toBe(1);
  });

  it('of an unanswered question is that it is asked again', async () => {
    const reaction = connectWhenAuthorized({
      store: world.store,
      ask: async () => ({ ok: false, problem: problem('service.unavailable', { service: 'gmail' }) }),
    });
    await world.grant('p1', 'Authorized');
    const event = (await world.store.readStream('grant-t1+p1'))[0]!;
    expect(await reaction.react(event)).toEqual({ retry: 'service.unavailable' });
  });

  it('of a moved installation is that Google pushes to its new address', async () => {
    await connect();
    const moved = { ...world.means.configuration, baseUrl: 'https://help.example.com' };
    const means = { ...world.means, configuration: moved };
    world.handlers = [
      answer(ProvisionTopic, (_data, origin) => provisionTopic(means, origin)),
      ...world.handlers,
    ];
    const { signal } = new AbortController();
    await provisionAfterMove(means).run(signal);
    const { pushConfig } = await world.google.client.pubsub.subscription(
      'projects/acme-helpdesk/subscriptions/gmail-webhook-t1',
    );
    expect(pushConfig.pushEndpoint).toBe('https://help.example.com/api/email/webhooks/google');
    await settle();
    world.asked.length = 0;
    await provisionAfterMove(means).run(signal);
    expect(asked('ProvisionTopic')).toEqual([]);
  });
});
