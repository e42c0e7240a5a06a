import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '#servers/child-server';
import { startPostgres } from '#servers/postgres-server';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { event, Subscriber } from '../event-store.contract.js';
import type { NewEvent, RecordedEvent } from '../event-store.js';
import { appendOneStatement } from './appending.js';
import { PostgresEventStore } from './postgres-event-store.js';

const types = (events: RecordedEvent[]): string[] => events.map(({ type }) => type);
const poolSize = 3;
const warn = (): void => {};

describe('the order of events in PostgreSQL', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  const clients: pg.Client[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
    store = await PostgresEventStore.open({ url: database.url, poolSize, warn });
  });

  afterEach(async () => {
    await store.close();
    for (const client of clients.splice(0)) await client.end();
    await database.drop();
  });

  /** A writer whose commit is in the hands of the spec. */
  async function writer(): Promise<{
    append(stream: string, type: string): Promise<NewEvent>;
    commit(): Promise<void>;
  }> {
    const client = new pg.Client({ connectionString: database.url });
    clients.push(client);
    await client.connect();
    await client.query('BEGIN');
    return {
      append: async (stream, type) => {
        const appended = event(type, stream);
        await client.query(appendOneStatement({ stream, revision: 0, event: appended }));
        return appended;
      },
      commit: async () => {
        await client.query('COMMIT');
      },
    };
  }

  it('does not show what was committed early before what was begun earlier and commits late', async () => {
    const slow = await writer();
    const quick = await writer();
    await slow.append('mailbox-t1+slow', 'BegunFirst');
    await quick.append('mailbox-t1+quick', 'BegunSecond');
    await quick.commit();
    await store.append('mailbox-t1+third', [event('BegunThird', 'mailbox-t1+third')], 'no-stream');
    expect(types(await store.readAll({ after: null, limit: 10 }))).toEqual([]);

    let settled = false;
    const settling = store.settled().then(() => (settled = true));
    await store.readAll({ after: null, limit: 10 });
    expect(settled).toBe(false);
    await slow.commit();
    await settling;
    expect(types(await store.readAll({ after: null, limit: 2 }))).toEqual(['BegunFirst', 'BegunSecond']);
    const shown = new Subscriber(store, { after: null });
    await shown.hasSeen(3);
    await shown.stop();
    expect(types(shown.seen)).toEqual(['BegunFirst', 'BegunSecond', 'BegunThird']);
  });

  it('loses nothing for a subscriber that is already past the beginning when transactions interleave', async () => {
    await store.append('mailbox-t1+zero', [event('Before', 'mailbox-t1+zero')], 'no-stream');
    const subscriber = new Subscriber(store, { after: null });
    await subscriber.hasSeen(1);

    const [first, second, third] = [await writer(), await writer(), await writer()];
    await first.append('mailbox-t1+1', 'First');
    await second.append('mailbox-t1+2', 'Second');
    await third.append('mailbox-t1+3', 'Third');
    await first.append('mailbox-t1+4', 'FirstAgain');
    await third.commit();
    await first.commit();
    await subscriber.hasSeen(3);
    expect(types(subscriber.seen)).toEqual(['Before', 'First', 'FirstAgain']);

    await second.commit();
    await subscriber.hasSeen(5);
    await subscriber.stop();
    expect(types(subscriber.seen)).toEqual(['Before', 'First', 'FirstAgain', 'Second', 'Third']);
  });

  it('is not held up by a transaction that was rolled back', async () => {
    const givingUp = await writer();
    await givingUp.append('mailbox-t1+never', 'Never');
    await store.append('mailbox-t1+kept', [event('Kept', 'mailbox-t1+kept')], 'no-stream');
    const subscriber = new Subscriber(store, { after: null });
    await clients[0]!.query('ROLLBACK');
    await subscriber.hasSeen(1);
    await subscriber.stop();
    expect(types(subscriber.seen)).toEqual(['Kept']);
  });

  it('goes on behind everything that a restore brought from a cluster with higher transaction ids', async () => {
    await inTheFuture(store, database, 'mailbox-t1+old', 1_000_000);
    const beforeRestart = await everyEvent(database);
    await store.close();

    store = await PostgresEventStore.open({ url: database.url, poolSize, warn });
    await store.append('mailbox-t1+new', [event('New', 'mailbox-t1+new')], 'no-stream');
    const subscriber = new Subscriber(store, { after: null });
    await subscriber.hasSeen(3);
    await subscriber.stop();
    expect(types(subscriber.seen)).toEqual(['Old', 'Older', 'New']);
    expect(subscriber.seen.slice(0, 2).map(({ position }) => position)).toEqual(beforeRestart);
  });

  it('raises its offset once, not at every start', async () => {
    await inTheFuture(store, database, 'mailbox-t1+old', 1_000_000);
    const offsets: string[] = [];
    for (let start = 0; start < 3; start++) {
      await store.close();
      store = await PostgresEventStore.open({ url: database.url, poolSize, warn });
      const client = await connected(database.url);
      const { rows } = await client.query('SELECT xid_offset FROM events.ordering');
      await client.end();
      offsets.push(rows[0].xid_offset);
    }
    expect(Number(offsets[0])).toBeGreaterThan(900_000);
    expect(new Set(offsets).size).toBe(1);
  });

  it('keeps order and positions when its tables move to another cluster, whose transaction ids start again', async () => {
    const source = await connected(database.url);
    await source.query(
      'DO $$ BEGIN FOR n IN 1..5000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$',
    );
    for (const type of ['First', 'Second']) {
      await store.append(`mailbox-t1+${type}`, [event(type, `mailbox-t1+${type}`)], 'no-stream');
    }
    const { rows } = await source.query('SELECT * FROM events.events ORDER BY tx_order, seq');
    await source.end();

    const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-restore-'));
    const cluster = await startPostgres({ dataDir, port: await freePort(), unsafeFast: true });
    try {
      await (await PostgresEventStore.open({ url: cluster.url, poolSize, warn })).close();
      const target = await connected(cluster.url);
      for (const row of rows) {
        const columns = Object.keys(row);
        await target.query(
          `INSERT INTO events.events (${columns.join()}) OVERRIDING SYSTEM VALUE VALUES (${columns.map((_, n) => `$${n + 1}`).join()})`,
          Object.values(row),
        );
      }
      const { rows: now } = await target.query('SELECT pg_current_xact_id()::text::bigint AS xid');
      await target.end();
      expect(Number(now[0].xid)).toBeLessThan(Number(rows[0].tx_order));

      const restored = await PostgresEventStore.open({ url: cluster.url, poolSize, warn });
      const checkpoint = `${rows[0].tx_order}/${rows[0].seq}`;
      await restored.append('mailbox-t1+third', [event('Third', 'mailbox-t1+third')], 'no-stream');
      const subscriber = new Subscriber(restored, { after: checkpoint });
      await subscriber.hasSeen(2);
      await subscriber.stop();
      await restored.close();
      expect(types(subscriber.seen)).toEqual(['Second', 'Third']);
    } finally {
      await cluster.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('says so when it cannot listen, and delivers all the same', async () => {
    const client = await connected(database.url);
    const sentences: string[] = [];
    const deaf = await PostgresEventStore.open({
      url: database.url,
      poolSize,
      warn: (said) => sentences.push(said),
    });
    const subscriber = new Subscriber(deaf, { after: null });
    await store.append('mailbox-t1+a', [event('Before', 'mailbox-t1+a')], 'no-stream');
    await subscriber.hasSeen(1);
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'events-listener'",
    );
    await store.append('mailbox-t1+b', [event('After', 'mailbox-t1+b')], 'no-stream');
    await subscriber.hasSeen(2);
    await subscriber.stop();
    await deaf.close();
    await client.end();
    expect(types(subscriber.seen)).toEqual(['Before', 'After']);
    expect(sentences.join()).toContain('listen');
  });
});

/** Two events as a dump from a cluster that has seen many more transactions leaves them. */
async function inTheFuture(
  store: PostgresEventStore,
  database: TestDatabase,
  stream: string,
  lead: number,
): Promise<void> {
  await store.append(stream, [event('Old', stream), event('Older', stream)], 'no-stream');
  const client = await connected(database.url);
  await client.query('UPDATE events.events SET tx_order = tx_order + $1', [lead]);
  await client.end();
}

async function everyEvent(database: TestDatabase): Promise<string[]> {
  const client = await connected(database.url);
  const { rows } = await client.query(
    "SELECT tx_order || '/' || seq AS position FROM events.events ORDER BY tx_order, seq",
  );
  await client.end();
  return rows.map((row) => row.position);
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
