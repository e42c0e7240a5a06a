import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { event } from '../event-store.contract.js';
import { streamName } from '../stream-name.js';
import { appendOneStatement } from './appending.js';
import { PostgresEventStore } from './postgres-event-store.js';

const warn = (): void => {};
const streams = Array.from({ length: 8 }, (_, n) => streamName('mailbox', 't1', `p${n}`));

describe('appends that come at the same time', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  beforeEach(async () => {
    database = await createTestDatabase();
    store = await PostgresEventStore.open({ url: database.url, poolSize: 4, warn });
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  const typesOf = async (stream: string) => (await store.readStream(stream)).map(({ type }) => type);
  const transactions = async () => {
    const events = await store.readAll({ after: null, limit: 100 });
    return new Set(events.map(({ position }) => position.split('/')[0]));
  };

  it('go together, apart from the first, which waits for nobody', async () => {
    const answers = await Promise.all(
      streams.map((stream) => store.append(stream, [event('Opened', stream)], 'no-stream')),
    );
    expect(answers).toEqual(streams.map(() => ({ ok: true, revision: 0 })));
    await store.settled();
    expect((await transactions()).size).toBe(2);
  });

  it('are refused one by one: a conflict is nobody else’s', async () => {
    const [first, taken, missing, ...others] = streams as [string, string, string, ...string[]];
    await store.append(taken, [event('Opened', taken)], 'no-stream');
    const answers = await Promise.all([
      store.append(first, [event('Opened', first)], 'no-stream'),
      store.append(taken, [event('OpenedAgain', taken)], 'no-stream'),
      store.append(missing, [event('Closed', missing)], 4),
      ...others.map((stream) => store.append(stream, [event('Opened', stream)], 'no-stream')),
    ]);
    expect(answers.slice(0, 3)).toEqual([
      { ok: true, revision: 0 },
      { ok: false, actual: 0 },
      { ok: false, actual: 'no-stream' },
    ]);
    expect(answers.slice(3)).toEqual(others.map(() => ({ ok: true, revision: 0 })));
    expect(await typesOf(taken)).toEqual(['Opened']);
  });

  it('fail one by one: what PostgreSQL cannot store takes no other along', async () => {
    const [first, unstorable, ...others] = streams as [string, string, ...string[]];
    const answers = await Promise.allSettled([
      store.append(first, [event('Opened', first)], 'no-stream'),
      store.append(unstorable, [event('Opened', unstorable, { name: '\u0000' })], 'no-stream'),
      ...others.map((stream) => store.append(stream, [event('Opened', stream)], 'no-stream')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      ...others.map(() => 'fulfilled'),
    ]);
    expect(await typesOf(unstorable)).toEqual([]);
    for (const stream of others) expect(await typesOf(stream)).toEqual(['Opened']);
  });

  it('to one stream follow each other, each at its revision', async () => {
    const [stream] = streams as [string];
    const answers = await Promise.all(
      [0, 1, 2, 3].map((n) => store.append(stream, [event(`E${n}`, stream)], n === 0 ? 'no-stream' : n - 1)),
    );
    expect(answers).toEqual([0, 1, 2, 3].map((revision) => ({ ok: true, revision })));
    expect(await typesOf(stream)).toEqual(['E0', 'E1', 'E2', 'E3']);
  });

  it('are recognised when they come again together', async () => {
    const events = streams.map((stream) => ({ stream, opened: event('Opened', stream) }));
    const appendAll = () =>
      Promise.all(events.map(({ stream, opened }) => store.append(stream, [opened], 'no-stream')));
    await appendAll();
    expect(await appendAll()).toEqual(streams.map(() => ({ ok: true, revision: 0 })));
    for (const stream of streams) expect(await typesOf(stream)).toEqual(['Opened']);
  });

  it('are not held up by one that waits for a transaction of somebody else', async () => {
    const [contested, ...others] = streams as [string, ...string[]];
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    try {
      await other.query('BEGIN');
      await other.query(
        appendOneStatement({ stream: contested, revision: 0, event: event('Opened', contested) }),
      );
      const waiting = store.append(contested, [event('OpenedAgain', contested)], 'no-stream');
      const answers = await Promise.all(
        others.map((stream) => store.append(stream, [event('Opened', stream)], 'no-stream')),
      );
      expect(answers).toEqual(others.map(() => ({ ok: true, revision: 0 })));
      await other.query('COMMIT');
      expect(await waiting).toEqual({ ok: false, actual: 0 });
    } finally {
      await other.end();
    }
  });

  it('of two processes to the same streams never wait for each other in a circle', async () => {
    const another = await PostgresEventStore.open({ url: database.url, poolSize: 4, warn });
    try {
      for (let round = 0; round < 20; round++) {
        const revision = round === 0 ? ('no-stream' as const) : round - 1;
        const all = (of: PostgresEventStore, order: string[]) =>
          Promise.all(order.map((stream) => of.append(stream, [event(`R${round}`, stream)], revision)));
        const [ours, theirs] = await Promise.all([all(store, streams), all(another, streams.toReversed())]);
        const wonByUs = streams.filter((_, n) => ours[n]!.ok);
        const wonByThem = streams.toReversed().filter((_, n) => theirs[n]!.ok);
        expect([...wonByUs, ...wonByThem].toSorted()).toEqual(streams);
      }
    } finally {
      await another.close();
      await store.close();
    }
    expect(await deadlocks()).toBe(0);
  });

  /** As PostgreSQL counted them; known for certain once the connections are gone. */
  async function deadlocks(): Promise<number> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const others = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
      while ((await client.query<{ n: number }>(others)).rows[0]!.n > 0);
      const counted = 'SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()';
      return (await client.query<{ n: number }>(counted)).rows[0]!.n;
    } finally {
      await client.end();
    }
  }
});
