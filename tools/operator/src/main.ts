import { parseArgs } from 'node:util';
import { showDeliveries } from './show-deliveries.js';
import { retryParkedEvent, showDue, showParked, showStream } from './show-facts.js';
import { CommandError, whereabouts } from './whereabouts.js';

const usage = `npm run show:deliveries [-- --once] [-- --json]    what is delivered to the host
npm run show:stream -- mailbox-<tenant>+<provider>   the facts of a stream, in plain words
npm run show:due                                     what will be asked for, and when
npm run show:parked                                  events that no projection or reactor could process
npm run retry:parked -- <id>                         process a parked event again, now

Looks at the embedded run, or at DATABASE_URL and NATS_URL.`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const {
  positionals: [command, argument],
  values,
} = parseArgs({
  allowPositionals: true,
  options: {
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function run(): Promise<void> {
  if (values.help || command === undefined) return say(usage);
  const where = await whereabouts();
  const { databaseUrl, natsUrl } = where;
  const list = (lines: string[], none: string): void => (lines.length > 0 ? lines : [none]).forEach(say);
  switch (command) {
    case 'deliveries': {
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort());
      return showDeliveries(natsUrl, say, {
        follow: !values.once,
        json: values.json,
        signal: interrupted.signal,
      });
    }
    case 'stream':
      if (!argument)
        throw new CommandError('Which stream? For example: npm run show:stream -- googleApp-acme');
      return list(await showStream(where, argument), `There is no stream ${argument}.`);
    case 'due':
      return list(await showDue(databaseUrl), 'Nothing is due.');
    case 'parked':
      return list(await showParked(databaseUrl), 'Nothing is parked.');
    case 'retry-parked':
      if (!argument) throw new CommandError('Which one? "npm run show:parked" lists the ids.');
      if (!(await retryParkedEvent(databaseUrl, argument)))
        throw new CommandError(`Nothing with the id ${argument} is parked.`);
      return say('It is tried again now; "npm run show:parked" tells whether it worked.');
    default:
      throw new CommandError(`There is no command "${command}".\n\n${usage}`);
  }
}

await run().catch((error: Error) => {
  process.stderr.write(`${error.message || String(error)}\n`);
  process.exitCode = 1;
});
