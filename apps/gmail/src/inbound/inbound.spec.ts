import { createHash } from 'node:crypto';
import { openObjects } from '#deliveries/objects';
import { largeMessage } from '#mail/fixtures/large-message';
import { beginning } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { days, hours, minutes, seconds } from '#time/clock';
import type { MailboxId } from './cursor.js';
import { listParkedMessages } from './parked-messages.js';
import { eventually, ReadingOffice } from './reading-office.js';
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

  it('takes an old notification for a proof, and asks Gmail for nothing', async () => {
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
