import { parseArgs } from 'node:util';
import { openEvents } from '../../operator/src/events.js';
import { CommandError, whereabouts } from '../../operator/src/whereabouts.js';
import { Progress } from './progress.js';
import { replayables, type Replayable } from './projections.js';
import { rebuild } from './rebuild.js';
import { verify, type Verified } from './verify.js';

const usage = `npm run replay -- list                      the read models that are made of events
npm run replay -- verify [NAME …]           fill them elsewhere and compare with what is served, row by row
npm run replay -- rebuild NAME              fill one anew beside what is served, then put it in its place
    --json    the result as JSON

Looks at the embedded run, or at DATABASE_URL and NATS_URL, and at EVENTSTOREDB_URL if events are kept there. Services may run meanwhile.
Ends with status 0 if all is equal, 1 if something differs, 2 if it could not be looked at.`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const {
  positionals: [command, ...names],
  values,
} = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function run(): Promise<number> {
  if (values.help || command === undefined) return (say(usage), 0);
  if (command === 'list') {
    for (const { projection } of replayables)
      say(
        `${projection.id.padEnd(28)} ${projection.tables.join(', ')}  from ${projection.categories.join(', ')}`,
      );
    return 0;
  }
  if (command !== 'verify' && command !== 'rebuild')
    throw new CommandError(`There is no command "${command}".\n\n${usage}`);
  if (command === 'rebuild' && names.length !== 1)
    throw new CommandError('Which one, and only one at a time? "npm run replay -- list" names them.');
  const chosen = names.length > 0 ? names.map(named) : replayables;
  const where = await whereabouts();
  const store = await openEvents(where);
  const means = { databaseUrl: where.databaseUrl, store };
  try {
    return command === 'rebuild' ? await rebuildOne(chosen[0]!, means) : await verifyAll(chosen, means);
  } finally {
    await store.close();
  }
}

type Means = Parameters<typeof verify>[1];

async function rebuildOne(replayable: Replayable, means: Means): Promise<number> {
  const progress = new Progress(replayable.projection.id, process.stderr);
  const rebuilt = await rebuild(replayable, means, progress.saw);
  const rate = progress.end();
  if (values.json) say(JSON.stringify(rebuilt));
  else
    say(
      `${replayable.projection.id} was rebuilt: ${rate}; it stood still for ${Math.round(rebuilt.stoodStillMs)} ms.`,
    );
  return 0;
}

async function verifyAll(chosen: Replayable[], means: Means): Promise<number> {
  const all: Verified[] = [];
  for (const replayable of chosen) {
    const progress = new Progress(replayable.projection.id, process.stderr);
    const verified = await verify(replayable, means, progress.saw);
    all.push(verified);
    const rate = progress.end();
    if (!values.json) for (const line of told(verified, rate)) say(line);
  }
  if (values.json) say(JSON.stringify(all, null, 2));
  return all.every(({ differences }) => differences.length === 0) ? 0 : 1;
}

function told({ projection, rows, differences, heldStreams }: Verified, rate: string): string[] {
  const lines = differences.map(
    ({ table, served, rebuilt }) =>
      `DIFFERS  ${table}\n  served   ${JSON.stringify(served)}\n  rebuilt  ${JSON.stringify(rebuilt)}`,
  );
  const word = differences.length === 0 ? 'equal' : `${differences.length} or more rows differ`;
  lines.push(`${projection.padEnd(28)} ${word}: ${rows} rows from ${rate}.`);
  if (heldStreams > 0)
    lines.push(
      `  ${heldStreams} stream(s) are held by a parked event ("npm run show:parked"); their rows are behind.`,
    );
  return lines;
}

function named(name: string): Replayable {
  const found = replayables.find(({ projection }) => projection.id === name);
  if (found) return found;
  throw new CommandError(
    `There is no read model "${name}". There are: ${replayables.map(({ projection }) => projection.id).join(', ')}.`,
  );
}

process.exitCode = await run().catch((error: Error) => {
  process.stderr.write(`${error.message || String(error)}\n`);
  return 2;
});
