import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { readConfiguration } from '#configuration/configuration';
import { openDatabase } from '#database/database';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import { createLogger } from '#logging/logger';
import { freePort } from '#servers/child-server';
import { createTestDatabase, startTestNats, type TestDatabase, type TestNats } from '#servers/test-database';
import { projection } from '#processors/processor';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { minutes, MovableClock, seconds } from '#time/clock';
import { runOperatorServer } from './run-services.js';
import type { Composition, Means } from './service.js';
import { watchedService } from './watched-service.js';

let testDatabase: TestDatabase;
let server: TestNats;
let nats: NatsConnection;
let database: DataSource;
let clock: MovableClock;
let store: InMemoryEventStore;

beforeAll(async () => {
  [testDatabase, server] = await Promise.all([createTestDatabase(), startTestNats()]);
  nats = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  database = await openDatabase({
    ...{ url: testDatabase.url, schema: 'shop', entities: [], migrations: [ProcessorTables1760000000000] },
    poolSize: 2,
  });
});
beforeEach(async () => {
  clock = new MovableClock();
  store = new InMemoryEventStore();
  await database.query('TRUNCATE checkpoints, parked_events');
});
afterAll(async () => {
  await nats.close();
  await server.stop();
  await database.destroy();
  await testDatabase.drop();
});

const orders = projection({
  ...{ id: 'shop.orders', categories: ['order'], tables: [] },
  project: () => Promise.resolve(),
});
let elapsed = 0;
const watched = (composition: Partial<Composition> = {}) => {
  const means = { nats, database, store, clock } as unknown as Means;
  const whole = { handlers: [], processors: [orders], workers: [], ...composition };
  return watchedService('shop', means, whole, () => elapsed);
};
const missingIn = async ({ checks }: ReturnType<typeof watched>): Promise<string[]> =>
  (await Promise.all(checks.map((check) => check.find()))).filter((one) => one !== null);
const gauge = async (name: string) =>
  watched()
    .gauges.find((one) => one.name === name)!
    .read();
const ordered = async (): Promise<void> => {
  const metadata = { id: crypto.randomUUID(), tenantId: 't1', correlationId: 'c', causationId: 'c', by: 'u' };
  const at = clock.now().toISOString();
  await store.append('order-t1', [{ type: 'Ordered', data: {}, metadata: { ...metadata, at } }], 'any');
};

it('misses nothing where all answers and no event waits', async () => {
  expect(await missingIn(watched())).toEqual([]);
  expect(await gauge('processor_behind_seconds')).toEqual([
    { labels: { processor: 'shop.orders' }, value: 0 },
  ]);
  expect(await gauge('connected')).toEqual([
    { labels: { server: 'nats' }, value: 1 },
    { labels: { server: 'postgresql' }, value: 1 },
  ]);
});

it('tells a processor that gets nowhere from one that is only behind', async () => {
  await ordered();
  clock.advance(seconds(90));
  const service = watched();
  const [{ value }] = (await gauge('processor_behind_seconds')) as [{ value: number }];
  expect(value).toBeGreaterThanOrEqual(90);
  expect(await missingIn(service)).toEqual([]);
  elapsed += minutes(2);
  await database.query(`INSERT INTO checkpoints VALUES ('shop.orders', '-1')`);
  // It moved, so it works.
  expect(await missingIn(service)).toEqual([]);
  elapsed += minutes(1);
  expect(await missingIn(service)).toEqual([
    'Events wait and are not taken by shop.orders: look at the log, and for a transaction that stays open in PostgreSQL.',
  ]);
  await database.query(`UPDATE checkpoints SET position = '99'`);
  expect(await missingIn(service)).toEqual([]);
});

it('counts parked events by what becomes of them', async () => {
  await database.query(
    `INSERT INTO parked_events (tenant_id, processor, stream, revision, event_id, type, status, reason, attempts, since, due_at)
     VALUES ('t1', 'shop.orders', 'order-t1', 0, gen_random_uuid(), 'Ordered', 'parked', 'r', 1, now(), now())`,
  );
  const found = (await gauge('parked_events')).map(({ labels, value }) => [labels!.status, value]);
  expect(found.toSorted()).toEqual([
    ['held', 0],
    ['parked', 1],
    ['retrying', 0],
  ]);
});

it('notices tables of another version', async () => {
  await database.query(`DELETE FROM shop.migrations`);
  expect(await missingIn(watched())).toEqual([
    'Its tables are not those of this version: restart it, so that it migrates them.',
  ]);
  await database.query(
    `INSERT INTO shop.migrations (timestamp, name) VALUES (1760000000000, 'ProcessorTables1760000000000')`,
  );
});

it('says what the service itself misses, and in plain words that NATS is away', async () => {
  const own = { find: () => Promise.resolve('The till is locked.') };
  expect(await missingIn(watched({ checks: [own] }))).toEqual(['The till is locked.']);
  await nats.close();
  expect(await missingIn(watched())).toEqual(['NATS does not answer: look at the server and at NATS_URL.']);
});

it('needs a port that nobody else listens on, and opens none without a setting', async () => {
  const logger = createLogger({ level: 'silent', name: 'host' });
  const settings = (port: string) =>
    readConfiguration({
      ...{ BASE_URL: 'https://psa.example.com', NATS_URL: server.url, DATABASE_URL: testDatabase.url },
      ...{ AUTH_JWT_SECRET: 'x'.repeat(32), SECRETS_KEY_RING: 'k', OPERATOR_PORT: port },
    });
  const port = String(await freePort());
  const operators = await runOperatorServer(settings(port), logger);
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  await expect(runOperatorServer(settings(port), logger)).rejects.toThrow(
    /OPERATOR_PORT cannot be listened on/,
  );
  await operators.close();
  const none = await runOperatorServer(settings(''), logger);
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  await none.close();
});
