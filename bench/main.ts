import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureDue } from './due/due.js';
import { measureEvents } from './events/events.js';
import { measurePush } from './http/push.js';
import { measureStatus } from './http/status.js';
import type { BenchOptions } from './measuring/bench-options.js';
import { isMet, median, type Finding } from './measuring/findings.js';
import { machine, table } from './measuring/table.js';
import { measurePipeline } from './pipeline/pipeline.js';
import { measureStart } from './start/start.js';

const parts = {
  push: { measure: measurePush, title: "Google's pushes: the gateway against a bare route, 32 connections" },
  status: {
    measure: measureStatus,
    title: "A provider's status: the gateway against a bare route, 32 connections",
  },
  events: { measure: measureEvents, title: 'The event store in PostgreSQL' },
  due: { measure: measureDue, title: 'The due list, 10 thousand and a million providers' },
  pipeline: { measure: measurePipeline, title: 'From a mail at Google to its delivery' },
  start: { measure: measureStart, title: 'Start and memory of the embedded run' },
} satisfies Record<string, { title: string; measure: (options: BenchOptions) => Promise<Finding[]> }>;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const names = Object.keys(parts) as (keyof typeof parts)[];
const wanted = values.only?.split(',') ?? names;
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
const rounds = Number(values.rounds);

if (values.help || unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  process.stdout.write(
    `npm run bench -- [--only ${names.join('|')}] [--rounds 7] [--json FILE] [--profile FOLDER]\n`,
  );
  process.exitCode = values.help ? 0 : 1;
} else {
  const begun = machine();
  const measured = [];
  for (const name of names.filter((each) => wanted.includes(each))) {
    const { title, measure } = parts[name];
    process.stderr.write(`${title} …\n`);
    measured.push({ part: title, findings: await measure({ rounds, profileDir: values.profile }) });
  }
  const ended = machine();
  process.stdout.write(`\n${table(measured, { begun, ended })}`);
  if (values.json) {
    const parts = measured.map(({ part, findings }) => ({
      part,
      findings: findings.map((each) => ({ ...each, median: median(each.rounds), met: isMet(each) })),
    }));
    await writeFile(
      values.json,
      `${JSON.stringify({ machine: { begun, ended }, rounds, parts }, null, 2)}\n`,
    );
  }
}
