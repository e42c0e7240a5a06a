import { PgBossJobRunner } from '#jobs/pg-boss-job-runner';
import { hours } from '#time/clock';
import { alternately } from '../measuring/alternate.js';
import type { Finding } from '../measuring/findings.js';

const runs = 30;

/** What PG Boss adds to a look: from the wish for a run until it begins, the end of the former one included. */
export async function measureRunner(url: string, rounds: number): Promise<Finding[]> {
  const runner = new PgBossJobRunner({ url, warn: (sentence) => process.stderr.write(`${sentence}\n`) });
  let begun = (): void => {};
  const begins = (): Promise<void> => new Promise((resolve) => (begun = resolve));
  const first = begins();
  const job = await runner.repeat({
    name: 'bench.empty',
    everyMs: hours(1),
    atMostMs: hours(1),
    work: () => Promise.resolve(begun()),
  });
  try {
    await first;
    const measured = await alternately(rounds, 'ms', {
      'an empty run by PG Boss, asked for': async () => {
        const beganAt = performance.now();
        for (let run = 0; run < runs; run++) {
          const next = begins();
          await job.soon();
          await next;
        }
        return (performance.now() - beganAt) / runs;
      },
    });
    return Object.values(measured);
  } finally {
    await job.end();
    await runner.close();
  }
}
