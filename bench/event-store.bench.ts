import { randomUUID } from 'node:crypto';
import { appendFile, chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { openDatabase } from '#database/database';
import type { NewEvent, RecordedEvent } from '#event-sourcing/event-store';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { projection } from '#processors/processor';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { rebuild } from '#processors/rebuild';
import { runProcessors } from '#processors/run-processors';
import { freePort } from '#servers/child-server';
import { deleteCluster, startPostgres } from '#servers/postgres-server';
import { systemClock } from '#time/clock';

/**
 * How fast the event store in PostgreSQL is, against the least that the database asks for (a plain INSERT, a plain paged
 * read) and against Emmett's store; all in one run on one durable cluster, round by round, so that only ratios matter.
 * `node dist/bench/event-store.bench.js [--rounds 9] [--out results.jsonl]`
 */
const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, out: { type: 'string' } },
});

const connections = 8;
const appendsPerWorker = 250;
const streamLength = 10;
const foldLength = 1_000;
const folds = 40;
const rebuildEvents = 40_000;

interface Measured {
  what: string;
  /** Events a second, one figure a round. */
  rounds: number[];
}

const data = {
  address: 'support@example.com',
  topic: 'projects/p/topics/gmail',
  historyId: '8127364',
  expires: 1_790_000_000,
};

const newEvent = (n: number): NewEvent => ({
  type: 'WatchRenewed',
  data: { ...data, n },
  metadata: {
    id: randomUUID(),
    tenantId: 't1',
    correlationId: randomUUID(),
    causationId: randomUUID(),
    at: '2026-03-01T08:00:00.000Z',
    by: 'renewals-due',
  },
});

async function perSecond(events: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return Math.round(events / ((performance.now() - begun) / 1_000));
}

/** Every worker appends to streams of its own, each up to `streamLength` events, always at the expected revision. */
const appends = (
  workers: number,
  append: (stream: string, revision: number, event: NewEvent) => Promise<unknown>,
) =>
  perSecond(workers * appendsPerWorker, () =>
    Promise.all(
      Array.from({ length: workers }, async () => {
        let stream = '';
        for (let n = 0; n < appendsPerWorker; n++) {
          if (n % streamLength === 0) stream = `mailbox-t1+${randomUUID()}`;
          await append(stream, n % streamLength, newEvent(n));
        }
      }),
    ),
  );

async function measure(url: string, rounds: number): Promise<Measured[]> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  pool.on('error', () => {});
  await pool.query(
    'CREATE TABLE plain (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text, revision int, id uuid, type text, data jsonb, metadata jsonb)',
  );
  const store = await PostgresEventStore.open({ url, poolSize: connections, warn: complain });
  const emmett = getPostgreSQLEventStore(url);
  await emmett.schema.migrate();

  const plainInsert = (stream: string, revision: number, event: NewEvent) =>
    pool.query({
      name: 'plain',
      text: 'INSERT INTO plain (stream, revision, id, type, data, metadata) VALUES ($1, $2, $3, $4, $5, $6)',
      values: [
        stream,
        revision,
        event.metadata.id,
        event.type,
        JSON.stringify(event.data),
        JSON.stringify(event.metadata),
      ],
    });
  const ours = async (stream: string, revision: number, event: NewEvent) => {
    const answer = await store.append(stream, [event], revision === 0 ? 'no-stream' : revision - 1);
    if (!answer.ok) throw new Error('An append of the benchmark met a conflict.');
  };
  const emmetts = (stream: string, revision: number, { type, data, metadata }: NewEvent) =>
    emmett.appendToStream(stream, [{ type, data, metadata }], {
      expectedStreamVersion: revision === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(revision),
    });

  const long = 'mailbox-t1+long';
  for (let n = 0; n < foldLength; n += 100) {
    const events = Array.from({ length: 100 }, (_, index) => newEvent(n + index));
    await store.append(long, events, 'any');
    await emmett.appendToStream(
      long,
      events.map(({ type, data, metadata }) => ({ type, data, metadata })),
    );
  }
  const fold = (read: () => Promise<unknown>) =>
    perSecond(folds * foldLength, async () => {
      for (let n = 0; n < folds; n++) await read();
    });
  const evolve = (sum: number, event: { data: Record<string, unknown> }): number =>
    sum + Number(event.data.n);

  const cases: Record<string, () => Promise<number>> = {
    'insert, plain, 8 connections': () => appends(connections, plainInsert),
    'append, this store, 8 connections': () => appends(connections, ours),
    "append, Emmett's store, 8 connections": () => appends(connections, emmetts),
    'insert, plain, one by one': () => appends(1, plainInsert),
    'append, this store, one by one': () => appends(1, ours),
    "append, Emmett's store, one by one": () => appends(1, emmetts),
    'fold, plain SELECT': () =>
      fold(async () => {
        const text =
          'SELECT stream, revision, id, type, data, metadata, tx_order, seq FROM events.events WHERE stream = $1 ORDER BY revision';
        const { rows } = await pool.query<{ data: { n: number } }>({ name: 'fold', text, values: [long] });
        return rows.reduce(evolve, 0);
      }),
    'fold, this store': () => fold(async () => (await store.readStream(long)).reduce(evolve, 0)),
    "fold, Emmett's store": () =>
      fold(() =>
        emmett.aggregateStream(long, {
          initialState: () => 0,
          evolve: (sum: number, event: unknown) => evolve(sum, event as never),
        }),
      ),
  };
  const measured = Object.keys(cases).map((what): Measured => ({ what, rounds: [] }));
  for (let round = 0; round <= rounds; round++) {
    for (const each of measured) {
      const figure = await cases[each.what]!();
      // The first round only warms up.
      if (round > 0) each.rounds.push(figure);
    }
  }
  const rebuilt = await measureRebuild(url, pool, store, rounds);
  await emmett.close();
  await store.close();
  await pool.end();
  return [...measured, ...rebuilt];
}

