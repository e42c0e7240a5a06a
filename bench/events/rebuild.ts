import type pg from 'pg';
import { openDatabase } from '#database/database';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { projection } from '#processors/processor';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { rebuild } from '#processors/rebuild';
import { runProcessors } from '#processors/run-processors';
import { systemClock } from '#time/clock';
import { alternately, perSecond } from '../measuring/alternate.js';
import { ratio, type Finding } from '../measuring/findings.js';
import type { Stores } from './events.js';
import { newEvent } from './sample-event.js';

const rebuildEvents = 40_000;
const eventsPerStream = 500;

class SeenTable1760000000001 {
  async up(runner: { query(sql: string): Promise<unknown> }): Promise<void> {
    await runner.query(
      'CREATE TABLE seen (tenant_id text, stream text, revision int, PRIMARY KEY (tenant_id, stream))',
    );
  }
  async down(): Promise<void> {}
}

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

/** A projection that is emptied and catches up, against reading the same rows page by page and keeping nothing. */
export async function measureRebuild({ url, pool, ours }: Stores, rounds: number): Promise<Finding[]> {
  for (let n = 0; n < rebuildEvents; n += eventsPerStream) {
    const events = Array.from({ length: eventsPerStream }, (_, index) => newEvent(index));
    await ours.append(`rebuilt-t1+${n}`, events, 'no-stream');
  }
  // The floor has nothing else in its table, and fresh statistics.
  await pool.query("CREATE TABLE rebuilt AS SELECT * FROM events.events WHERE category = 'rebuilt'");
  await pool.query('CREATE UNIQUE INDEX ON rebuilt (tx_order, seq)');
  await pool.query('VACUUM ANALYZE rebuilt');
  const database = await openDatabase({
    url,
    schema: 'bench',
    entities: [],
    migrations: [ProcessorTables1760000000000, SeenTable1760000000001],
    poolSize: 4,
  });
  const running = runProcessors([seen], {
    database,
    store: ours,
    clock: systemClock,
    warn: (sentence) => process.stderr.write(`${sentence}\n`),
    signal: new AbortController().signal,
  });
  try {
    await running.caughtUp();
    const measured = await alternately(rounds, '/s', {
      'read all, plain pages of 500': () => perSecond(rebuildEvents, () => readPlainly(pool)),
      'rebuild of a projection': () =>
        perSecond(rebuildEvents, async () => {
          await rebuild(seen, database);
          await running.caughtUp();
        }),
    });
    const { 'rebuild of a projection': refill, 'read all, plain pages of 500': plain } = measured;
    return [ratio('rebuild / plain paged read', refill, plain), ...Object.values(measured)];
  } finally {
    await running.close();
    await database.destroy();
  }
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
