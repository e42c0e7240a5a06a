import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#servers/test-database';
import { hours } from '#time/clock';
import { jobRunnerContract, Runs } from './job-runner.contract.js';
import { PgBossJobRunner } from './pg-boss-job-runner.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

jobRunnerContract('PG Boss', async () => {
  const told: string[] = [];
  const line = await severableLine(database.url);
  const runner = new PgBossJobRunner({ url: line.url, warn: (sentence) => told.push(sentence) });
  const elsewhere = new PgBossJobRunner({ url: database.url, warn: () => {} });
  return {
    runner,
    elsewhere,
    kill: () => line.sever(),
    told,
    close: async () => {
      await Promise.all([line.mend(), elsewhere.close()]);
      await runner.close();
      await line.close();
    },
  };
});

describe('PG Boss', () => {
  it('has a job go on whose process was killed in the middle of a run', async () => {
    const program = `
      const { PgBossJobRunner } = await import(${JSON.stringify(join(import.meta.dirname, 'pg-boss-job-runner.ts'))});
      const runner = new PgBossJobRunner({ url: ${JSON.stringify(database.url)}, warn: () => {} });
      const work = () => new Promise(() => console.log('at work'));
      await runner.repeat({ name: 'spec.killed', everyMs: 3_600_000, atMostMs: 3_600_000, work });`;
    const child = spawn(
      process.execPath,
      ['--experimental-transform-types', '--no-warnings', '--input-type=module', '--eval', program],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    const runner = new PgBossJobRunner({ url: database.url, warn: () => {} });
    const runs = new Runs();
    const job = { name: 'spec.killed', everyMs: hours(1), atMostMs: hours(1), work: runs.quick };
    await runner.repeat(job);
    child.kill('SIGKILL');
    await runs.begun(1);
    await runner.close();
  });

  it('keeps to a schema of its own and keeps no more than the words of a failure', async () => {
    const runner = new PgBossJobRunner({ url: database.url, warn: () => {} });
    const runs = new Runs();
    const failing = async (): Promise<void> => {
      await runs.quick();
      throw Object.assign(new Error('refused'), { parameters: ['canary'] });
    };
    await runner.repeat({ name: 'spec.failing', everyMs: hours(1), atMostMs: hours(1), work: failing });
    await runs.begun(2);
    await runner.close();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(`SELECT output::text FROM jobs.job WHERE name = 'spec.failing'`);
    const schemas = await client.query(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_|^information' ORDER BY 1`,
    );
    await client.end();
    expect(JSON.stringify(rows)).toContain('refused');
    expect(JSON.stringify(rows)).not.toContain('canary');
    expect(schemas.rows).toEqual([{ name: 'jobs' }, { name: 'public' }]);
  });

  it('opens nothing for a service that has no job', async () => {
    const runner = new PgBossJobRunner({ url: 'postgresql://nobody@127.0.0.1:1/none', warn: () => {} });
    await runner.close();
  });
});

/** A way to the database that can be cut. */
async function severableLine(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let severed = false;
  const server = createServer((near) => {
    if (severed) return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    sever: () => {
      severed = true;
      for (const socket of sockets) socket.destroy();
      return Promise.resolve();
    },
    mend: () => {
      severed = false;
      return Promise.resolve();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
