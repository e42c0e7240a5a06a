import { readEmbeddedSettings } from '#configuration/configuration';
import { systemClock } from '#time/clock';
import { seedFirstTenant } from './first-tenant.js';
import { sentenceOf } from './sentence-of.js';
import { startEmbedded, type Embedded } from './start-embedded.js';
import { welcome } from './welcome.js';

const begun = performance.now();
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

let embedded: Embedded | undefined;
let ending: Promise<void> | undefined;

/** Ends in order; asked a second time, at once. */
function end(exitCode: number): void {
  if (ending) process.exit(1);
  say('\nStopping …');
  ending = (embedded?.close() ?? Promise.resolve()).then(
    () => {
      say('Stopped. Everything is kept for the next start.');
      process.exit(exitCode);
    },
    (error: Error) => {
      process.stderr.write(`Stopping failed: ${error.message}\n`);
      process.exit(1);
    },
  );
}

try {
  const settings = readEmbeddedSettings();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(0));
  embedded = await startEmbedded({
    ...settings,
    clock: systemClock,
    say,
    onFailure: (error) => {
      process.stderr.write(`A part of the service failed: ${error.message}. See the log.\n`);
      end(1);
    },
  });
  const tenant = await seedFirstTenant(embedded);
  say(welcome(embedded, tenant, { readyInMs: performance.now() - begun }));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(1);
}
