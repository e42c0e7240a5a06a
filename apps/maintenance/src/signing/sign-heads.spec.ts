import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import { ChainedEventStore } from '#event-sourcing/chain/chained-event-store';
import { readSignedHeads } from '#event-sourcing/chain/signed-heads';
import { event } from '#event-sourcing/event-store.contract';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { PostgresLocks } from '#locks/postgres-locks';
import { createLogger } from '#logging/logger';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { days, MovableClock } from '#time/clock';
import { fingerprintOf, SignedHeads1764400000000, signedListOf } from './signed-heads-table.js';
import { signing } from './sign-heads.js';

describe('the heads of the history', () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  let server: TestDatabase;
  let database: DataSource;
  let kept: PostgresEventStore;
  let store: ChainedEventStore;
  let pool: pg.Pool;
  let clock: MovableClock;
  let logged: string[];
  let reads: (string | null)[];

  beforeEach(async () => {
    server = await createTestDatabase();
    const migrations = [SignedHeads1764400000000];
    const schema = 'maintenance';
    database = await openDatabase({ url: server.url, schema, entities: [], migrations, poolSize: 4 });
    kept = await PostgresEventStore.open({ url: server.url, poolSize: 4, warn: () => {} });
    store = new ChainedEventStore(kept);
    pool = new pg.Pool({ connectionString: server.url, max: 4 });
    clock = new MovableClock();
    logged = [];
    reads = [];
    await happened('mailbox-t1+p1', 'MailboxAdded', 'no-stream');
    await happened('mailbox-t2+p1', 'MailboxAdded', 'no-stream');
  });
  afterEach(async () => {
    await pool.end();
    await kept.close();
    await database.destroy();
    await server.drop();
  });

  async function happened(stream: string, type: string, expected: number | 'no-stream'): Promise<void> {
    await store.append(stream, [event(type, stream)], expected);
    await kept.settled();
  }
  const means = () => ({
    database,
    clock,
    locks: new PostgresLocks(pool),
    keptEvents: {
      readStream: kept.readStream.bind(kept),
      readAll: (options: Parameters<typeof kept.readAll>[0]) => {
        reads.push(options.after);
        return kept.readAll(options);
      },
    },
    logger: createLogger({
      level: 'info',
      name: 'maintenance',
      destination: { write: (line) => void logged.push(line) },
    }),
  });
  const query = <Row>(sql: string, values: unknown[]): Promise<Row[]> => database.query(sql, values);
  const daysSigned = async (): Promise<number> => (await query('SELECT day FROM signed_heads', [])).length;
  const latest = async () => (await signedListOf(query, null))!;
  const headsIn = async ({ list }: { list: string }) => {
    const { heads } = await readSignedHeads(list, createPublicKey(key));
    return heads.map(({ stream, revision }) => `${stream} ${revision}`);
  };
  /** Runs so many replicas until so many days are signed. */
  async function signedUntil(wanted: number, replicas = 1): Promise<void> {
    const ending = new AbortController();
    const workers = Array.from({ length: replicas }, () => signing(means(), key).workers).flat();
    const runs = workers.map(({ run }) => run(ending.signal));
    while ((await daysSigned()) < wanted);
    ending.abort();
    await Promise.all(runs);
  }

  it('are signed once a day, whatever number of replicas there is, and announced', async () => {
    await signedUntil(1, 3);
    const list = await latest();
    expect(await headsIn(list)).toEqual(['mailbox-t1+p1 0', 'mailbox-t2+p1 0']);
    const announced = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatchObject({ day: list.day, heads: 2, sha256: fingerprintOf(list.list) });
  });

  it('of the next day go on from those of the day before', async () => {
    await signedUntil(1);
    const { position } = await latest();
    reads = [];
    clock.advance(days(1));
    await happened('mailbox-t1+p1', 'WatchStarted', 0);
    await signedUntil(2);
    expect(reads[0]).toBe(position);
    expect(await headsIn(await latest())).toEqual(['mailbox-t1+p1 1', 'mailbox-t2+p1 0']);
  });

  it('are read anew when the list of the day before was changed by hand, and that is told', async () => {
    await signedUntil(1);
    await query('UPDATE signed_heads SET list = $1', [gzipSync((await latest()).list.replace('t2', 't3'))]);
    clock.advance(days(1));
    reads = [];
    await signedUntil(2);
    expect(reads[0]).toBeNull();
    expect(await headsIn(await latest())).toEqual(['mailbox-t1+p1 0', 'mailbox-t2+p1 0']);
    expect(logged.join('')).toContain('was changed where it is kept');
  });

  it('are not signed without a key: that is said once, and nothing else is done', async () => {
    const { workers, notes } = signing(means(), undefined);
    expect(workers).toEqual([]);
    expect(await notes()).toEqual([expect.stringContaining('AUDIT_SIGNING_KEY is not set')]);
    expect(logged).toHaveLength(1);
  });
});
