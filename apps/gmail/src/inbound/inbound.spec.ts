import { createHash } from 'node:crypto';
import { openObjects } from '#deliveries/objects';
import { largeMessage } from '#mail/fixtures/large-message';
import { beginning } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { days, hours, minutes, seconds } from '#time/clock';
import type { MailboxId } from './cursor.js';
import { listParkedMessages } from './parked-messages.js';
import { eventually, ReadingOffice } from './fixtures/reading-office.js';
import { retryParkedMessage } from './retry-parked-message.js';

describe('reading mailboxes', () => {
  let office: ReadingOffice;
  let address: string;
  let number = 0;

  beforeAll(async () => {
    office = await ReadingOffice.open();
  });
  afterAll(() => office?.close());
  beforeEach(() => {
    address = `support${++number}@acme.example`;
    office.tokenProblem = null;
  });
  afterEach(async () => {
    await office.stopAll();
    await office.google.client.clearFaults();
  });

  const gmail = () => office.google.client.gmail;
  const deliver = (subject: string, labelIds?: string[]) => gmail().deliver(address, { subject }, labelIds);
  const path = (id: string) => `/messages/${id}$`;
  const types = async (mailbox: MailboxId) => (await office.told(mailbox)).map(({ type }) => type);
  const passes = (milliseconds: number) => office.google.client.advance(milliseconds);

  it('delivers what came since the watch began, in order, once, and proves the way', async () => {
    const mailbox = await office.connect(address);
    office.start(await office.means());
    const first = await deliver('one');
    await deliver('two');
    await office.notify(address);
    await office.settled();

    const deliveries = await office.deliveries(mailbox);
    expect(deliveries.map(({ subject }) => subject)).toEqual(['one', 'two']);
    expect(deliveries[0]).toMatchObject({
      deliveryId: `inbound-email:t1:${mailbox.providerId}:${first.id}`,
      mailbox: address,
      gmailId: first.id,
      labelIds: ['INBOX', 'UNREAD'],
    });
    expect(await office.told(mailbox)).toEqual([{ type: 'NotificationProven', data: {} }]);
    await eventually(async () => (await office.activity(mailbox)) !== null);
    expect(await office.activity(mailbox)).toMatchObject({
      delivered: 2,
      parked: 0,
      lastPushAt: expect.any(String),
      lastSyncAt: expect.any(String),
      lastMessageAt: deliveries[1]!.receivedAt,
    });
  });

  it('delivers each message once when notifications come twice, late and out of order, in two processes', async () => {
    const mailbox = await office.connect(address);
    const begin = (await gmail().mailbox(address)).historyId;
    office.start(await office.means());
    office.start(await office.means());
    const wanted: string[] = [];
    for (let n = 0; n < 12; n++) {
      wanted.push(`mail ${n}`);
      const { historyId } = await deliver(`mail ${n}`);
      await office.notify(address, historyId);
      await office.notify(address, n % 2 === 0 ? begin : historyId);
    }
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(wanted);
  });

  it('finds what came right behind a notification, although Gmail dropped its own notification', async () => {
    const mailbox = await office.connect(address);
    office.start(await office.means());
    await deliver('announced');
    await office.notify(address);
    await office.settled();
    await deliver('dropped by Gmail');
    await passes(seconds(2));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['announced', 'dropped by Gmail']);
  });

  it('finds what came right behind the notification of a new watch', async () => {
    const mailbox = await office.connect(address);
    office.start(await office.means());
    await office.notify(address);
    await office.settled();
    await deliver('dropped by Gmail');
    await passes(seconds(2));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['dropped by Gmail']);
  });

  it('takes an old notification for a proof, and asks Gmail for nothing at once', async () => {
    const mailbox = await office.connect(address);
    const { historyId } = await gmail().mailbox(address);
    await office.google.client.clearRequests();
    office.start(await office.means());
    await office.notify(address, historyId);
    await office.settled();
    expect(await types(mailbox)).toEqual(['NotificationProven']);
    const asked = (await office.google.client.requests()).filter(({ path }) => path.startsWith('/gmail'));
    expect(asked).toEqual([]);
  });

  it('reads other tenants’ mailboxes while Google does not answer about all of one tenant’s', async () => {
    const silent: MailboxId[] = [];
    for (let n = 0; n < 9; n++)
      silent.push(await office.connect(`silent-${n}@other.example`, { tenant: 't2' }));
    const mailbox = await office.connect(address);
    const means = await office.means(({ ask }) => ({
      ask: ((...asked: Parameters<typeof ask>) =>
        asked[2].tenantId === 't2' ? new Promise(() => {}) : ask(...asked)) as typeof ask,
    }));
    for (const each of silent) await means.wanted.ask(each);
    office.start(means);
    await deliver('not held up');
    await office.notify(address);
    await eventually(async () => (await office.subjects(mailbox)).length > 0);
    expect(await office.subjects(mailbox)).toEqual(['not held up']);
    await office.stopAll();
    await office.database.query(`DELETE FROM wanted_syncs WHERE tenant_id = 't2'`);
  });

  it('keeps a notification for a mailbox that the read model does not have yet', async () => {
    const mailbox = await office.connect(address);
    const known = (address_: string) =>
      office.database.query('UPDATE mailboxes SET address = $1 WHERE provider_id = $2', [
        address_,
        mailbox.providerId,
      ]);
    await known('not yet');
    office.start(await office.means());
    await deliver('late');
    await office.notify(address);
    await eventually(async () => (await office.unacknowledged()) === 1);
    await known(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['late']);
  });

  it('looks again when a notification comes before the history shows what it announces', async () => {
    const mailbox = await office.connect(address);
    office.start(await office.means());
    const { historyId } = await gmail().mailbox(address);
    await office.notify(address, String(BigInt(historyId) + 1n));
    await office.settled();
    await deliver('announced');
    expect(await office.subjects(mailbox)).toEqual([]);
    await passes(seconds(2));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['announced']);
  });

  it('leaves out drafts, sent mail, spam and trash, and takes what is rescued from spam', async () => {
    const mailbox = await office.connect(address);
    office.start(await office.means());
    await deliver('a draft', ['DRAFT']);
    await deliver('sent', ['SENT']);
    await deliver('to myself', ['SENT', 'INBOX']);
    const spam = await deliver('spam', ['SPAM']);
    await deliver('trashed', ['TRASH']);
    await deliver('mail');
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['to myself', 'mail']);

    await gmail().changeLabels(address, spam.id, { add: ['INBOX'], remove: ['SPAM'] });
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['to myself', 'mail', 'spam']);
  });

  it('takes what the filter includes', async () => {
    const mailbox = await office.connect(address, { include: ['sent', 'spam'] });
    office.start(await office.means());
    await deliver('sent', ['SENT']);
    await deliver('spam', ['SPAM']);
    await deliver('a draft', ['DRAFT']);
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['sent', 'spam']);
  });

  it('takes labelled messages only, also those that get the label later', async () => {
    await office.google.client.createUser(address, { workspaceDomain: 'acme.example' });
    const label = await gmail().createLabel(address, 'Tickets');
    const old = await deliver('before the watch');
    const mailbox = await office.connect(address, { labels: ['Tickets'] });
    office.start(await office.means());
    await deliver('labelled', ['INBOX', label.id]);
    const later = await deliver('labelled later');
    await deliver('never labelled');
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['labelled']);

    await gmail().changeLabels(address, later.id, { add: [label.id] });
    await gmail().changeLabels(address, old.id, { add: [label.id] });
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['labelled', 'labelled later', 'before the watch']);
  });

  it('says that a label is gone, delivers nothing else instead, and goes on when it is back', async () => {
    const mailbox = await office.connect(address, { labels: ['Tickets'] });
    office.start(await office.means());
    await deliver('unlabelled');
    await office.notify(address);
    await eventually(async () => (await types(mailbox)).includes('SyncFailed'));
    const label = await gmail().createLabel(address, 'Tickets');
    await deliver('labelled', ['INBOX', label.id]);
    await passes(minutes(2));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['labelled']);
    expect(await types(mailbox)).toEqual(['NotificationProven', 'SyncFailed', 'SyncRecovered']);
  });

  it('skips a message that is gone before it can be read', async () => {
    const mailbox = await office.connect(address);
    const gone = await deliver('gone');
    await deliver('there');
    await gmail().deleteForever(address, gone.id);
    office.start(await office.means());
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['there']);
  });

  it('parks a message that Gmail refuses, delivers all others, and the parked one when its time comes', async () => {
    const mailbox = await office.connect(address);
    const bad = await deliver('bad');
    await deliver('good');
    const fault = await office.google.client.addFault({
      match: { pathPattern: path(bad.id) },
      effect: {
        kind: 'error',
        code: 400,
        reason: 'invalidArgument',
        message: 'Invalid id value',
      },
    });
    office.start(await office.means());
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['good']);
    expect(await listParkedMessages(office.database, mailbox)).toMatchObject([
      { gmailId: bad.id, attempts: 1, nextAttemptAt: expect.any(String) },
    ]);

    await passes(minutes(1));
    await eventually(async () => (await listParkedMessages(office.database, mailbox))[0]?.attempts === 2);
    await office.google.client.removeFault(fault.id);
    await passes(minutes(4));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['good', 'bad']);
    expect(await listParkedMessages(office.database, mailbox)).toEqual([]);
  });

  it.each([
    { effect: { kind: 'error', code: 500, reason: 'backendError' } as const },
    {
      effect: {
        kind: 'error',
        code: 400,
        reason: 'failedPrecondition',
        message: 'Precondition check failed.',
      } as const,
    },
  ])(
    'parks a message that Gmail never hands out ($effect.code) after three attempts, and lets it be retried by hand',
    async ({ effect }) => {
      const mailbox = await office.connect(address);
      await deliver('before');
      const bad = await deliver('bad');
      await deliver('good');
      const fault = await office.google.client.addFault({ match: { pathPattern: path(bad.id) }, effect });
      const means = await office.means();
      office.start(means);
      await office.notify(address);
      for (const pause of [seconds(5), seconds(10)]) {
        await office.settled();
        expect(await listParkedMessages(office.database, mailbox)).toEqual([]);
        expect(await office.subjects(mailbox)).toEqual(['before']);
        await passes(pause);
      }
      await office.settled();
      expect(await office.subjects(mailbox)).toEqual(['before', 'good']);
      expect(await listParkedMessages(office.database, mailbox)).toHaveLength(1);
      expect(await types(mailbox)).toEqual(['NotificationProven']);

      const retry = (gmailId: string, tenantId = 't1') =>
        retryParkedMessage(
          means,
          { providerId: mailbox.providerId, gmailId },
          beginning(tenantId, 'operator'),
        );
      expect(await retry(bad.id)).toEqual({ ok: true, value: { delivered: false } });
      await office.google.client.removeFault(fault.id);
      expect(await retry(bad.id, 't2')).toMatchObject({ ok: false, problem: { code: 'mailbox.not-found' } });
      expect(await retry(bad.id)).toEqual({ ok: true, value: { delivered: true } });
      expect(await retry(bad.id)).toMatchObject({ ok: false, problem: { code: 'parked.not-found' } });
      await office.settled();
      expect(await office.subjects(mailbox)).toEqual(['before', 'good', 'bad']);
    },
  );

  it('keeps the order of its messages when Gmail does not hand one of them out for a moment', async () => {
    const mailbox = await office.connect(address);
    await deliver('one');
    const two = await deliver('two');
    for (const subject of ['three', 'four', 'five', 'six']) await deliver(subject);
    await office.google.client.addFault({
      match: { pathPattern: path(two.id) },
      effect: { kind: 'error', code: 503 },
      times: 2,
    });
    office.start(await office.means());
    await office.notify(address);
    for (const pause of [seconds(5), seconds(10)]) {
      await office.settled();
      await passes(pause);
    }
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
  });

  it('tells once of a mailbox that cannot be read, leaves the others alone, and tells when it can', async () => {
    const mailbox = await office.connect(address);
    const healthy = `other${number}@acme.example`;
    const other = await office.connect(healthy);
    const disabled = await office.google.client.addFault({
      match: { pathPattern: '/history$', caller: address },
      effect: {
        kind: 'error',
        code: 403,
        reason: 'domainPolicy',
        message: 'The domain administrators have disabled Gmail apps.',
      },
    });
    office.start(await office.means());
    await deliver('kept');
    await gmail().deliver(healthy, { subject: 'elsewhere' });
    await office.notify(address);
    await office.notify(healthy);
    await office.settled();
    await office.notify(address);
    await passes(minutes(2));
    await office.settled();
    expect(await types(mailbox)).toEqual(['NotificationProven', 'SyncFailed']);
    expect((await office.told(mailbox))[1]).toMatchObject({
      data: { problem: { code: 'gmail.domain-policy' } },
    });
    expect(await office.subjects(other)).toEqual(['elsewhere']);

    await office.google.client.removeFault(disabled.id);
    await passes(minutes(5));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['kept']);
    expect(await types(mailbox)).toEqual(['NotificationProven', 'SyncFailed', 'SyncRecovered']);
  });

  it('tells of a transient problem only when it lasts', async () => {
    const mailbox = await office.connect(address);
    const answersBadly = (times: number) =>
      office.google.client.addFault({
        match: { pathPattern: '/history$', caller: address },
        effect: { kind: 'html', code: 502 },
        times,
      });
    const pass = async (...pauses: number[]) => {
      for (const pause of pauses) {
        await office.settled();
        await passes(pause);
      }
      await office.settled();
    };
    await answersBadly(2);
    office.start(await office.means());
    await deliver('kept');
    await office.notify(address);
    await pass(seconds(5), seconds(10));
    expect(await office.subjects(mailbox)).toEqual(['kept']);
    expect(await types(mailbox)).toEqual(['NotificationProven']);

    await answersBadly(3);
    await deliver('kept too');
    await office.notify(address);
    await pass(seconds(5), seconds(10), seconds(20));
    expect(await office.subjects(mailbox)).toEqual(['kept', 'kept too']);
    expect(await types(mailbox)).toEqual(['NotificationProven', 'SyncFailed', 'SyncRecovered']);
  });

  it('asks a mailbox whose permission is lost seldom, and goes on from where it stood when asked to', async () => {
    const mailbox = await office.connect(address);
    const means = await office.means();
    office.start(means);
    office.tokenProblem = problem('authorization.revoked');
    await deliver('kept');
    await office.notify(address);
    await eventually(async () => (await types(mailbox)).includes('SyncFailed'));
    office.tokenProblem = null;
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual([]);
    await means.wanted.ask(mailbox);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['kept']);
  });

  it('waits when Gmail asks for it, until the time that Gmail says', async () => {
    const mailbox = await office.connect(address);
    const until = new Date(office.now().getTime() + minutes(10)).toISOString();
    await office.google.client.addFault({
      match: { pathPattern: '/history$', caller: address },
      effect: {
        kind: 'error',
        code: 429,
        reason: 'rateLimitExceeded',
        message: `User-rate limit exceeded.  Retry after ${until}`,
      },
      times: 1,
    });
    office.start(await office.means());
    await deliver('kept');
    await office.notify(address);
    await office.settled();
    await passes(minutes(9));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual([]);
    await passes(minutes(2));
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['kept']);
    expect(await types(mailbox)).toEqual(['NotificationProven']);
  });

  it('keeps below Gmail’s quota by itself, however much there is to read', async () => {
    const mailbox = await office.connect(address);
    const wanted = Array.from({ length: 330 }, (_, n) => `mail ${n}`);
    for (const subject of wanted) await deliver(subject);
    await office.google.client.clearRequests();
    office.start(await office.means());
    await office.notify(address);
    for (let minute = 0; minute < 5; minute++) {
      await office.settled();
      await passes(minutes(1));
    }
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(wanted);
    const refusals = (await office.google.client.requests()).filter(({ status }) => status === 429);
    expect(refusals).toEqual([]);
  });

  it('reads nothing while paused and everything afterwards', async () => {
    const mailbox = await office.connect(address);
    const means = await office.means();
    office.start(means);
    await office.happened(mailbox, { type: 'Paused', data: { reason: 'manual' } });
    await deliver('during the pause');
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual([]);
    await office.happened(mailbox, { type: 'Resumed', data: {} });
    await means.wanted.ask(mailbox);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['during the pause']);
  });

  it('searches the mailbox when Google has forgotten the history, tells of the gap, and goes on without another', async () => {
    const mailbox = await office.connect(address);
    office.start(await office.means());
    await deliver('before');
    await office.notify(address);
    await office.settled();
    await passes(hours(3));
    await office.settled();
    const { historyId: from } = await gmail().mailbox(address);
    await deliver('in the gap 1');
    await deliver('left out', ['SENT']);
    await deliver('in the gap 2');
    await gmail().expireHistory(address);
    const { historyId: to } = await gmail().mailbox(address);
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['before', 'in the gap 1', 'in the gap 2']);

    const told = (await office.told(mailbox)).slice(1);
    expect(told).toEqual([
      { type: 'GapDetected', data: { from, to, reason: 'history-expired' } },
      { type: 'GapRecovered', data: { from, to, recovered: 2, since: expect.any(String), complete: true } },
    ]);
    await deliver('after');
    await office.notify(address);
    await office.settled();
    expect((await office.subjects(mailbox)).at(-1)).toBe('after');
    expect(await types(mailbox)).toHaveLength(3);
  });

  it('says that a search is incomplete when its limits are reached', async () => {
    office.backfillMessages = 3;
    const mailbox = await office.connect(address);
    for (let n = 0; n < 5; n++) await deliver(`mail ${n}`);
    await gmail().expireHistory(address);
    const limited = await office.means();
    office.backfillMessages = 2_000;
    office.start(limited);
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['mail 2', 'mail 3', 'mail 4']);
    expect((await office.told(mailbox)).at(-1)).toMatchObject({ data: { recovered: 3, complete: false } });
  });

  it('does not search further back than is allowed, and says so', async () => {
    const mailbox = await office.connect(address);
    await deliver('long ago');
    await passes(days(20));
    await deliver('lately');
    office.start(await office.means());
    await office.notify(address);
    await office.settled();
    expect(await office.subjects(mailbox)).toEqual(['lately']);
    expect((await office.told(mailbox)).at(-1)).toMatchObject({ data: { recovered: 1, complete: false } });
  });

  it('stores the raw message whole before it delivers, 20 MB as well, for its own tenant only', async () => {
    const mailbox = await office.connect(address);
    office.start(await office.means());
    const raw = largeMessage(20 * 1024 * 1024);
    await gmail().deliver(address, raw);
    await office.notify(address);
    await office.settled();
    const [delivery] = await office.deliveries(mailbox);
    expect(delivery!.attachments).toMatchObject([{ name: 'backup.zip', size: 20 * 1024 * 1024 }]);

    const objects = await openObjects(office.nats);
    const { objectKey, size, sha256 } = delivery!.rawMime;
    const stored = await objects.read('t1', objectKey);
    const digest = createHash('sha256');
    for await (const piece of stored!.data) digest.update(piece);
    expect([stored!.size, size, digest.digest('hex')]).toEqual([raw.length, raw.length, sha256]);
    expect(await objects.read('t2', objectKey)).toBeNull();
  });
});
