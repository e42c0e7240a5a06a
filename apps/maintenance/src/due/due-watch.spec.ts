import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { minutes, MovableClock } from '#time/clock';
import { maintenance } from '../service.js';
import { dueWatch } from './due-watch.js';
import { noteSender } from './last-sender.js';

let server: TestDatabase;
let database: DataSource;
const clock = new MovableClock();

beforeAll(async () => {
  server = await createTestDatabase();
  database = await openDatabase({
    ...{ url: server.url, schema: 'maintenance', entities: [], poolSize: 2 },
    migrations: [ProcessorTables1760000000000, ...maintenance.migrations],
  });
});
afterAll(async () => {
  await database?.destroy();
  await server?.drop();
});
beforeEach(() => database.query('TRUNCATE due_work, last_sender'));

const due = (provider: string, command: string, inMs: number | null): Promise<unknown> =>
  database.query(
    `INSERT INTO due_work (tenant_id, provider_id, command, due_at, cause, revision) VALUES ('t1', $1, $2, $3, '{}', 1)`,
    [provider, command, inMs === null ? null : new Date(clock.now().getTime() + inMs)],
  );
const gauge = async (name: string, command: string): Promise<number | undefined> =>
  (
    await dueWatch({ database, clock })
      .gauges.find((one) => one.name === name)!
      .read()
  ).find(({ labels }) => labels!.command === command)?.value;
const missing = () => dueWatch({ database, clock }).checks[0]!.find();

it('counts what is due and tells how long the oldest waits, by command', async () => {
  await due('p1', 'RenewWatch', -minutes(3));
  await due('p2', 'RenewWatch', -minutes(1));
  await due('p3', 'RenewWatch', minutes(1));
  await due('p4', 'SyncMailbox', null);
  expect(await gauge('due', 'RenewWatch')).toBe(2);
  expect(await gauge('due_oldest_seconds', 'RenewWatch')).toBeGreaterThanOrEqual(180);
  expect(await gauge('due', 'SyncMailbox')).toBe(0);
  expect(await gauge('due_oldest_seconds', 'SyncMailbox')).toBe(0);
  expect(await gauge('due', 'RenewChannel')).toBe(0);
});

it('is ready until work is overdue that nobody asks for', async () => {
  await due('p1', 'RenewWatch', -minutes(4));
  expect(await missing()).toBeNull();
  clock.advance(minutes(3));
  expect(await missing()).toBe(
    'Work is due and nobody asks for it: RenewWatch for 7 minutes. See whether the services that do it answer.',
  );
});

it('says which replica asked last', async () => {
  const { notes } = dueWatch({ database, clock });
  expect(await notes()).toEqual(['Nobody has asked for due work yet.']);
  await noteSender(database, new Date('2026-11-23T12:00:00.000Z'));
  await noteSender(database, new Date('2026-11-23T12:01:00.000Z'));
  expect(await notes()).toEqual([
    expect.stringMatching(
      new RegExp(`, process ${process.pid}, was the last to ask for due work, at 2026-11-23T12:01:00.000Z.$`),
    ),
  ]);
});
