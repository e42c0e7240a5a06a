import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import { MemoryLocks } from '#locks/memory-locks';
import { createLogger } from '#logging/logger';
import { createTestDatabase, startTestNats, type TestDatabase, type TestNats } from '#servers/test-database';
import { systemClock } from '#time/clock';
import { objectPrefix, openObjects } from './objects.js';
import { Outbox, type Delivery, type OutboxMeans } from './outbox.js';
import { outboxMigrations } from './outbox-table.js';
import { DELIVERIES, ensureStreams } from './streams.js';

let server: TestNats;
let testDatabase: TestDatabase;
let nats: NatsConnection;
let database: DataSource;

beforeAll(async () => {
  [server, testDatabase] = await Promise.all([startTestNats(), createTestDatabase()]);
  nats = await connect({ servers: server.url });
  database = await openDatabase({
    url: testDatabase.url,
    schema: 'shop',
    entities: [],
    migrations: outboxMigrations,
    poolSize: 4,
  });
  await ensureStreams(nats, { retentionDays: 14 });
});
afterAll(async () => {
  await database?.destroy();
  await nats?.close();
  await server?.stop();
  await testDatabase?.drop();
});

describe('the outbox', () => {
  const stopping: (() => Promise<void>)[] = [];
  const locks = new MemoryLocks();

  beforeEach(async () => {
    await (await jetstreamManager(nats)).streams.purge(DELIVERIES);
    await database.query('TRUNCATE outbox');
  });
  afterEach(async () => {
    for (const stop of stopping.splice(0)) await stop();
  });

  const outboxOf = (change: Partial<OutboxMeans> = {}): Outbox => {
    const logger = createLogger({ level: 'silent', name: 'shop' });
    return new Outbox({ database, nats, locks, clock: systemClock, logger, service: 'shop', ...change });
  };
  const run = (outbox: Outbox): void => {
    const ending = new AbortController();
    const running = outbox.run(ending.signal);
    stopping.push(async () => {
      ending.abort();
      await running;
    });
  };
  const delivery = (n: number, inOrderOf = 'm1'): Delivery => ({
    deliveryId: `${inOrderOf} ${n}`,
    tenantId: 't.1',
    inOrderOf,
    type: 'inbound-email.received',
    payload: { n, inOrderOf, nul: '\u0000', lone: '\ud800' },
  });
  const write = (outbox: Outbox, deliveries: Delivery[]) =>
    database.transaction((manager) => outbox.write(manager, deliveries));
  const emptied = async (): Promise<void> => {
    for (let left = 1; left > 0;) {
      [{ left }] = await database.query('SELECT count(*)::int AS left FROM outbox');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const published = async (): Promise<{ n: number; inOrderOf: string }[]> => {
    const manager = await jetstreamManager(nats);
    const { first_seq, last_seq } = (await manager.streams.info(DELIVERIES)).state;
    const found: { n: number; inOrderOf: string }[] = [];
    for (let seq = first_seq; seq <= last_seq; seq++)
      found.push((await manager.streams.getMessage(DELIVERIES, { seq }))!.json());
    return found;
  };

  it('publishes what was committed, in order, under the tenant’s subject and the delivery’s id', async () => {
    const outbox = outboxOf();
    run(outbox);
    const all = Array.from({ length: 450 }, (_, n) => delivery(n, `m${n % 3}`));
    await write(outbox, all);
    outbox.ring();
    await emptied();
    const found = await published();
    expect(found).toHaveLength(450);
    for (const mailbox of ['m0', 'm1', 'm2']) {
      const numbers = found.filter(({ inOrderOf }) => inOrderOf === mailbox).map(({ n }) => n);
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
    const manager = await jetstreamManager(nats);
    const last = await manager.streams.getMessage(DELIVERIES, {
      last_by_subj: 'delivery.t%2E1.inbound-email.received',
    });
    expect(last!.header.get('Nats-Msg-Id')).toMatch(/^m\d \d+$/);
    expect(last!.json()).toMatchObject({ nul: '\u0000' });
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const outbox = outboxOf();
    run(outbox);
    const failing = database.transaction(async (manager) => {
      await outbox.write(manager, [delivery(1)]);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await write(outbox, [delivery(2)]);
    outbox.ring();
    await emptied();
    expect((await published()).map(({ n }) => n)).toEqual([2]);
  });

  it('publishes in another process what the one that wrote it left behind, once for the consumer', async () => {
    const left = outboxOf();
    await write(left, [delivery(1_001), delivery(1_002)]);
    // It had published the first and died before it noted that.
    await jetstream(nats).publish('delivery.t%2E1.inbound-email.received', JSON.stringify({ n: 1_001 }), {
      msgID: 'm1 1001',
    });
    run(outboxOf());
    run(outboxOf());
    await emptied();
    expect((await published()).map(({ n }) => n)).toEqual([1_001, 1_002]);
  });

  it('keeps what JetStream does not confirm until it does, in order', async () => {
    const manager = await jetstreamManager(nats);
    await manager.streams.delete(DELIVERIES);
    let tried: () => void = () => {};
    const eventuallyTried = new Promise<void>((resolve) => (tried = resolve));
    const logger = createLogger({ level: 'warn', name: 'shop', destination: { write: () => tried() } });
    const outbox = outboxOf({ logger });
    await write(outbox, [delivery(1_003), delivery(1_004)]);
    run(outbox);
    await eventuallyTried;
    expect(await database.query('SELECT count(*)::int AS left FROM outbox')).toEqual([{ left: 2 }]);
    await ensureStreams(nats, { retentionDays: 14 });
    await emptied();
    expect((await published()).map(({ n }) => n)).toEqual([1_003, 1_004]);
  });
});

describe('stored objects', () => {
  const text = async (content: { data: ReadableStream<Uint8Array> } | null): Promise<string | null> => {
    if (!content) return null;
    const pieces: Uint8Array[] = [];
    for await (const piece of content.data) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };

  it('are read as they were put, replaced by what is put later, and put once when put again', async () => {
    const objects = await openObjects(nats);
    const key = `${objectPrefix('t1', 'p1', 'g1')}/raw.eml`;
    const manager = await jetstreamManager(nats);
    const stored = async () => (await manager.streams.info('OBJ_messages')).state.last_seq;
    await objects.put(key, Buffer.from('first'));
    const before = await stored();
    await objects.put(key, Buffer.from('first'));
    expect(await stored()).toBe(before);
    await objects.put(key, Buffer.from('second'));
    expect(await text(await objects.read('t1', key))).toBe('second');
  });

  it('may be empty, or larger than a message of NATS', async () => {
    const objects = await openObjects(nats);
    await objects.put('t1/p1/empty', Buffer.alloc(0));
    await objects.put('t1/p1/large', Buffer.alloc(3_000_000, 'x'));
    expect(await text(await objects.read('t1', 't1/p1/empty'))).toBe('');
    expect((await text(await objects.read('t1', 't1/p1/large')))!.length).toBe(3_000_000);
  });

  it('are their tenant’s only, however tenants are called', async () => {
    const objects = await openObjects(nats);
    const key = `${objectPrefix('a/b', 'p1', 'g1')}/raw.eml`;
    await objects.put(key, Buffer.from('secret'));
    expect(await text(await objects.read('a/b', key))).toBe('secret');
    for (const stranger of ['a', 'a%2Fb', 'b', 't1']) expect(await objects.read(stranger, key)).toBeNull();
    expect(await objects.read('t1', 't1/p1/never')).toBeNull();
  });
});
