import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { MovableClock, seconds } from '#time/clock';
import { inboundMigrations } from './inbound.js';
import { pushTimeOf } from './push-time.js';
import { WantedSyncs } from './wanted-syncs.js';

const mailbox = { tenantId: 't1', providerId: 'p1' };

describe('a mailbox that could not be read and is to be read again later', () => {
  const clock = new MovableClock();
  let server: TestDatabase;
  let database: DataSource;
  let wanted: WantedSyncs;

  beforeAll(async () => {
    server = await createTestDatabase();
    database = await openDatabase({
      url: server.url,
      schema: 'gmail',
      entities: [],
      migrations: inboundMigrations,
      poolSize: 2,
    });
    wanted = new WantedSyncs(database, clock);
  });
  afterAll(async () => {
    await database?.destroy();
    await server?.drop();
  });
  beforeEach(() => database.query('DELETE FROM wanted_syncs'));

  const arrives = (historyId: string): Promise<void> =>
    wanted.notified(mailbox, { historyId, pushedAt: clock.now() });
  const failing = { byMs: seconds(10), failures: 1, looks: 0 };

  /** A turn that was taken because of a second look, and that fails after something happened meanwhile. */
  async function failedWhile(meanwhile: () => Promise<void>): Promise<void> {
    await arrives('100');
    await wanted.lookBehind((await wanted.read(mailbox))!, 0);
    clock.advance(1);
    const taken = (await wanted.read(mailbox))!;
    clock.advance(seconds(1));
    await meanwhile();
    await wanted.postpone(taken, failing);
  }

  it('is not read any sooner because a notification came during the attempt that failed', async () => {
    await failedWhile(() => arrives('101'));
    expect(await wanted.read(mailbox)).toBeNull();
    clock.advance(seconds(10));
    expect(await wanted.read(mailbox)).toMatchObject({ pushedHistoryId: '101', failures: 1 });
  });

  it('remembers since when a notification is being followed, until what it announced was read', async () => {
    const followed = () => pushTimeOf(database.manager, mailbox);
    const begun = clock.now();
    await arrives('100');
    clock.advance(seconds(5));
    await arrives('101');
    expect(await followed()).toEqual(begun);
    const taken = (await wanted.read(mailbox))!;
    await wanted.postpone(taken, failing);
    expect(await followed()).toEqual(begun);
    clock.advance(seconds(10));
    await wanted.lookBehind((await wanted.read(mailbox))!, 0);
    expect(await followed()).toBeNull();
    const behind = (await wanted.read(mailbox))!;
    await arrives('102');
    clock.advance(seconds(3));
    await wanted.fulfil(database, behind);
    // It came during the turn, and is followed from its end on.
    expect(await followed()).toEqual(expect.any(Date));
    await wanted.fulfil(database, (await wanted.read(mailbox))!);
    expect(await followed()).toBeNull();
  });

  it('is read at once when somebody asked for it during the attempt that failed', async () => {
    await failedWhile(() => wanted.ask(mailbox));
    expect(await wanted.read(mailbox)).toMatchObject({ asked: true, failures: 1 });
  });
});
