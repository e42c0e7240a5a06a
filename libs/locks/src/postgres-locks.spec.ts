import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { createTestDatabase } from '#servers/test-database';
import pg from 'pg';
import { hold, locksContract } from './locks.contract.js';
import { LockLost } from './locks.js';
import { advisoryLockOf, PostgresLocks } from './postgres-locks.js';

async function openDatabase() {
  const database = await createTestDatabase();
  const pools: pg.Pool[] = [];
  return {
    url: database.url,
    newPool(config: pg.PoolConfig = {}): pg.Pool {
      const pool = new pg.Pool({ connectionString: database.url, max: 4, ...config });
      // Connections are killed here on purpose, also while they idle.
      pools.push(pool.on('error', () => {}));
      return pool;
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      await database.drop();
    },
  };
}

const killHolder = (pool: pg.Pool, key: string) =>
  pool.query(
    `select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and granted and objsubid = 1
        and (classid::bigint << 32 | objid::bigint) = $1::bigint`,
    [advisoryLockOf(key)],
  );

locksContract(
  'advisory locks of PostgreSQL',
  async () => {
    const database = await openDatabase();
    const killing = database.newPool();
    return {
      // Hearts that do not beat within a spec: an ended connection is noticed by itself.
      locks: new PostgresLocks(database.newPool(), 3_600_000),
      elsewhere: new PostgresLocks(database.newPool(), 3_600_000),
      async cutOff(key) {
        expect((await killHolder(killing, key)).rowCount).toBe(1);
      },
      close: () => database.close(),
    };
  },
  { acrossProcesses: true },
);

describe('advisory locks of PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    database = await openDatabase();
  });
  afterAll(() => database?.close());

  it('are free again when the process that held one was killed', async () => {
    const locks = new PostgresLocks(database.newPool());
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import pg from 'pg';
         const client = new pg.Client(process.argv[1]);
         await client.connect();
         await client.query('select pg_advisory_lock($1)', [process.argv[2]]);
         console.log('held');
         setInterval(() => {}, 1000);`,
        database.url,
        advisoryLockOf('k'),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    expect(await locks.exclusively('k', async () => 'mine', { wait: false })).toEqual({ acquired: false });
    const waiting = locks.exclusively('k', async () => 'mine', { wait: true });
    holder.kill('SIGKILL');
    expect(await waiting).toMatchObject({ value: 'mine' });
  });

  it('serve many who wait for one key over a single connection, and others besides', async () => {
    const locks = new PostgresLocks(database.newPool({ max: 2 }));
    const holder = await hold(locks, 'busy');
    const waiting = Array.from({ length: 20 }, () =>
      locks.exclusively('busy', async () => 'done', { wait: true }),
    );
    expect(await locks.exclusively('other', async () => 'free', { wait: false })).toMatchObject({
      value: 'free',
    });
    await holder.letGo();
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ value: 'done' });
  });

  it('leave no limited patience behind for the next who waits without a limit', async () => {
    const locks = new PostgresLocks(database.newPool({ max: 1 }));
    const elsewhere = new PostgresLocks(database.newPool());
    const pool = database.newPool();
    const holder = await hold(elsewhere, 'k1');
    expect(await locks.exclusively('k1', async () => {}, { wait: 1 })).toEqual({ acquired: false });
    const waiter = locks.exclusively('k1', async () => 'at last', { wait: true });
    // Many questions to the database last longer than the patience that was limited before.
    for (let questions = 0; questions < 50; questions++) await pool.query('select');
    await holder.letGo();
    expect(await waiter).toMatchObject({ value: 'at last' });
  });

  it('keep their connection when the work fails', async () => {
    const pool = database.newPool();
    const failing = new PostgresLocks(pool).exclusively('k3', () => Promise.reject(new Error('no')), {
      wait: true,
    });
    await expect(failing).rejects.toThrow('no');
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
  });

  it('reject when the database cannot be had, each time that they are asked', async () => {
    const locks = new PostgresLocks(
      database.newPool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' }),
    );
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(locks.exclusively('k2', async () => 'never', { wait: true })).rejects.toThrow(
        'ECONNREFUSED',
      );
  });

  it('are given up when their connection falls silent without ending', async () => {
    const line = await silenceableLine(database.url);
    const pool = database.newPool({ connectionString: line.url });
    const locks = new PostgresLocks(pool, 20);
    const holder = await hold(locks, 'silent');
    const told = once(holder.lost, 'abort');
    line.fallSilent();
    await told;
    expect(holder.lost.reason).toEqual(new LockLost('silent'));
    expect(await holder.letGo()).toEqual({ acquired: true, lost: true, value: 'held' });
    expect(pool.totalCount).toBe(0);
    await line.close();
  });

  it('are kept over many heartbeats on a line that answers', async () => {
    const line = await silenceableLine(database.url);
    const locks = new PostgresLocks(database.newPool({ connectionString: line.url }), 500);
    const holder = await hold(locks, 'steady');
    await line.carries(4);
    expect(await holder.letGo()).toEqual({ acquired: true, lost: false, value: 'held' });
    await line.close();
  });
});

/** A way to the database that can stop carrying anything, as a network does that drops packets. */
async function silenceableLine(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets: Socket[] = [];
  let silent = false;
  let answers = 0;
  let onAnswer = () => {};
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('data', (data) => silent || far.write(data));
    far.on('data', (data) => {
      if (silent) return;
      near.write(data);
      answers++;
      onAnswer();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    fallSilent: () => (silent = true),
    carries(more: number): Promise<void> {
      const until = answers + more;
      return new Promise((resolve) => (onAnswer = () => answers >= until && resolve()));
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
