import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

/** A server that this process started and has to stop again. */
export interface RunningServer {
  url: string;
  pid: number;
  /** Ends the server in order and resolves when its process is gone. Idempotent. */
  stop(): Promise<void>;
}

/** A failure that a person has to act on: the message says what is wrong and what to do. */
export class ServerStartError extends Error {
  override name = 'ServerStartError';
}

const SETPRIV = '/usr/bin/setpriv';

/** The user that servers run as when we are root: PostgreSQL refuses to run as root. */
export const UNPRIVILEGED_UID = 65534;

/**
 * Wraps a command so that the child ends with its parent even when the parent is killed, and, for a server that refuses to run
 * as root, drops to an unprivileged user that may still traverse a private checkout such as one below /root.
 */
export function guarded(
  command: string,
  args: string[],
  options: { dropRoot?: boolean } = {},
): [string, string[]] {
  const isRoot = process.getuid?.() === 0;
  if (!existsSync(SETPRIV)) return [command, args];
  const dropRoot = options.dropRoot === true && isRoot;
  const capabilities = '+dac_read_search,+dac_override';
  const privileges = dropRoot
    ? [
        `--reuid=${UNPRIVILEGED_UID}`,
        `--regid=${UNPRIVILEGED_UID}`,
        '--clear-groups',
        '--securebits=+no_setuid_fixup',
        `--inh-caps=${capabilities}`,
        `--ambient-caps=${capabilities}`,
      ]
    : [];
  return [SETPRIV, ['--pdeathsig=INT', ...privileges, command, ...args]];
}

/** Starts a server in its own process group, so that Ctrl-C reaches only us and we stop the parts in order. */
export async function startChild(
  [command, args]: [string, string[]],
  options: { ready: RegExp; name: string; env?: NodeJS.ProcessEnv },
): Promise<{ child: ChildProcess; output: () => string }> {
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: options.env });
  const lines: string[] = [];
  const output = (): string => lines.join('');
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      lines.push(chunk.toString());
      if (lines.length > 200) lines.shift();
      if (options.ready.test(output())) resolve();
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('error', (error) =>
      reject(new ServerStartError(`${options.name} could not be started: ${error.message}`)),
    );
    child.once('exit', (code) =>
      reject(
        new ServerStartError(
          `${options.name} ended at once (exit code ${code}). It said:\n${output().trim()}`,
        ),
      ),
    );
  });
  child.removeAllListeners('exit');
  child.unref();
  return { child, output };
}

/** Sends the signal and waits for the end; after the grace period the process is killed. */
export async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals,
  graceMs = 20_000,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** A TCP port on loopback that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** True when something listens on the loopback port already. */
export async function isPortTaken(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
}
