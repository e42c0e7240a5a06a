import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import { event } from '#event-sourcing/event-store.contract';
import type { EventStore } from '#event-sourcing/event-store';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { asServicesSee } from '#hosting/adapters';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { runProcessors, type RunningProcessors } from '#processors/run-processors';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { systemClock } from '#time/clock';
import { readGolden } from '../../golden-events/src/golden-events.js';
import { barAt } from './progress.js';
import { replayables } from './projections.js';
import { rebuild } from './rebuild.js';
import { NotProjectable } from './shadow.js';
import { verify } from './verify.js';

const statuses = replayables.find(({ projection }) => projection.id === 'gateway.statuses')!;
const filter = { labels: [], include: [] };
const defaults = { inboundTicketDefaultsId: null, autoProcessEmails: true };

describe('a read model', () => {
  let testDatabase: TestDatabase;
  let database: DataSource;
  let store: EventStore;
  let processors: RunningProcessors;
  let means: { databaseUrl: string; store: EventStore };

  beforeEach(async () => {
    testDatabase = await createTestDatabase();
    store = asServicesSee(
      await PostgresEventStore.open({ url: testDatabase.url, poolSize: 4, warn: () => {} }),
    );
    database = await openDatabase({
      url: testDatabase.url,
      schema: 'gateway',
      entities: statuses.service.entities,
      migrations: [ProcessorTables1760000000000, ...statuses.service.migrations],
      poolSize: 4,
    });
    processors = runProcessors([statuses.projection], {
      database,
      store,
      clock: systemClock,
      warn: () => {},
      signal: new AbortController().signal,
    });
    means = { databaseUrl: testDatabase.url, store };
  });
  afterEach(async () => {
    await processors.close();
    await store.close();
    await database.destroy();
    await testDatabase.drop();
  });

  const added = (provider: string): Promise<unknown> => {
    const stream = `mailbox-t1+${provider}`;
    const data = { name: provider, address: `${provider}@acme.example`, filter, defaults };
    return store.append(stream, [event('MailboxAdded', stream, data)], 'no-stream');
  };
  const renamed = (provider: string, times: number, from = 0): Promise<unknown> => {
    const stream = `mailbox-t1+${provider}`;
    const renames = Array.from({ length: times }, (_, n) =>
      event('MailboxRenamed', stream, { name: `${provider} ${from + n}` }),
    );
    return store.append(stream, renames, from);
  };
  const names = async (): Promise<string[]> => {
    const rows: { name: string }[] = await database.query(
      `SELECT mailbox->>'name' AS name FROM provider_statuses ORDER BY provider_id`,
    );
    return rows.map(({ name }) => name);
  };

  it('is what its events say', async () => {
    for (const provider of ['a', 'b', 'c']) await added(provider);
    await renamed('b', 3);
    await processors.caughtUp();
    expect(await verify(statuses, means)).toEqual({
      projection: 'gateway.statuses',
      events: 6,
      rows: 3,
      differences: [],
      heldStreams: 0,
    });
  });

  it('is found out where a hand changed a row, and put right by a rebuild', async () => {
    for (const provider of ['a', 'b']) await added(provider);
    await processors.caughtUp();
    await database.query(
      `UPDATE provider_statuses SET mailbox = jsonb_set(mailbox, '{name}', '"wrong"') WHERE provider_id = 'a'`,
    );
    await database.query(`DELETE FROM provider_statuses WHERE provider_id = 'b'`);

    const { differences } = await verify(statuses, means);
    expect(
      differences.map(({ served, rebuilt }) => [served?.['provider_id'], rebuilt?.['provider_id']]),
    ).toEqual(
      expect.arrayContaining([
        ['a', undefined],
        [undefined, 'a'],
        [undefined, 'b'],
      ]),
    );
    await rebuild(statuses, means);
    expect(await names()).toEqual(['a', 'b']);
    expect((await verify(statuses, means)).differences).toEqual([]);
  });

  it('is rebuilt while events go on coming, and serves all of them', async () => {
    await added('a');
    await renamed('a', 700);
    await processors.caughtUp();
    let sawNoRow = false;
    let writing = true;
    const writer = (async () => {
      for (let n = 0; writing; n++) await renamed('a', 1, 700 + n);
      return (await store.readStream('mailbox-t1+a')).length;
    })();
    const reader = (async () => {
      while (writing) sawNoRow ||= (await names()).length !== 1;
    })();
    const { events } = await rebuild(statuses, means);
    writing = false;
    const written = await writer;
    await reader;
    await processors.caughtUp();
    expect(events).toBeGreaterThanOrEqual(701);
    expect(sawNoRow).toBe(false);
    expect(await names()).toEqual([`a ${written - 2}`]);
    expect(await verify(statuses, means)).toMatchObject({ events: written, differences: [] });
  });

  it('stays as it is when an event cannot be taken, which is named', async () => {
    await added('a');
    await processors.caughtUp();
    await store.append('mailbox-t1+a', [event('Enchanted', 'mailbox-t1+a')], 0);
    await processors.caughtUp();
    await expect(rebuild(statuses, means)).rejects.toThrow(NotProjectable);
    await expect(rebuild(statuses, means)).rejects.toThrow('Enchanted (mailbox-t1+a at 1)');
    expect(await names()).toEqual(['a']);
    const left = await database.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'replay%'`);
    expect(left).toEqual([]);
  });
});

describe('every projection', () => {
  let testDatabase: TestDatabase;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
  });
  afterAll(() => testDatabase.drop());

  it.each(replayables.map((replayable) => [replayable.projection.id, replayable] as const))(
    'knows every event of its categories: %s',
    async (_id, { service, projection }) => {
      const database = await openDatabase({
        url: testDatabase.url,
        schema: service.name,
        entities: service.entities,
        migrations: [ProcessorTables1760000000000, ...service.migrations],
        poolSize: 2,
      });
      const strangers: string[] = [];
      const golden = readGolden().events.filter(({ category }) => projection.categories.includes(category));
      for (const { category, type, sample } of golden) {
        const stream = `${category}-t1+p1`;
        const recorded = { ...event(type, stream, sample), stream, revision: 0, position: '0' };
        await database
          .transaction((manager) => projection.project([recorded], manager))
          // That something else has to come before is no ignorance of the event.
          .catch((error: Error) => /is not an event/.test(error.message) && strangers.push(type));
      }
      await database.destroy();
      expect(golden.length).toBeGreaterThan(0);
      expect(strangers).toEqual([]);
    },
  );
});

it('is there for every projection of the services', async () => {
  const { stdout } = await promisify(execFile)('grep', ['-rlE', '= projection\\(\\{', 'apps']);
  expect(replayables).toHaveLength(
    stdout
      .trim()
      .split('\n')
      .filter((file) => !file.includes('spec')).length,
  );
});

it('draws how far it is by the time that the history spans', () => {
  expect(barAt(50, 0, 100)).toBe(`[${'#'.repeat(15)}${'.'.repeat(15)}]  50 %`);
  expect(barAt(7, 7, 7)).toContain('100 %');
});
