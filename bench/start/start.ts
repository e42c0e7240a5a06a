import { join } from 'node:path';
import type { BenchOptions } from '../measuring/bench-options.js';
import { ratio, type Finding } from '../measuring/findings.js';
import { startEmbedded } from '../measuring/embedded.js';
import { inTemporaryFolder, startServers } from '../measuring/servers.js';
import { memoryOf, type Memory } from './memory.js';

/** `npm start` without the build: on an empty folder, and again on the folder that it left. Beside it PostgreSQL and NATS alone. */
export async function measureStart({ rounds, profileDir }: BenchOptions): Promise<Finding[]> {
  const memory: Memory[] = [];
  const pairs = { product: [] as number[][], servers: [] as number[][] };
  for (let round = 0; round < rounds; round++) {
    pairs.servers.push(await inTemporaryFolder(serversTwice));
    pairs.product.push(await inTemporaryFolder((folder) => productTwice(folder, profileDir, memory)));
  }
  const started = (what: string, of: keyof typeof pairs, which: 0 | 1): Finding => ({
    what,
    unit: 's',
    rounds: pairs[of].map((pair) => pair[which]!),
  });
  const first = started('first start, on an empty folder', 'product', 0);
  const second = started('second start', 'product', 1);
  const bareFirst = started('first start of PostgreSQL and NATS alone', 'servers', 0);
  const bareSecond = started('second start of PostgreSQL and NATS alone', 'servers', 1);
  const held = (what: string, of: keyof Memory): Finding => ({
    what,
    unit: 'MiB',
    rounds: memory.map((each) => each[of]),
  });
  return [
    ratio('first start / PostgreSQL and NATS alone', first, bareFirst),
    ratio('second start / PostgreSQL and NATS alone', second, bareSecond),
    first,
    bareFirst,
    second,
    bareSecond,
    held('memory of our process, the simulated Google included', 'own'),
    held('memory of PostgreSQL', 'postgres'),
    held('memory of nats-server', 'nats'),
  ];
}

async function serversTwice(folder: string): Promise<number[]> {
  const seconds: number[] = [];
  for (let start = 0; start < 2; start++) {
    const begun = performance.now();
    const servers = await startServers(folder);
    seconds.push((performance.now() - begun) / 1_000);
    await servers.stop();
  }
  return seconds;
}

async function productTwice(
  folder: string,
  profileDir: string | undefined,
  memory: Memory[],
): Promise<number[]> {
  const seconds: number[] = [];
  for (let start = 0; start < 2; start++) {
    const begun = performance.now();
    const product = await startEmbedded(join(folder, 'data'), profileDir);
    seconds.push((performance.now() - begun) / 1_000);
    if (start === 1) memory.push(await memoryOf(product.pid));
    await product.stop();
  }
  return seconds;
}
