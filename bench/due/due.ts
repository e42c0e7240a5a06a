import pg from 'pg';
import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { DueRows } from '../../apps/maintenance/src/due/due-rows.js';
import { sendWhatIsDue } from '../../apps/maintenance/src/due/send-what-is-due.js';
import { maintenance } from '../../apps/maintenance/src/service.js';
import { alternately } from '../measuring/alternate.js';
import type { BenchOptions } from '../measuring/bench-options.js';
import { ratio, type Finding } from '../measuring/findings.js';
import { withServers } from '../measuring/servers.js';
import { measureRunner } from './runner.js';

const providersOfTenant = 100;
const firstDue = Date.parse('2026-03-01T08:00:00.000Z');
/** The lines come due one a second, so that the moment decides how many are. */
const whenDue = (lines: number): Date => new Date(firstDue + (lines - 1) * 1_000);

interface List {
  database: DataSource;
  pool: pg.Pool;
  lines: number;
}

/** What a look at the due list costs, with 10 thousand and with a million providers, against the barest read of the same index. */
export const measureDue = ({ rounds }: BenchOptions): Promise<Finding[]> =>
  withServers(async ({ postgresUrl }) => {
    const small = await fill(postgresUrl, 'few', 10_000);
    const large = await fill(postgresUrl, 'many', 1_000_000);
    try {
      const idle = await alternately(rounds, 'µs', {
        'bare SELECT … LIMIT 1, a million': each(300, () => bare(large, whenDue(0), 1)),
        'idle look, 10 thousand': each(300, () => look(small, whenDue(0))),
        'idle look, a million': each(300, () => look(large, whenDue(0))),
      });
      const thousand = await alternately(rounds, 'µs', {
        'bare SELECT … LIMIT 1000, a million': each(20, () => bare(large, whenDue(1_000), 1_000)),
        'look at 1,000 due, 10 thousand': each(20, () => look(small, whenDue(1_000))),
        'look at 1,000 due, a million': each(20, () => look(large, whenDue(1_000))),
      });
      const all = await alternately(rounds, 'µs', {
        'look while all are due, 10 thousand': each(20, () => look(small, whenDue(small.lines))),
        'look while all are due, a million': each(20, () => look(large, whenDue(large.lines))),
      });
      const visits = await alternately(rounds, 'µs', {
        'bare SELECT … LIMIT 1000, beside it': each(5, () => bare(large, whenDue(2_000), 1_000)),
        '2,000 due, all 10,000 tenants visited': each(5, () => visitAll(large, whenDue(2_000))),
      });
      const runner = await measureRunner(postgresUrl, rounds);
      const [bareOne, idleFew, idleMany] = Object.values(idle) as [Finding, Finding, Finding];
      const [bareMany, few, many] = Object.values(thousand) as [Finding, Finding, Finding];
      const [beside, visited] = Object.values(visits) as [Finding, Finding];
      const [allFew, allMany] = Object.values(all) as [Finding, Finding];
      return [
        ratio('idle look / bare SELECT', idleMany, bareOne, { atMost: 2 }),
        ratio('idle look, a million / 10 thousand', idleMany, idleFew, { atMost: 1.5 }),
        ratio('look at 1,000 due / bare SELECT', many, bareMany, { atMost: 2 }),
        ratio('look at 1,000 due, a million / 10 thousand', many, few, { atMost: 1.5 }),
        ratio('look while all are due, a million / 10 thousand', allMany, allFew),
        ratio('all 10,000 tenants visited / bare SELECT of 1,000', visited, beside),
        ...Object.values({ ...idle, ...thousand, ...all, ...visits }),
        ...runner,
      ];
    } finally {
      for (const { database, pool } of [small, large]) {
        await pool.end();
        await database.destroy();
      }
    }
  });

async function fill(serverUrl: string, name: string, providers: number): Promise<List> {
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = await openDatabase({
    url: url.toString(),
    schema: 'maintenance',
    entities: [],
    migrations: [ProcessorTables1760000000000, ...maintenance.migrations],
    poolSize: 2,
  });
  const lines = providers * 2;
  const tenants = providers / providersOfTenant;
  // Neighbours in time belong to different tenants, as in life. Every second line protects something for six more days.
  await database.query(
    `INSERT INTO due_work (tenant_id, provider_id, command, due_at, deadline, cause, revision)
     SELECT 't' || n / 2 % $1::int, 'p' || n / 2, CASE n % 2 WHEN 0 THEN 'RenewWatch' ELSE 'SyncMailbox' END,
            $2::timestamptz + n * interval '1 s',
            CASE n % 2 WHEN 0 THEN $2::timestamptz + n * interval '1 s' + interval '6 days' END,
            '{"id": "9a1c3e5f-0000-4000-8000-000000000000", "correlationId": "9a1c3e5f-0000-4000-8000-000000000001"}', 1
       FROM generate_series(0, $3::int - 1) AS n`,
    [tenants, new Date(firstDue), lines],
  );
  await database.query(
    `INSERT INTO google_projects SELECT 't' || n, 'project-' || n, 1 FROM generate_series(0, $1::int - 1) AS n`,
    [tenants],
  );
  await database.query('VACUUM ANALYZE due_work, google_projects');
  const options = '-c search_path=maintenance';
  const pool = new pg.Pool({ connectionString: url.toString(), max: 1, options });
  return { database, pool, lines };
}

/** The mean of so many, in µs. */
const each = (times: number, work: () => Promise<unknown>) => async (): Promise<number> => {
  const begun = performance.now();
  for (let time = 0; time < times; time++) await work();
  return ((performance.now() - begun) * 1_000) / times;
};

const bare = ({ pool }: List, now: Date, limit: number): Promise<unknown> =>
  pool.query('SELECT * FROM due_work WHERE due_at <= $1 ORDER BY due_at LIMIT $2', [now, limit]);

/** With nothing due, the whole run of the sender; else what it reads before it sends. */
async function look({ database }: List, now: Date): Promise<void> {
  if (now < whenDue(1)) {
    const clock = { now: () => now, onMoved: () => () => {} };
    const send = (): Promise<void> => Promise.reject(new Error('Nothing was to be due.'));
    return sendWhatIsDue({ database, clock, send }, new AbortController().signal);
  }
  const { rows } = await new DueRows(database).next(now);
  if (rows.length < 500) throw new Error(`Only ${rows.length} lines were found.`);
}

/** How long it takes until nobody's single line can have been overlooked. */
async function visitAll({ database }: List, now: Date): Promise<void> {
  const list = new DueRows(database);
  const found = new Set<string>();
  for (let complete = false; !complete;) {
    const portion = await list.next(now);
    for (const { tenant_id, provider_id, command } of portion.rows)
      found.add(`${tenant_id} ${provider_id} ${command}`);
    ({ complete } = portion);
  }
  if (found.size !== 2_000) throw new Error(`${found.size} lines were found.`);
}
