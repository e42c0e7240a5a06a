import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openEvents } from '../../operator/src/events.js';
import { openKeptEvents } from '../../operator/src/kept-events.js';
import { CommandError, whereabouts } from '../../operator/src/whereabouts.js';
import { cloudEvent } from '../../../apps/gateway/src/history/cloud-events.js';
import { madeKey, publicKey, signedHeads } from './heads.js';
import { causeLines, history, historyLines, why } from './tell-history.js';
import { eventsOf, tenantOf } from './tenant-events.js';
import { statusLines, statusThen } from './tell-status.js';
import { trail, trailLine } from './tell-trail.js';
import { holds, told, verify } from './verify.js';

const usage = `npm run audit -- verify                                   does every chain of events hold?
npm run audit -- verify --heads FILE --public-key FILE    … and does what was signed once still stand there?
npm run audit -- history --tenant T [--provider P]        what happened, who did it, and why
npm run audit -- why EVENT --tenant T                     what led to it, back to who began it; --provider P does, too
npm run audit -- status --provider P --at INSTANT         how it was then
npm run -s audit -- export --tenant T > FILE              all events as they are kept, as CloudEvents, one a line
npm run audit -- trail --tenant T [--provider P]          tokens given to services, refreshes that failed, secrets read;
    --kind K, --limit N, --before ID    which, how many, and the page before
npm run -s audit -- heads [--day D] > FILE                the heads as they were signed on a day, or lately, to be kept elsewhere
npm run -s audit -- public-key > FILE                     what proves their signature
npm run -s audit -- make-key                              a new key for AUDIT_SIGNING_KEY
    --json    the result as JSON

Looks at the embedded run, or at DATABASE_URL and NATS_URL, and at EVENTSTOREDB_URL if events are kept there.
Ends with status 0 if everything holds, 1 if something does not, 2 if it could not be looked at.`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const {
  positionals: [command, argument],
  values,
} = parseArgs({
  allowPositionals: true,
  options: {
    heads: { type: 'string' },
    'public-key': { type: 'string' },
    tenant: { type: 'string' },
    provider: { type: 'string' },
    at: { type: 'string' },
    kind: { type: 'string' },
    day: { type: 'string' },
    limit: { type: 'string' },
    before: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const commands: Record<string, () => Promise<number>> = {
  verify: verifyChains,
  history: tellHistory,
  why: tellWhy,
  status: tellStatus,
  export: exportEvents,
  trail: tellTrail,
  heads: tellHeads,
  'public-key': tellPublicKey,
  'make-key': makeKey,
};

async function run(): Promise<number> {
  if (values.help || command === undefined) {
    say(usage);
    return 0;
  }
  if (!Object.hasOwn(commands, command))
    throw new CommandError(`There is no command "${command}".\n\n${usage}`);
  return commands[command]!();
}

async function verifyChains(): Promise<number> {
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

async function tellHistory(): Promise<number> {
  const store = await openEvents(await whereabouts());
  try {
    for await (const happening of history(store, values)) {
      if (values.json) say(JSON.stringify(happening));
      else for (const line of historyLines(happening)) say(line);
    }
    return 0;
  } finally {
    await store.close();
  }
}

async function tellWhy(): Promise<number> {
  if (!argument) throw new CommandError('Why what? Give the id of an event, as the history shows it.');
  const store = await openEvents(await whereabouts());
  try {
    const chain = await why(store, values, argument);
    if (values.json) say(JSON.stringify(chain, null, 2));
    else for (const line of causeLines(chain)) say(line);
    return 0;
  } finally {
    await store.close();
  }
}

async function tellStatus(): Promise<number> {
  const store = await openEvents(await whereabouts());
  try {
    const status = await statusThen(store, values, { at: values.at, now: new Date() });
    if (values.json) say(JSON.stringify(status, null, 2));
    else for (const line of statusLines(status)) say(line);
    return 0;
  } finally {
    await store.close();
  }
}

async function exportEvents(): Promise<number> {
  const kept = await openKeptEvents(await whereabouts());
  try {
    for await (const event of eventsOf(kept, await tenantOf(kept, values)))
      if (!process.stdout.write(`${JSON.stringify(cloudEvent(event))}\n`))
        await once(process.stdout, 'drain');
    return 0;
  } finally {
    await kept.close();
  }
}

async function tellTrail(): Promise<number> {
  const { databaseUrl } = await whereabouts();
  const page = await trail(databaseUrl, values);
  if (values.json) say(JSON.stringify(page, null, 2));
  else {
    if (page.earlier !== null) say(`(there is more: --before ${page.earlier} shows what was before this)`);
    for (const entry of page.trail) say(trailLine(entry));
  }
  return 0;
}

async function tellHeads(): Promise<number> {
  const { databaseUrl } = await whereabouts();
  process.stdout.write(await signedHeads(databaseUrl, values.day ?? null));
  return 0;
}

async function tellPublicKey(): Promise<number> {
  process.stdout.write(await publicKey());
  return 0;
}

async function makeKey(): Promise<number> {
  const { setting, kid } = madeKey();
  say(`AUDIT_SIGNING_KEY=${setting}`);
  process.stderr.write(`Signed lists name it ${kid}. Keep it as you keep SECRETS_KEY_RING.\n`);
  return 0;
}

process.exitCode = await run().catch((error: Error) => {
  process.stderr.write(`${error.message || String(error)}\n`);
  return 2;
});
