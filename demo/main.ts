import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playDays } from './days/play-days.js';
import { Report } from './report.js';
import { Stage } from './stage.js';
import { playStory } from './story.js';

const help = `npm run demo -- [--days 30 [--seed 1]] [--json] [--keep]

Plays two tenants from the first form to the last check against a simulated Google, unattended, and checks every step.
With --days it moves all clocks through so many days of traffic and faults instead, and prints what was planned against what was seen.
Ends with status 0 only if every check held.

  --days   how many days; with 30 every kind of fault occurs
  --seed   another plan; the same seed and days always make the same plan
  --json   print [{"step","ok","ms"}] and nothing else
  --keep   keep the data folder (database, streams, log) and say where it is, as is done when a check did not hold
`;

const { values } = parseArgs({
  options: {
    days: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const [days, seed] = [values.days === undefined ? null : Number(values.days), Number(values.seed)];
if (values.help) say(help);
else if ((days !== null && !(Number.isInteger(days) && days > 0)) || !Number.isInteger(seed)) {
  process.stderr.write(`--days wants a number of whole days, --seed a whole number.\n\n${help}`);
  process.exitCode = 2;
} else process.exitCode = await play();

async function play(): Promise<number> {
  const begun = performance.now();
  const account = values.json ? (): void => {} : say;
  const report = new Report(account);
  const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-demo-'));
  const news = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  try {
    if (days === null) await playOnce(new Stage(dataDir, news), report);
    else await playDays({ dataDir, days, seed }, report, { account, news });
  } catch (error) {
    process.stderr.write(`The demo broke off: ${error instanceof Error ? error.stack : String(error)}\n`);
    report.steps.push({ step: 'The demo is played to its end', ok: false, ms: 0 });
  } finally {
    if (!keeps(report)) await rm(dataDir, { recursive: true, force: true });
  }
  const held = report.steps.filter(({ ok }) => ok).length;
  account(
    `\n${held} of ${report.steps.length} checked steps held, in ${((performance.now() - begun) / 1_000).toFixed(1)} s.`,
  );
  if (keeps(report)) process.stderr.write(`The data is kept in ${dataDir}\n`);
  if (values.json) say(JSON.stringify(report.steps, null, 2));
  return report.allHeld ? 0 : 1;
}

async function playOnce(stage: Stage, report: Report): Promise<void> {
  try {
    await stage.open();
    await playStory(stage, report);
  } finally {
    await stage.close();
  }
}

function keeps({ allHeld }: Report): boolean {
  return values.keep || !allHeld;
}
