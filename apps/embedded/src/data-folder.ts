import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { newSigningKey, signingKeyIn } from '#event-sourcing/chain/signing-key';
import { KeyRing } from '#secrets/key-ring';
import { ServerStartError } from '#servers/child-server';

const secretsFile = z.object({
  keyRing: z.string().refine((text) => KeyRing.parse(text) instanceof KeyRing),
  jwtSecret: z.string().min(32),
  /** Absent in folders from before the history was signed. */
  signingKey: z
    .string()
    .refine((text) => signingKeyIn(text) !== null)
    .optional(),
});
type Keys = z.infer<typeof secretsFile> & { signingKey: string };
const runningFile = z.object({
  pid: z.number(),
  gateway: z.string(),
  simulator: z.string(),
  nats: z.string(),
  postgres: z.string(),
});

/** What another process has to know of a running instance. */
export type Running = z.infer<typeof runningFile>;

/** Everything that an embedded run keeps on disk lies in one folder. */
export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  within(...names: string[]): string {
    return join(this.path, ...names);
  }

  /** Claims the folder for this process. @throws ServerStartError when another instance runs on it. */
  async claim(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o755 }).catch((error: Error) => {
      throw new ServerStartError(
        `The data folder ${this.path} cannot be made (${error.message}). Set DATA_DIR to a folder that can be written to.`,
      );
    });
    const other = await this.running();
    if (other && other.pid !== process.pid && (await isOurs(other.pid))) {
      throw new ServerStartError(
        `Another instance (process ${other.pid}) already runs on ${this.path}, at ${other.gateway}. Stop it, or set DATA_DIR, GATEWAY_PORT and SIMULATOR_PORT to run a second one.`,
      );
    }
  }

  /** The instance that runs on this folder, or that ended without cleaning up. */
  async running(): Promise<Running | undefined> {
    const text = await readFile(this.within('running.json'), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : runningFile.safeParse(parse(text)).data;
  }

  announce(running: Omit<Running, 'pid'>): Promise<void> {
    return this.write('running.json', JSON.stringify({ pid: process.pid, ...running }, null, 2));
  }

  withdraw(): Promise<void> {
    return rm(this.within('running.json'), { force: true });
  }

  /** The keys of this installation, made at the first start. Losing them makes stored secrets unreadable. */
  async secrets(): Promise<Keys> {
    const path = this.within('keys.json');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) {
      if (await exists(this.within('postgres'))) throw lostKeys(path, 'missing');
      const made = {
        keyRing: `k1:${randomBytes(32).toString('base64')}`,
        jwtSecret: randomBytes(32).toString('hex'),
        signingKey: newSigningKey(),
      };
      await this.write('keys.json', JSON.stringify(made, null, 2));
      return made;
    }
    const read = secretsFile.safeParse(parse(text));
    if (!read.success) throw lostKeys(path, 'damaged');
    const { signingKey } = read.data;
    if (signingKey !== undefined) return { ...read.data, signingKey };
    const completed = { ...read.data, signingKey: newSigningKey() };
    await this.write('keys.json', JSON.stringify(completed, null, 2));
    return completed;
  }

  /** Whole or not at all, readable by the owner alone. */
  async write(name: string, content: string): Promise<void> {
    const temporary = this.within(`.${name}.${process.pid}`);
    await writeFile(temporary, content, { mode: 0o600 });
    await rename(temporary, this.within(name));
  }
}

const lostKeys = (path: string, what: 'missing' | 'damaged'): ServerStartError =>
  new ServerStartError(
    `The key file ${path} is ${what}. Restore it from a backup: without it the stored secrets cannot be read. To begin anew, delete the whole folder ${dirname(path)}.`,
  );

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function isOurs(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('embedded') || command.includes('demo') || command.includes('jest');
}
