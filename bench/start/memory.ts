import { readdir, readFile } from 'node:fs/promises';

/** Resident memory in MiB. What processes share, such as PostgreSQL's buffers, is counted once. */
export interface Memory {
  own: number;
  postgres: number;
  nats: number;
}

interface Process {
  pid: number;
  parent: number;
  name: string;
}

/** Of a process and all that it started. Linux only. */
export async function memoryOf(pid: number): Promise<Memory> {
  const all = await processes();
  const below = (parent: number): Process[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  const children = below(pid);
  const sum = async (of: number[]): Promise<number> =>
    (await Promise.all(of.map(proportional))).reduce((total, each) => total + each, 0);
  const named = (name: string): number[] =>
    children.filter((each) => each.name.startsWith(name)).map((each) => each.pid);
  return {
    own: await proportional(pid),
    postgres: await sum(named('postgres')),
    nats: await sum(named('nats')),
  };
}

async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const read = await Promise.all(
    pids.map(async (pid): Promise<Process[]> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const [, name, parent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
      return name && parent ? [{ pid, name, parent: Number(parent) }] : [];
    }),
  );
  return read.flat();
}

/** The proportional set size: private memory, and each shared page divided among those who share it. */
async function proportional(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024;
}
