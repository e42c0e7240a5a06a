import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, isDeepStrictEqual } from 'node:util';
import { freePort } from '#servers/child-server';
import { startPostgres } from '#servers/postgres-server';
import { minutes } from '#time/clock';
import { playTrouble, type Outcome } from '../../../apps/embedded/src/fixtures/play-trouble.js';
import { flawless } from '../../../apps/embedded/src/fixtures/verdict.js';

const say = (sentence: string): unknown => process.stdout.write(`${sentence}\n`);
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' }, logs: { type: 'string' } },
});
const lastsMs = minutes(Number(values.minutes));
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(lastsMs > 0) || !Number.isInteger(seed)) {
  process.stderr.write('npm run chaos -- --minutes 5 --seed 7 --logs .data/chaos\n');
  process.exit(2);
}
const logsDir = resolve(values.logs ?? join('.data', 'chaos', String(seed)));
await rm(logsDir, { recursive: true, force: true });
await mkdir(logsDir, { recursive: true });
say(`Seed ${seed}: trouble for ${values.minutes} minutes. Logs: ${logsDir}`);

const folder = await mkdtemp(join(tmpdir(), 'tenant-google-chaos-'));
const postgres = await startPostgres({
  dataDir: join(folder, 'postgres'),
  port: await freePort(),
  maxConnections: 500,
});
let outcome: Outcome;
try {
  outcome = await playTrouble({
    databaseUrl: postgres.url,
    checkout: process.cwd(),
    logsDir,
    seed,
    lastsMs,
    // Four a second would soon be more than Gmail lets anybody read in three mailboxes.
    mails: Math.round(lastsMs / 300),
    lastMails: 10,
    patienceMs: minutes(3),
    say,
  });
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

const { verdicts, account, statuses, ...rest } = outcome;
say(account);
const faults = [
  ...Object.entries(verdicts).filter(([, verdict]) => !isDeepStrictEqual(verdict, flawless)),
  ...Object.entries(rest).filter(([, found]) => found.length > 0),
  ...Object.entries(statuses).filter(([, status]) => status !== 'connected'),
];
for (const [what, found] of faults) say(`✗ ${what}: ${JSON.stringify(found, null, 2)}`);
say(
  faults.length === 0
    ? '✓ Every wanted mail was delivered once, in order; nothing is left behind, every mailbox is connected.'
    : 'Not as it should be.',
);
process.exitCode = faults.length === 0 ? 0 : 1;
