import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openKeptEvents } from '../../operator/src/kept-events.js';
import { CommandError, whereabouts } from '../../operator/src/whereabouts.js';
import { holds, told, verify } from './verify.js';

const usage = `npm run audit -- verify                                   does every chain of events hold?
npm run audit -- verify --heads FILE --public-key FILE    … and does what was signed once still stand there?
    --json    the result as JSON

Looks at the embedded run, or at DATABASE_URL and NATS_URL, and at EVENTSTOREDB_URL if events are kept there.
Ends with status 0 if everything holds, 1 if something does not, 2 if it could not be looked at.`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const {
  positionals: [command],
  values,
} = parseArgs({
  allowPositionals: true,
  options: {
    heads: { type: 'string' },
    'public-key': { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function run(): Promise<number> {
  if (values.help || command === undefined) {
    say(usage);
    return 0;
  }
  if (command !== 'verify') throw new CommandError(`There is no command "${command}".\n\n${usage}`);
  const list = await signedList();
  const kept = await openKeptEvents(await whereabouts());
  try {
    const verification = await verify(kept, list);
    if (values.json) say(JSON.stringify(verification, null, 2));
    else for (const line of told(verification)) say(line);
    return holds(verification) ? 0 : 1;
  } finally {
    await kept.close();
  }
}

async function signedList(): Promise<Parameters<typeof verify>[1]> {
  const { heads: file, 'public-key': keyFile } = values;
  if (file === undefined && keyFile === undefined) return null;
  if (file === undefined || keyFile === undefined)
    throw new CommandError('A signed list needs both: --heads FILE and --public-key FILE.');
  const pem = await readFile(keyFile, 'utf8');
  try {
    return { file, publicKey: createPublicKey(pem) };
  } catch {
    throw new CommandError(`${keyFile} holds no public key in PEM, such as "-----BEGIN PUBLIC KEY-----".`);
  }
}

process.exitCode = await run().catch((error: Error) => {
  process.stderr.write(`${error.message || String(error)}\n`);
  return 2;
});
