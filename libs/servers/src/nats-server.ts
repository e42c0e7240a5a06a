import { mkdir } from 'node:fs/promises';
import { guarded, startChild, stopChild, type RunningServer } from './child-server.js';
import { findOrInstall } from './debian-package.js';

export interface NatsOptions {
  /** Folder of JetStream's files; kept when the server stops. */
  storeDir: string;
  port: number;
  /** Where an unpacked nats-server is kept when it can be neither found nor installed system-wide. */
  cacheDir: string;
  say: (sentence: string) => void;
  /** A configuration file, and what differs from node to node; `cluster` is where the other nodes find this one. */
  node?: { configFile: string; name: string; cluster?: string };
}

/** Starts nats-server with JetStream on 127.0.0.1. @throws ServerStartError with the remedy when it cannot. */
export async function startNats(options: NatsOptions): Promise<RunningServer> {
  const binary = await findOrInstall('nats-server', 'nats-server', {
    cacheDir: options.cacheDir,
    say: options.say,
    otherwise: 'Install nats-server 2.9 or later by hand, or set NATS_URL to a NATS server with JetStream.',
  });
  await mkdir(options.storeDir, { recursive: true });
  const args = [
    '--addr',
    '127.0.0.1',
    '--port',
    String(options.port),
    '--jetstream',
    '--store_dir',
    options.storeDir,
    ...nodeArguments(options.node),
  ];
  const { child } = await startChild(guarded(binary, args), {
    ready: /Server is ready/,
    name: 'nats-server',
  });
  return {
    url: `nats://127.0.0.1:${options.port}`,
    pid: child.pid!,
    stop: () => stopChild(child, 'SIGTERM'),
  };
}

const nodeArguments = (node: NatsOptions['node']): string[] =>
  node
    ? [
        ...['--config', node.configFile, '--name', node.name],
        ...(node.cluster ? ['--cluster', node.cluster] : []),
      ]
    : [];
