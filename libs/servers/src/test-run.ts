import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningServer } from './child-server.js';
import { findOrInstall } from './debian-package.js';
import { deleteCluster, startPostgres } from './postgres-server.js';
import { TEST_POSTGRES_URL } from './test-database.js';

let postgres: RunningServer | undefined;
let dataDir = '';

/** Before all specs: one PostgreSQL for the run, and nats-server and Chromium found or installed. */
export async function setUp(): Promise<void> {
  const say = (sentence: string): boolean => process.stderr.write(`${sentence}\n`);
  const cacheDir = join(process.cwd(), '.data', 'bin');
  await findOrInstall('nats-server', 'nats-server', {
    cacheDir,
    say,
    otherwise: 'Install nats-server 2.9 or later by hand and put it on the PATH.',
  });
  await findOrInstall('chromium', 'chromium', {
    cacheDir,
    say,
    otherwise: 'Install Chromium by hand and put it on the PATH.',
  });
  dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-postgres-'));
  await chmod(dataDir, 0o700);
  postgres = await startPostgres({ dataDir, port: await freePort(), maxConnections: 500, unsafeFast: true });
  process.env[TEST_POSTGRES_URL] = postgres.url;
}

/** After all specs. */
export async function tearDown(): Promise<void> {
  await postgres?.stop();
  await deleteCluster(dataDir);
}
