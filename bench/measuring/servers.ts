import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#servers/child-server';
import { startNats } from '#servers/nats-server';
import { startPostgres } from '#servers/postgres-server';

export interface Servers {
  postgresUrl: string;
  natsUrl: string;
  stop(): Promise<void>;
}

/** PostgreSQL and NATS on a folder, with the durable settings that they have by themselves. */
export async function startServers(folder: string): Promise<Servers> {
  const starting = [
    startPostgres({ dataDir: join(folder, 'postgres'), port: await freePort() }),
    startNats({
      storeDir: join(folder, 'nats'),
      port: await freePort(),
      cacheDir: join(process.cwd(), '.data', 'bin'),
      say: (sentence) => process.stderr.write(`${sentence}\n`),
    }),
  ];
  const started = await Promise.allSettled(starting);
  const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
  };
  const failed = started.find((each) => each.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [postgres, nats] = running;
  return { postgresUrl: postgres!.url, natsUrl: nats!.url, stop };
}

/** A folder that is there while the work is done, also for the user that PostgreSQL runs as. */
export async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'tenant-google-bench-'));
  await chmod(folder, 0o755);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function withServers<Result>(work: (servers: Servers) => Promise<Result>): Promise<Result> {
  return inTemporaryFolder(async (folder) => {
    await mkdir(join(folder, 'postgres'), { mode: 0o700 }).catch(() => {});
    const servers = await startServers(folder);
    try {
      return await work(servers);
    } finally {
      await servers.stop();
    }
  });
}
