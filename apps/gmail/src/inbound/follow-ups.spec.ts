import { streamName } from '#event-sourcing/stream-name';
import type { RecordedEvent } from '#event-sourcing/event-store';
import type { MailboxId } from './cursor.js';
import { ReadingOffice } from './fixtures/reading-office.js';
import { forgetWhenRemoved } from './forget-when-removed.js';
import type { ReadingMeans } from './reading-means.js';
import { syncWhenAuthorized, syncWhenReadable } from './sync-when-readable.js';

describe('what follows from a mailbox’s events', () => {
  let office: ReadingOffice;
  let means: ReadingMeans;
  let mailbox: MailboxId;
  let number = 0;

  beforeAll(async () => {
    office = await ReadingOffice.open();
    means = await office.means();
  });
  afterAll(() => office?.close());
  beforeEach(async () => {
    mailbox = await office.connect(`support${++number}@acme.example`);
  });

  const event = (category: string, type: string, data = {}): RecordedEvent => ({
    stream: streamName(category, mailbox.tenantId, mailbox.providerId),
    revision: 0,
    position: '1',
    type,
    data,
    metadata: {
      id: '00000000-0000-0000-0000-000000000001',
      tenantId: mailbox.tenantId,
      correlationId: 'c',
      causationId: 'c',
      at: '2026-03-01T08:00:00.000Z',
      by: 'spec',
    },
  });
  const rowsIn = async (table: string): Promise<number> => {
    const [row]: { rows: number }[] = await office.database.query(
      `SELECT count(*)::int AS rows FROM ${table} WHERE tenant_id = $1 AND provider_id = $2`,
      [mailbox.tenantId, mailbox.providerId],
    );
    return row!.rows;
  };

  it.each(['WatchStarted', 'Resumed', 'FilterSet'])(
    'is a sync after %s, given twice or not',
    async (type) => {
      const { react } = syncWhenReadable(means);
      expect([await react(event('mailbox', type)), await react(event('mailbox', type))]).toEqual([
        'done',
        'done',
      ]);
      expect(await rowsIn('wanted_syncs')).toBe(1);
    },
  );

  it('is a sync after Gmail was authorized, and none after a calendar was', async () => {
    const { react } = syncWhenAuthorized(means);
    await react(event('grant', 'Authorized', { product: 'calendar' }));
    expect(await rowsIn('wanted_syncs')).toBe(0);
    await react(event('grant', 'Authorized', { product: 'gmail' }));
    expect(await rowsIn('wanted_syncs')).toBe(1);
  });

  it('is nothing after what changes nothing about reading', async () => {
    expect(await syncWhenReadable(means).react(event('mailbox', 'WatchRenewed'))).toBe('done');
    expect(await rowsIn('wanted_syncs')).toBe(0);
  });

  it('is that a removed mailbox is forgotten, unless it is there again', async () => {
    const { react } = forgetWhenRemoved(means);
    await means.wanted.ask(mailbox);
    await react(event('mailbox', 'Removed'));
    expect([await rowsIn('mailbox_cursors'), await rowsIn('wanted_syncs')]).toEqual([1, 1]);

    await office.happened(mailbox, { type: 'Removed', data: { reason: 'test' } });
    await react(event('mailbox', 'Removed'));
    expect([await rowsIn('mailbox_cursors'), await rowsIn('wanted_syncs')]).toEqual([0, 0]);
  });
});
