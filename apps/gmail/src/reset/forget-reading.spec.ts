import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { seconds } from '#time/clock';
import { initialiseCursor, readCursor, type MailboxId } from '../inbound/cursor.js';
import { eventually, ReadingOffice } from '../inbound/fixtures/reading-office.js';
import type { ReadingMeans } from '../inbound/reading-means.js';
import { forgetReading } from './forget-reading.js';
import { forgetWhenReset } from './forget-when-reset.js';

describe('what is known of a mailbox that is reset', () => {
  let office: ReadingOffice;
  beforeAll(async () => {
    office = await ReadingOffice.open();
  }, 60_000);
  afterEach(() => office.stopAll());
  afterAll(() => office?.close());

  let mailboxes = 0;
  const connected = async (): Promise<{ id: MailboxId; address: string }> => {
    const address = `box${++mailboxes}@acme.example`;
    return { address, id: await office.connect(address) };
  };
  const arrive = async (address: string, subject: string): Promise<void> => {
    await office.google.client.advance(seconds(2));
    await office.google.client.gmail.deliver(address, { subject });
    await office.notify(address);
  };
  /** Answers the event, as the reactor gets it. */
  const reset = async (id: MailboxId): Promise<RecordedEvent> => {
    await office.google.client.advance(seconds(1));
    const data = { reason: 'spring', watch: 'stopped' as const, parkedForgotten: 0 };
    await office.happened(id, { type: 'Reset', data });
    return (await office.store.readStream(`mailbox-t1+${id.providerId}`)).at(-1)!;
  };
  /** As the services do it: permission, first position, watch. */
  const connectAgain = async (id: MailboxId, address: string): Promise<string> => {
    await office.google.client.advance(seconds(1));
    const metadata = { id: randomUUID(), tenantId: 't1', correlationId: 'c', causationId: 'c', by: 'spec' };
    const at = office.now().toISOString();
    const data = { product: 'gmail' };
    await office.store.append(
      `grant-t1+${id.providerId}`,
      [{ type: 'Authorized', data, metadata: { ...metadata, at } }],
      'any',
    );
    const { historyId } = await office.google.client.gmail.mailbox(address);
    await initialiseCursor(office.database, { ...id, historyId, at: office.now() });
    const expiresAt = new Date(office.now().getTime() + 604_800_000).toISOString();
    await office.happened(id, {
      type: 'WatchStarted',
      data: { topic: 'projects/p/topics/t', historyId, expiresAt, labelIds: [] },
    });
    return historyId;
  };
  const park = (id: MailboxId, gmailId: string): Promise<unknown> =>
    office.database.query(
      `INSERT INTO parked_messages (tenant_id, provider_id, gmail_id, reason, attempts, parked_at, next_attempt_at)
       VALUES ($1, $2, $3, 'odd', 1, $4, $4)`,
      [id.tenantId, id.providerId, gmailId, office.now()],
    );
  const rows = async (table: string, { tenantId, providerId }: MailboxId): Promise<number> => {
    const found: unknown[] = await office.database.query(
      `SELECT FROM ${table} WHERE tenant_id = $1 AND provider_id = $2`,
      [tenantId, providerId],
    );
    return found.length;
  };
  const forget = async (means: ReadingMeans, id: MailboxId): Promise<RecordedEvent> => {
    const event = await reset(id);
    expect(await forgetReading(means, id, { resetAt: event.metadata.at, wait: seconds(5) })).toBe(true);
    return event;
  };

  it('is where reading was, what was wanted and what was parked; not what was seen', async () => {
    const { id, address } = await connected();
    const means = await office.means();
    const stop = office.start(means);
    await arrive(address, 'one');
    await office.settled();
    await stop();
    await park(id, 'g9');
    await means.wanted.ask(id);
    await forget(means, id);
    for (const table of ['mailbox_cursors', 'wanted_syncs', 'parked_messages'])
      expect({ table, rows: await rows(table, id) }).toEqual({ table, rows: 0 });
    expect(await rows('seen_messages', id)).toBe(1);
    expect(await office.activity(id)).toMatchObject({ parked: 0, delivered: 1 });
  });

  it('is forgotten after the turn in which it is being read, and nothing of that is delivered twice', async () => {
    const { id, address } = await connected();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let reached = false;
    const means = await office.means(({ objects }) => ({
      objects: Object.create(objects, {
        put: {
          value: async (...args: Parameters<typeof objects.put>) => {
            reached = true;
            await held;
            return objects.put(...args);
          },
        },
      }) as typeof objects,
    }));
    office.start(means);
    await arrive(address, 'in the middle');
    await eventually(() => Promise.resolve(reached));
    const event = await reset(id);
    const { at: resetAt } = event.metadata;
    expect(await forgetReading(means, id, { resetAt, wait: 50 })).toBe(false);
    const following = forgetWhenReset(means).react(event);
    release();
    expect(await following).toBe('done');
    expect(await readCursor(office.database, id)).toBeNull();

    await connectAgain(id, address);
    await arrive(address, 'afterwards');
    await office.settled();
    expect(await office.subjects(id)).toEqual(['in the middle', 'afterwards']);
  });

  it('is read again from the new beginning, without what came in between', async () => {
    const { id, address } = await connected();
    const means = await office.means();
    office.start(means);
    await arrive(address, 'before');
    await office.settled();
    await forget(means, id);
    await arrive(address, 'in between');
    await office.settled();
    await connectAgain(id, address);
    await arrive(address, 'after');
    await office.settled();
    expect(await office.subjects(id)).toEqual(['before', 'after']);
  });

  it('is not taken from whoever connected again before the event was told', async () => {
    const { id, address } = await connected();
    const means = await office.means();
    const event = await forget(means, id);
    const historyId = await connectAgain(id, address);
    await park(id, 'g10');
    await means.wanted.ask(id);
    expect(await forgetWhenReset(means).react(event)).toBe('done');
    expect(await readCursor(office.database, id)).toMatchObject({ historyId });
    expect(await rows('parked_messages', id)).toBe(1);
    expect(await rows('wanted_syncs', id)).toBe(1);
  });
});
