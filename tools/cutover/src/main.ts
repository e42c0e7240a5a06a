import { readEmbeddedSettings } from '#configuration/configuration';
import { DataFolder } from '../../../apps/embedded/src/data-folder.js';
import { CutoverError } from './cutover-error.js';
import { runCutover } from './run-cutover.js';

const { env } = process;

/** NATS_URL when it is set, else the embedded run on this data folder. */
async function whereabouts(): Promise<{ natsUrl: string; baseUrl: string | null }> {
  const { natsUrl, dataDir } = readEmbeddedSettings();
  const baseUrl = env['BASE_URL'] ?? null;
  if (natsUrl) return { natsUrl, baseUrl };
  const running = await new DataFolder(dataDir).running();
  if (!running)
    throw new CutoverError(
      'trouble',
      `Nothing runs on ${dataDir}. Start it with "npm start", or set NATS_URL to where the services run. Nothing was written.`,
    );
  return { natsUrl: running.nats, baseUrl: baseUrl ?? running.gateway };
}

process.exitCode = await runCutover(process.argv.slice(2), {
  whereabouts,
  env,
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
});
