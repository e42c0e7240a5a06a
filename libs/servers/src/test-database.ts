import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './child-server.js';
import { startNats } from './nats-server.js';

/** Environment variable through which the test run's one PostgreSQL is known to every spec. */
export const TEST_POSTGRES_URL = 'TENANT_GOOGLE_TEST_POSTGRES_URL';

export interface TestDatabase {
  url: string;
  /** Drops the database, ending whatever is still connected to it. */
  drop(): Promise<void>;
}

/** A fresh, empty database on the PostgreSQL of this test run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env[TEST_POSTGRES_URL];
  if (!serverUrl) throw new Error('No test PostgreSQL: run specs through "npm test", which starts one.');
  const name = `spec_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => administer(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestNats {
  url: string;
  stop(): Promise<void>;
}

/** A NATS server with JetStream of its own, on a free port and an empty store that goes when it stops. */
export async function startTestNats(): Promise<TestNats> {
  const storeDir = await mkdtemp(join(tmpdir(), 'tenant-google-nats-'));
  const server = await startNats({
    storeDir,
    port: await freePort(),
    cacheDir: join(process.cwd(), '.data', 'bin'),
    say: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(storeDir, { recursive: true, force: true });
    },
  };
}
