import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const compiled = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A program of the benchmark's own in a process of its own; one question at a time. */
export class Helper<Question extends object, Answer> {
  private constructor(private readonly child: ChildProcess) {}

  /** @param path below the compiled output, such as `bench/http/load.js` */
  static start<Question extends object, Answer>(path: string): Helper<Question, Answer> {
    return new Helper(fork(compiled(path), { execArgv: ['--enable-source-maps'] }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  async ask(question: Question): Promise<Answer> {
    const asked = new AbortController();
    const ended = once(this.child, 'exit', { signal: asked.signal }).then(([code]) => {
      throw new Error(`A helper of the benchmark ended (exit code ${String(code)}).`);
    });
    const answered = once(this.child, 'message', { signal: asked.signal });
    this.child.send(question);
    const race = Promise.race([answered, ended]) as Promise<[{ failed: string } | { answer: Answer }]>;
    const [answer] = await race.finally(() => {
      for (const waiting of [ended, answered]) waiting.catch(() => {});
      asked.abort();
    });
    if ('failed' in answer) throw new Error(answer.failed);
    return answer.answer;
  }

  async stop(): Promise<void> {
    await ended(this.child, 'SIGTERM');
  }
}

/** The other side: answers what the benchmark asks. */
export function answerTheBenchmark<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.on('message', (question: Question) => {
    void answer(question).then(
      (value) => process.send!({ answer: value }),
      (error: Error) => process.send!({ failed: error.stack ?? error.message }),
    );
  });
  process.once('disconnect', () => process.exit(0));
}

export interface Product {
  pid: number;
  stop(): Promise<void>;
}

/** Starts a program of the product as it is shipped. Resolves when it is ready. */
export async function startProduct(
  path: string,
  settings: {
    env: Record<string, string>;
    /** Where node keeps a CPU profile of it. */
    profileDir?: string | undefined;
    isReady: (output: string) => boolean | Promise<boolean>;
  },
): Promise<Product> {
  const profile = settings.profileDir ? ['--cpu-prof', `--cpu-prof-dir=${settings.profileDir}`] : [];
  const child = spawn(process.execPath, [...profile, '--enable-source-maps', compiled(path)], {
    env: { PATH: process.env['PATH'] ?? '', ...settings.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const hear = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-20_000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const stop = (): Promise<void> => ended(child, 'SIGTERM');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  try {
    await until(
      `${path} is ready`,
      async () => {
        if (isOver()) throw new Error(`${path} ended at once. It said:\n${output}`);
        return settings.isReady(output);
      },
      10,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid!, stop };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

/** Asks again and again. @throws when it is still not so after a minute */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  everyMs = 50,
): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`Waited for a minute in vain: ${what}.`);
    await pause(everyMs);
  }
}

/** Processor time that a process has used so far, in ms. Linux only. Unlike the clock, it leaves out what others do on the machine. */
export async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * 10;
}
