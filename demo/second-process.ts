import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seconds } from '#time/clock';
import { CheckFailed } from './report.js';
import type { Stage } from './stage.js';

const gmailMain = fileURLToPath(new URL('./gmail-process.js', import.meta.url));

export const secondLog = (stage: Stage): string => join(stage.dataDir, 'log', 'second-process.log');

/** The gmail service as a process of its own, on the same PostgreSQL and NATS and with the same time, so that it can be killed. */
export class SecondProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly stopListening: () => void,
  ) {}

  static async start(stage: Stage): Promise<SecondProcess> {
    const { embedded } = stage;
    const { jwtSecret, keyRing } = await embedded.folder.secrets();
    const child = spawn(process.execPath, ['--enable-source-maps', gmailMain], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        PATH: process.env['PATH'],
        BASE_URL: embedded.gatewayUrl,
        NATS_URL: embedded.natsUrl,
        DATABASE_URL: embedded.postgresUrl,
        DATABASE_POOL_SIZE: '6',
        AUTH_JWT_SECRET: jwtSecret,
        SECRETS_KEY_RING: keyRing,
        GOOGLE_SIMULATOR_URL: embedded.simulator.url,
        DEVELOPMENT: 'true',
        LOG_LEVEL: 'debug',
      },
    });
    const tellTime = (): void => void (child.connected && child.send(stage.clock.offsetMs));
    const stopListening = stage.clock.onMoved(tellTime);
    tellTime();
    const log = createWriteStream(secondLog(stage), { flags: 'a' });
    child.stdout!.pipe(log, { end: false });
    child.stderr!.pipe(log, { end: false });
    child.once('close', () => log.end());
    await ready(child);
    return new SecondProcess(child, stopListening);
  }

  /** As a power cut would: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    this.stopListening();
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const fail = (): void =>
      reject(new CheckFailed(`The second process did not start: ${said.join('').slice(-900)}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail();
    }, seconds(20));
    const listen = (chunk: Buffer): void => {
      said.push(chunk.toString());
      if (!said.join('').includes('"msg":"ready"')) return;
      clearTimeout(timer);
      child.off('exit', fail);
      resolve();
    };
    child.stdout!.on('data', listen);
    child.stderr!.on('data', listen);
    child.once('exit', fail);
  });
}
