import { once } from 'node:events';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { freePort, isPortTaken } from './child-server.js';
import { findOrInstall } from './debian-package.js';
import { startPostgres } from './postgres-server.js';
import { createTestDatabase, startTestNats } from './test-database.js';

const folders: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tenant-google-spec-'));
  folders.push(path);
  return path;
}
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data over a stop and a second start', async () => {
    const dataDir = join(await folder(), 'postgres');
    const first = await startPostgres({ dataDir, port: await freePort() });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await startPostgres({ dataDir, port: await freePort() });
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it('names the taken port and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = (other.address() as { port: number }).port;
    const dataDir = join(await folder(), 'postgres');
    await expect(startPostgres({ dataDir, port })).rejects.toThrow(`Port ${port} is taken`);
    other.close();
  });

  it('names a broken data folder and what to do', async () => {
    const dataDir = join(await folder(), 'postgres');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'PG_VERSION'), '18\n');
    await expect(startPostgres({ dataDir, port: await freePort() })).rejects.toThrow(
      /restore it from a backup/,
    );
  });

  it('names a folder that holds something else', async () => {
    const dataDir = join(await folder(), 'postgres');
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'holiday.jpg'), 'x');
    await expect(startPostgres({ dataDir, port: await freePort() })).rejects.toThrow(/could not be set up/);
  });
});

describe('the test servers', () => {
  it('give each spec a database of its own', async () => {
    const [one, two] = [await createTestDatabase(), await createTestDatabase()];
    await query(one.url, 'CREATE TABLE only_here (id int)');
    expect(await query(two.url, `SELECT to_regclass('only_here') AS found`)).toEqual([{ found: null }]);
    await Promise.all([one.drop(), two.drop()]);
  });

  it('give each spec a NATS with JetStream, and free the port at the end', async () => {
    const nats = await startTestNats();
    const connection = await connect({ servers: nats.url });
    const manager = await jetstreamManager(connection);
    expect((await manager.getAccountInfo()).streams).toBe(0);
    await connection.close();
    await nats.stop();
    expect(await isPortTaken(Number(new URL(nats.url).port))).toBe(false);
  });
});

it('says what to do when a program is neither there nor a package', async () => {
  const said: string[] = [];
  await expect(
    findOrInstall('no-such-program', 'no-such-debian-package', {
      cacheDir: await folder(),
      say: (sentence) => said.push(sentence),
      otherwise: 'Do it by hand.',
    }),
  ).rejects.toThrow(/could not be brought .* Do it by hand\./s);
  expect(said).toHaveLength(1);
});