async function measureRebuild(
  url: string,
  pool: pg.Pool,
  store: PostgresEventStore,
  rounds: number,
): Promise<Measured[]> {
  for (let n = 0; n < rebuildEvents; n += 500) {
    const stream = `rebuilt-t1+${n}`;
    await store.append(
      stream,
      Array.from({ length: 500 }, (_, index) => newEvent(index)),
      'no-stream',
    );
  }
  // The baseline has nothing else in its table, and fresh statistics.
  await pool.query("CREATE TABLE rebuilt AS SELECT * FROM events.events WHERE category = 'rebuilt'");
  await pool.query('CREATE UNIQUE INDEX ON rebuilt (tx_order, seq)');
  await pool.query('VACUUM ANALYZE rebuilt');
  class Seen1760000000001 {
    async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
      await runner.query(
        'CREATE TABLE seen (tenant_id text, stream text, revision int, PRIMARY KEY (tenant_id, stream))',
      );
    }
    async down(): Promise<void> {}
  }
  const database = await openDatabase({
    url,
    schema: 'bench',
    entities: [],
    migrations: [ProcessorTables1760000000000, Seen1760000000001],
    poolSize: 4,
  });
  const seen = projection({
    id: 'bench.seen',
    categories: ['rebuilt'],
    tables: ['seen'],
    project: async (events, manager) => {
      const latest = new Map(events.map((event): [string, RecordedEvent] => [event.stream, event]));
      await manager.query(
        `INSERT INTO seen SELECT 't1', * FROM unnest($1::text[], $2::int[])
           ON CONFLICT (tenant_id, stream) DO UPDATE SET revision = excluded.revision WHERE seen.revision < excluded.revision`,
        [[...latest.keys()], [...latest.values()].map(({ revision }) => revision)],
      );
    },
  });
  const means = { database, store, clock: systemClock, warn: complain, signal: new AbortController().signal };
  const running = runProcessors([seen], means);
  await running.caughtUp();

  const read: Measured = { what: 'read all, plain pages of 500', rounds: [] };
  const refill: Measured = { what: 'rebuild of a projection', rounds: [] };
  for (let round = 0; round <= rounds; round++) {
    const reading = await perSecond(rebuildEvents, () => readPlainly(pool));
    const refilling = await perSecond(rebuildEvents, async () => {
      await rebuild(seen, database);
      await running.caughtUp();
    });
    if (round === 0) continue;
    read.rounds.push(reading);
    refill.rounds.push(refilling);
  }
  await running.close();
  await database.destroy();
  return [read, refill];
}

async function readPlainly(pool: pg.Pool): Promise<void> {
  const text =
    'SELECT * FROM rebuilt WHERE (tx_order, seq) > ($1::bigint, $2::bigint) ORDER BY tx_order, seq LIMIT 500';
  let last = { tx_order: '-1', seq: '-1' };
  for (;;) {
    const { rows } = await pool.query<typeof last>({ name: 'page', text, values: [last.tx_order, last.seq] });
    if (rows.length === 0) return;
    last = rows.at(-1)!;
  }
}

const median = (figures: number[]): number =>
  [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)]!;

function complain(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** Both figures of a pair come from the same moments, so other load on the machine hits both. */
function ratioLines(measured: Measured[]): string[] {
  const of = (what: string): number[] => measured.find((each) => each.what === what)!.rounds;
  const ratio = (name: string, a: string, b: string): string => {
    const ratios = of(a).map((figure, round) => figure / of(b)[round]!);
    return `${name.padEnd(44)}${median(ratios).toFixed(2).padStart(10)}`;
  };
  return [
    ratio(
      'append / plain insert, 8 connections',
      'append, this store, 8 connections',
      'insert, plain, 8 connections',
    ),
    ratio(
      "append / Emmett's, 8 connections",
      'append, this store, 8 connections',
      "append, Emmett's store, 8 connections",
    ),
    ratio('append / plain insert, one by one', 'append, this store, one by one', 'insert, plain, one by one'),
    ratio(
      "append / Emmett's, one by one",
      'append, this store, one by one',
      "append, Emmett's store, one by one",
    ),
    ratio('fold / plain SELECT', 'fold, this store', 'fold, plain SELECT'),
    ratio("fold / Emmett's", 'fold, this store', "fold, Emmett's store"),
    ratio('rebuild / plain paged read', 'rebuild of a projection', 'read all, plain pages of 500'),
  ];
}

const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-bench-'));
await chmod(dataDir, 0o700);
const cluster = await startPostgres({ dataDir, port: await freePort() });
try {
  const measured = await measure(cluster.url, Number(options.rounds));
  const table = measured.map(
    ({ what, rounds }) =>
      `${what.padEnd(44)}${String(median(rounds)).padStart(10)} events/s   ${rounds.join(' ')}`,
  );
  process.stdout.write(`${[...table, '', ...ratioLines(measured)].join('\n')}\n`);
  if (options.out) {
    const lines = measured.map(({ what, rounds }) =>
      JSON.stringify({ bench: 'event-store', what, unit: 'events/s', median: median(rounds), rounds }),
    );
    await appendFile(options.out, `${lines.join('\n')}\n`);
  }
} finally {
  await cluster.stop();
  await deleteCluster(dataDir);
}
