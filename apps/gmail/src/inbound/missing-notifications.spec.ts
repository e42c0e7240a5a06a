import { minutes, seconds } from '#time/clock';
import type { MailboxId } from './cursor.js';
import { ReadingOffice } from './fixtures/reading-office.js';
import type { ReadingMeans } from './reading-means.js';

describe('a notification that never comes', () => {
  let office: ReadingOffice;
  let means: ReadingMeans;
  let address: string;
  let number = 0;

  beforeAll(async () => {
    office = await ReadingOffice.open();
  });
  afterAll(() => office?.close());
  beforeEach(async () => {
    address = `silent${++number}@acme.example`;
    means = await office.means();
    office.start(means);
  });
  afterEach(() => office.stopAll());

  const deliver = (subject: string, labelIds?: string[]) =>
    office.google.client.gmail.deliver(address, { subject }, labelIds);
  const passes = async (milliseconds: number) => {
    await office.google.client.advance(milliseconds);
    await office.settled();
  };
  /** As the due list asks for it every ten minutes. */
  const compare = async (mailbox: MailboxId) => {
    await means.wanted.ask(mailbox);
    await office.settled();
  };
  const told = async (mailbox: MailboxId) => (await office.told(mailbox)).map(({ type }) => type);
  /** Watched, proven, and compared once since. */
  const connected = async (labels: string[] = []): Promise<MailboxId> => {
    if (labels.length > 0) {
      await office.google.client.createUser(address, { workspaceDomain: 'acme.example' });
      for (const label of labels) await office.google.client.gmail.createLabel(address, label);
    }
    const mailbox = await office.connect(address, { labels });
    await office.notify(address);
    await office.settled();
    await passes(minutes(10));
    await compare(mailbox);
    expect(await told(mailbox)).toEqual(['NotificationProven']);
    return mailbox;
  };

  it('is found by comparison: the mail is read at once, and once it is sure, that is told once', async () => {
    const mailbox = await connected();
    const { historyId: from } = await office.google.client.gmail.mailbox(address);
    await deliver('unheard');
    await passes(minutes(10));
    await compare(mailbox);
    expect(await office.subjects(mailbox)).toEqual(['unheard']);
    expect(await told(mailbox)).toEqual(['NotificationProven']);

    await deliver('unheard, too');
    await passes(minutes(10));
    await compare(mailbox);
    const { historyId: to } = await office.google.client.gmail.mailbox(address);
    expect(await office.subjects(mailbox)).toEqual(['unheard', 'unheard, too']);
    expect((await office.told(mailbox)).at(-1)).toEqual({
      type: 'GapDetected',
      data: { from, to, reason: 'notification-missing' },
    });

    await deliver('unheard again');
    await passes(minutes(10));
    await compare(mailbox);
    await passes(minutes(10));
    await compare(mailbox);
    expect(await told(mailbox)).toEqual(['NotificationProven', 'GapDetected']);
  });

  it('is over with the next one, and can be missed again', async () => {
    const mailbox = await connected();
    for (let time = 1; time <= 2; time++) {
      await deliver(`unheard ${time}`);
      await passes(minutes(10));
      await compare(mailbox);
      await passes(minutes(10));
      await compare(mailbox);
      await office.notify(address);
      await passes(seconds(5));
      await passes(minutes(10));
      await compare(mailbox);
    }
    const episode = ['GapDetected', 'NotificationProven'];
    expect(await told(mailbox)).toEqual(['NotificationProven', ...episode, ...episode]);
    expect(await office.subjects(mailbox)).toEqual(['unheard 1', 'unheard 2']);
  });

  it('is not what a comparison finds that was only faster than the notification', async () => {
    const mailbox = await connected();
    await passes(minutes(10));
    await deliver('crossing');
    await compare(mailbox);
    await passes(seconds(20));
    await office.notify(address);
    await office.settled();
    await passes(minutes(10));
    await compare(mailbox);
    await passes(minutes(10));
    await compare(mailbox);
    expect(await told(mailbox)).toEqual(['NotificationProven']);
    expect(await office.subjects(mailbox)).toEqual(['crossing']);
  });

  it('is not one that Gmail dropped because another had come within the second', async () => {
    const mailbox = await connected();
    await passes(minutes(10));
    await deliver('announced');
    await office.notify(address);
    await office.settled();
    await passes(seconds(2));
    await deliver('dropped');
    for (let times = 0; times < 3; times++) {
      await passes(minutes(10));
      await compare(mailbox);
    }
    expect(await told(mailbox)).toEqual(['NotificationProven']);
    expect(await office.subjects(mailbox)).toEqual(['announced', 'dropped']);
  });

  it('is not awaited of mail that Gmail does not notify of', async () => {
    const mailbox = await connected(['Tickets']);
    await deliver('without the label');
    for (let times = 0; times < 3; times++) {
      await passes(minutes(10));
      await compare(mailbox);
    }
    expect(await told(mailbox)).toEqual(['NotificationProven']);
  });

  it('is no news while the watch is over anyway', async () => {
    const mailbox = await connected();
    await passes(minutes(60 * 24 * 7));
    await deliver('after the end');
    for (let times = 0; times < 3; times++) {
      await compare(mailbox);
      await passes(minutes(10));
    }
    expect(await told(mailbox)).not.toContain('GapDetected');
    expect(await office.subjects(mailbox)).toEqual(['after the end']);
  });
});
