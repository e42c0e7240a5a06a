import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '#servers/child-server';

const run = promisify(execFile);

let installation: string;
let running: ChildProcess | undefined;
let dataDir: string;

// The compiled program is what people run, in a folder of its own, so that no other build gets in between.
beforeAll(async () => {
  installation = await mkdtemp(join(tmpdir(), 'tenant-google-installation-'));
  await copyFile('package.json', join(installation, 'package.json'));
  await symlink(join(process.cwd(), 'node_modules'), join(installation, 'node_modules'));
  await run('node_modules/.bin/swc', ['apps', 'libs', 'tools', '-d', join(installation, 'dist'), '-q']);
}, 120_000);
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-process-'));
});
afterEach(async () => {
  if (running && running.exitCode === null && running.signalCode === null) {
    running.kill('SIGKILL');
    await once(running, 'close');
  }
  await rm(dataDir, { recursive: true, force: true });
});
afterAll(() => rm(installation, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  said: string;
}

async function begin(
  ports: { gateway?: number } = {},
): Promise<{ said(): string; ready: Promise<void>; ended: Promise<Ended> }> {
  const child = spawn(process.execPath, [join(installation, 'dist/apps/embedded/src/main.js')], {
    cwd: installation,
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      GATEWAY_PORT: String(ports.gateway ?? (await freePort())),
      SIMULATOR_PORT: String(await freePort()),
    },
  });
  running = child;
  let said = '';
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, said }));
  const ready = new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      if (said.includes('Ctrl-C stops everything')) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    ended.then(() => reject(new Error(`It ended before it was ready:\n${said}`)), reject);
  });
  // Who waits for the end alone is not interested in it.
  ready.catch(() => {});
  return { said: () => said, ready, ended };
}

/** Whatever runs with the data folder in its command line: the servers that the program brought. */
async function serversOf(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ')).filter((line) => line.includes(folder));
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends everything in order, and nothing is left running',
  async (signal) => {
    const { ready, ended } = await begin();
    await ready;
    expect((await serversOf(dataDir)).length).toBeGreaterThanOrEqual(2);
    running!.kill(signal);
    const { code, said } = await ended;
    expect(said).toContain('Stopped. Everything is kept for the next start.');
    expect(code).toBe(0);
    expect(await serversOf(dataDir)).toEqual([]);
  },
);

it('says what to do when its port is taken, and leaves nothing running', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const { ended } = await begin({ gateway: port });
  const { code, said } = await ended;
  expect(code).toBe(1);
  expect(said).toContain(`The gateway cannot listen on port ${port}: something else does already.`);
  expect(said).toContain(`GATEWAY_PORT=${port + 1} npm start`);
  expect(said).not.toContain('    at ');
  expect(await serversOf(dataDir)).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});

it('says what is lost when the keys are damaged, instead of making new ones', async () => {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, 'keys.json'), '{"keyRing":');
  const { ended } = await begin();
  const { code, said } = await ended;
  expect(code).toBe(1);
  expect(said).toContain(`The key file ${join(dataDir, 'keys.json')} is damaged. Restore it from a backup`);
  expect(said).not.toContain('    at ');
  expect(await readFile(join(dataDir, 'keys.json'), 'utf8')).toBe('{"keyRing":');
  expect(await serversOf(dataDir)).toEqual([]);
});

it('does not run twice on the same folder', async () => {
  const { ready, ended } = await begin();
  await ready;
  const first = running!;
  const second = await begin();
  const { code, said } = await second.ended;
  expect(code).toBe(1);
  expect(said).toContain(`Another instance (process ${first.pid}) already runs on ${dataDir}`);
  first.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0 });
});
