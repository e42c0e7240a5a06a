import { problem } from '#problems/problem';
import { days, hours, minutes, seconds } from '#time/clock';
import { GmailWorld, SUPPORT } from '../fixtures/gmail-world.js';
import { readCursor } from '../inbound/cursor.js';
import { provisionTopic } from '../topic/provision-topic.js';
import {
  addMailbox,
  alterMailbox,
  connectMailbox,
  endMailbox,
  getMailbox,
  pauseMailbox,
} from './settings-handlers.js';
import { checkFirstNotification, watchMailbox } from './watch-handlers.js';

const STREAM = 'mailbox-t1+p1';
const TOPIC = 'projects/acme-helpdesk/topics/gmail-notifications-t1';

describe('a mailbox at Google', () => {
  let world: GmailWorld;
  beforeEach(async () => {
    world = await GmailWorld.open();
  });
  afterEach(() => world.close());

  const defaults = { inboundTicketDefaultsId: null, autoProcessEmails: true };
  const add = (providerId = 'p1', change: { address?: string; labels?: string[] } = {}) => {
    const { address = SUPPORT, labels = [] } = change;
    const data = { providerId, name: providerId, address, filter: { labels, include: [] }, defaults };
    return addMailbox(world.means, data, world.origin());
  };
  const authorize = () => world.grant('p1', 'Authorized');
  const provision = () => provisionTopic(world.means, world.origin());
  const ready = async (labels: string[] = []) => {
    await add('p1', { labels });
    await authorize();
    await provision();
  };
  const start = (since?: string) =>
    watchMailbox(world.means, 'StartWatch', { providerId: 'p1', since }, world.origin());
  const renew = () => watchMailbox(world.means, 'RenewWatch', { providerId: 'p1' }, world.origin());
  const end = (type: 'DisconnectMailbox' | 'RemoveMailbox' = 'DisconnectMailbox') =>
    endMailbox(world.means, type, { providerId: 'p1', reason: 'manual' }, world.origin());
  const watches = async () => (await world.google.client.gmail.mailbox(SUPPORT)).watches;
  const cursor = () => readCursor(world.database, { tenantId: 't1', providerId: 'p1' });
  const callsTo = async (path: RegExp) =>
    (await world.google.client.requests()).filter((request) => path.test(request.path)).length;

  it('is watched for seven days from its first position on', async () => {
    await ready();
    expect(await start()).toMatchObject({ ok: true, value: { watching: true, problem: null } });
    expect(await watches()).toMatchObject([{ topicName: TOPIC, labelIds: [] }]);
    const { historyId } = await world.google.client.gmail.mailbox(SUPPORT);
    expect(await cursor()).toMatchObject({ historyId });
    expect(await world.last(STREAM)).toMatchObject({
      type: 'WatchStarted',
      data: { topic: TOPIC, historyId, labelIds: [] },
    });
  });

  it('keeps its cursor through renewals and new watches, whatever arrived meanwhile', async () => {
    await ready();
    await start();
    const first = (await cursor())!.historyId;
    await world.google.client.gmail.deliver(SUPPORT, { subject: 'not read yet' });
    await world.advance(days(1));
    expect(await renew()).toMatchObject({ value: { watching: true } });
    await start(world.clock.now().toISOString());
    expect(await world.told(STREAM)).toEqual([
      'MailboxAdded',
      'WatchStarted',
      'WatchRenewed',
      'WatchStarted',
    ]);
    expect((await cursor())!.historyId).toBe(first);
  });

  it('keeps the first position when the process dies between Gmail’s answer and its record', async () => {
    await ready();
    const dying = Object.create(world.store, {
      append: { value: () => Promise.reject(new Error('the process died')) },
    }) as typeof world.store;
    const means = { ...world.means, store: dying };
    await expect(watchMailbox(means, 'StartWatch', { providerId: 'p1' }, world.origin())).rejects.toThrow(
      'died',
    );
    const first = (await cursor())!.historyId;
    await world.google.client.gmail.deliver(SUPPORT, { subject: 'arrived meanwhile' });
    expect(await start()).toMatchObject({ value: { watching: true } });
    expect((await cursor())!.historyId).toBe(first);
  });

  it('is watched once when several ask at the same time', async () => {
    await ready();
    await Promise.all([start(), start(), renew()]);
    expect(await callsTo(/\/watch$/)).toBe(1);
    expect(await world.told(STREAM)).toEqual(['MailboxAdded', 'WatchStarted']);
  });

  it('is watched for the labels that people named', async () => {
    const { id } = await world.google.client.gmail.createLabel(SUPPORT, 'Clients/Acme');
    await ready(['Clients/Acme', 'inbox']);
    await start();
    expect(await watches()).toMatchObject([{ labelIds: [id, 'INBOX'], behavior: 'include' }]);
  });

  it('is never watched as a whole because a label is missing', async () => {
    await ready(['Nowhere']);
    const label = problem('mailbox.label-unknown', { labels: 'Nowhere' });
    expect(await start()).toMatchObject({ ok: true, value: { watching: false, problem: label } });
    expect(await watches()).toEqual([]);
    await world.google.client.gmail.createLabel(SUPPORT, 'Nowhere');
    expect(await start()).toMatchObject({ value: { watching: true, problem: null } });
  });

  it('takes a new filter only with labels that exist, and watches anew for it without moving the cursor', async () => {
    const { id } = await world.google.client.gmail.createLabel(SUPPORT, 'Invoices');
    await ready();
    await start();
    const first = (await cursor())!.historyId;
    const alter = (labels: string[]) =>
      alterMailbox(world.means, { providerId: 'p1', filter: { labels, include: [] } }, world.origin());
    expect(await alter(['Invoices', 'Nowhere'])).toMatchObject({
      ok: false,
      problem: { code: 'mailbox.label-unknown', params: { labels: 'Nowhere' } },
    });
    await world.google.client.gmail.deliver(SUPPORT, { subject: 'not read yet' });
    expect(await alter([' Invoices ', 'Invoices'])).toMatchObject({ ok: true });
    await start();
    expect(await watches()).toMatchObject([{ labelIds: [id] }]);
    expect((await cursor())!.historyId).toBe(first);
  });

  it('waits for a publisher grant that has not spread yet, and tells so', async () => {
    await world.google.client.pubsub.configure({ grantPropagationMs: minutes(2) });
    await ready();
    expect(await start()).toMatchObject({
      value: { watching: false, problem: { code: 'gmail.publisher-grant-missing' } },
    });
    const { retryAt } = (await world.last(STREAM))!.data;
    expect(Date.parse(retryAt as string)).toBeGreaterThan(world.clock.now().getTime());
    await world.advance(minutes(3));
    expect(await start()).toMatchObject({ value: { watching: true, problem: null } });
  });

  it('lets go of a watch that runs through its own former topic', async () => {
    await ready();
    await start();
    const renamed = 'projects/acme-helpdesk/topics/gmail-notifications-renamed';
    await world.google.client.pubsub.createTopic(renamed);
    await world.google.client.pubsub.grantPublishers(renamed);
    const event = (await world.store.readStream('topic-t1'))[0]!;
    const metadata = { ...event.metadata, id: world.origin().id };
    await world.store.append(
      'topic-t1',
      [{ ...event, metadata, data: { ...event.data, topic: renamed } }],
      'any',
    );
    expect(await start()).toMatchObject({ value: { watching: true } });
    expect(await watches()).toMatchObject([{ topicName: renamed }]);
    expect(await callsTo(/\/stop$/)).toBe(1);
  });

  it('does not take the mailbox away from another system of the project', async () => {
    await ready();
    const theirs = 'projects/acme-helpdesk/topics/theirs';
    await world.google.client.pubsub.createTopic(theirs);
    await world.google.client.pubsub.grantPublishers(theirs);
    const mailbox = world.google.world.gmail.mailboxOf(world.google.world.user(SUPPORT)!)!;
    world.google.world.gmail.watches.start(mailbox, 'acme-helpdesk', {
      topicName: theirs,
      labelIds: [],
      behavior: 'include',
    });
    expect(await start()).toMatchObject({
      value: { watching: false, problem: { code: 'gmail.watch-held-elsewhere' } },
    });
    expect(await watches()).toMatchObject([{ topicName: theirs }]);
  });

  it('takes another token once when Gmail refuses the one that it was given', async () => {
    await ready();
    await world.google.client.addFault({
      match: { pathPattern: '/watch$' },
      effect: { kind: 'error', code: 401, reason: 'authError', message: 'Invalid Credentials' },
      times: 1,
    });
    expect(await start()).toMatchObject({ value: { watching: true } });
    const asked = world.asked
      .filter(({ type }) => type === 'GetAccessToken')
      .map(({ data }) => Object.keys(data as object));
    expect(asked).toEqual([['providerId'], ['providerId', 'refusedTokenHash']]);
  });

  it.each<[string, Parameters<GmailWorld['google']['client']['addFault']>[0]['effect'], string]>([
    ['a page from a bad gateway', { kind: 'html', code: 502 }, 'gmail.unavailable'],
    ['a broken connection', { kind: 'drop' }, 'gmail.unavailable'],
    ['two refused tokens', { kind: 'error', code: 401, reason: 'authError' }, 'gmail.unauthorized'],
    [
      'too many requests',
      { kind: 'error', code: 429, reason: 'rateLimitExceeded', retryAfter: '90' },
      'gmail.rate-limited',
    ],
  ])('records %s with its next attempt', async (_name, effect, code) => {
    await ready();
    await world.google.client.addFault({ match: { pathPattern: '/watch$' }, effect });
    expect(await start()).toMatchObject({ ok: true, value: { watching: false, problem: { code } } });
    const { data } = (await world.last(STREAM))!;
    const wait = Date.parse(data.retryAt as string) - world.clock.now().getTime();
    expect(wait).toBeGreaterThan(code === 'gmail.rate-limited' ? 60_000 : 0);
    expect(JSON.stringify(await world.store.readAll({ after: null, limit: 100 }))).not.toContain('ya29');
    expect(await cursor()).toBeNull();
  });

  it('is renewed in vain without losing the watch that it has', async () => {
    await ready();
    await start();
    await world.advance(days(1));
    world.noAccess = problem('google.sign-in-unavailable', { detail: 'HTTP 503' });
    expect(await renew()).toMatchObject({
      value: { watching: true, problem: { code: 'google.sign-in-unavailable' } },
    });
    expect(await world.last(STREAM)).toMatchObject({ type: 'WatchRenewalFailed', data: { attempt: 1 } });
    world.noAccess = null;
    expect(await renew()).toMatchObject({ value: { problem: null } });
  });

  it('is tried again within minutes all week, ever sooner near its end, and renewed before it', async () => {
    await ready();
    await start();
    const from = (await cursor())!.historyId;
    world.noAccess = problem('google.sign-in-unavailable', { detail: 'HTTP 503' });
    await world.advance(days(1));
    const pauses: number[] = [];
    const { expiresAt } = (await world.store.readStream(STREAM)).at(-1)!.data as { expiresAt: string };
    for (;;) {
      await renew();
      const { data, metadata } = (await world.store.readStream(STREAM)).at(-1)!;
      const pause = Date.parse(data['retryAt'] as string) - Date.parse(metadata.at);
      pauses.push(pause);
      const left = Date.parse(expiresAt) - world.clock.now().getTime();
      if (left < minutes(3)) break;
      // Most of the week is skipped: what counts are its first and its last hours.
      await world.advance(pauses.length === 8 ? left - hours(2) : pause);
    }
    expect(Math.max(...pauses)).toBe(minutes(15));
    expect(pauses.at(-1)).toBe(seconds(30));
    world.noAccess = null;
    expect(await renew()).toMatchObject({ value: { watching: true, problem: null } });
    expect((await world.told(STREAM)).at(-1)).toBe('WatchRenewed');
    expect((await cursor())!.historyId).toBe(from);
  });

  it('is begun anew where it stood after a watch that lapsed all the same', async () => {
    await ready();
    await start();
    const from = (await cursor())!.historyId;
    world.noAccess = problem('google.sign-in-unavailable', { detail: 'HTTP 503' });
    await world.advance(days(7));
    await renew();
    await world.google.client.gmail.deliver(SUPPORT, { subject: 'while nobody watched' });
    world.noAccess = null;
    expect(await renew()).toMatchObject({ value: { watching: true } });
    expect((await world.told(STREAM)).at(-1)).toBe('WatchStarted');
    expect((await cursor())!.historyId).toBe(from);
  });

  it('names a first notification that never came, by what the tenant can look at', async () => {
    await ready();
    await start();
    const check = () => checkFirstNotification(world.means, { providerId: 'p1' }, world.origin());
    await check();
    expect(await world.told(STREAM)).toEqual(['MailboxAdded', 'WatchStarted']);
    await world.advance(minutes(5));
    expect(await check()).toEqual({ ok: true, value: { proven: false } });
    expect(await world.last(STREAM)).toEqual({
      type: 'NotificationMissed',
      data: {
        problem: {
          code: 'mailbox.no-first-notification',
          params: {
            projectId: 'acme-helpdesk',
            subscription: 'gmail-webhook-t1',
            endpoint: 'https://psa.example.com/api/email/webhooks/google',
          },
        },
      },
    });
  });

  it('ends with its watch, and late commands do not bring it back', async () => {
    await ready();
    await start();
    await world.advance(1);
    expect(await end()).toMatchObject({ ok: true });
    expect(await watches()).toEqual([]);
    expect(await world.last(STREAM)).toMatchObject({ type: 'Disconnected', data: { watchStopped: true } });
    expect(await start()).toMatchObject({ ok: false, problem: { code: 'mailbox.not-connected' } });
    await end();
    expect(await world.told(STREAM)).toEqual(['MailboxAdded', 'WatchStarted', 'Disconnected']);
    const kept = (await cursor())!.historyId;
    await world.google.client.gmail.deliver(SUPPORT, { subject: 'meanwhile' });
    await world.advance(hours(1));
    await authorize();
    expect(await start()).toMatchObject({ value: { watching: true } });
    expect((await cursor())!.historyId).toBe(kept);
  });

  it('is refused a watch while it is paused', async () => {
    await ready();
    await pauseMailbox(world.means, { providerId: 'p1', reason: 'manual' }, world.origin());
    expect(await start()).toEqual({ ok: false, problem: problem('mailbox.paused', { providerId: 'p1' }) });
  });

  describe('is added', () => {
    it('only to a tenant whose Google app is complete', async () => {
      world.app = { gmail: { configured: false, missing: ['gmail.clientId', 'projectId'] } as never };
      expect(await add()).toEqual({
        ok: false,
        problem: problem('google-app.incomplete', { missing: 'gmail.clientId, projectId' }),
      });
      expect(await world.told(STREAM)).toEqual([]);
    });

    it('once for an address, however many ask at once and however they write it', async () => {
      const addresses = [SUPPORT, SUPPORT.toUpperCase(), 'Support@acme.example', SUPPORT];
      const replies = await Promise.all(addresses.map((address, index) => add(`p${index + 1}`, { address })));
      expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
      const refusals = replies.flatMap((reply) => (reply.ok ? [] : [reply.problem.code]));
      expect(refusals).toEqual(['mailbox.address-taken', 'mailbox.address-taken', 'mailbox.address-taken']);
      expect(await world.store.readAll({ after: null, categories: ['mailbox'], limit: 10 })).toHaveLength(1);
    });

    it('again under another id after it was removed, or after its first adding broke off', async () => {
      await add('p1');
      await end('RemoveMailbox');
      expect(await add('p2')).toMatchObject({ ok: true });
      await world.database.query(
        `INSERT INTO mailbox_addresses VALUES ('t1', 'sales@acme.example', 'never-recorded')`,
      );
      expect(await add('p3', { address: 'Sales@acme.example' })).toMatchObject({ ok: true });
    });

    it('even if somebody once tried the address for a mailbox of another one', async () => {
      await add('p1');
      expect(await add('p1', { address: 'sales@acme.example' })).toMatchObject({ ok: false });
      expect(await add('p2', { address: 'sales@acme.example' })).toMatchObject({ ok: true });
    });

    it('by each tenant for itself', async () => {
      await add('p1');
      const origin = { ...world.origin(), tenantId: 't2' };
      const data = {
        providerId: 'p1',
        name: 'Theirs',
        address: SUPPORT,
        filter: { labels: [], include: [] },
        defaults,
      };
      expect(await addMailbox(world.means, data, origin)).toMatchObject({ ok: true });
    });
  });

  it('shows its settings as they were last answered', async () => {
    await add('p1', { labels: ['INBOX'] });
    expect(await getMailbox(world.means, { providerId: 'p1' }, world.origin())).toEqual({
      ok: true,
      value: {
        providerId: 'p1',
        name: 'p1',
        address: SUPPORT,
        filter: { labels: ['INBOX'], include: [] },
        defaults,
        paused: false,
      },
    });
    const stranger = { ...world.origin(), tenantId: 't2' };
    expect(await getMailbox(world.means, { providerId: 'p1' }, stranger)).toMatchObject({
      problem: { code: 'mailbox.not-found' },
    });
  });

  it('is connected by a consent of exactly its own account', async () => {
    await add();
    const data = { providerId: 'p1', userId: 'u1', openerOrigin: null };
    expect(await connectMailbox(world.means, data, world.origin())).toMatchObject({ ok: true });
    expect(world.asked.at(-1)).toMatchObject({
      type: 'StartAuthorization',
      data: { providerId: 'p1', product: 'gmail', expectedAccount: SUPPORT, userId: 'u1' },
    });
  });
});
