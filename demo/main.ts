import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Report } from './report.js';
import { Stage } from './stage.js';
import { playStory } from './story.js';

const help = `npm run demo -- [--json] [--keep]

Plays two tenants from the first form to the last check against a simulated Google, unattended, and checks every step.
Ends with status 0 only if every check held.

  --json   print [{"step","ok","ms"}] and nothing else
  --keep   keep the data folder (database, streams, log) and say where it is, as is done when a check did not hold
`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.help) say(help);
else process.exitCode = await play();

async function play(): Promise<number> {
  const begun = performance.now();
  const account = values.json ? (): void => {} : say;
  const report = new Report(account);
  const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-demo-'));
  const stage = new Stage(dataDir, (sentence) => process.stderr.write(`${sentence}\n`));
  try {
    await stage.open();
    await playStory(stage, report);
  } catch (error) {
    process.stderr.write(`The demo broke off: ${error instanceof Error ? error.stack : String(error)}\n`);
    report.steps.push({ step: 'The demo is played to its end', ok: false, ms: 0 });
  } finally {
    await stage.close();
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

function keeps({ allHeld }: Report): boolean {
  return values.keep || !allHeld;
}
