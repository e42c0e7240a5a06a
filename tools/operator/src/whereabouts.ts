import { readEmbeddedSettings } from '#configuration/configuration';
import { DataFolder } from '../../../apps/embedded/src/data-folder.js';

/** A sentence for whoever typed the command. */
export class CommandError extends Error {
  override name = 'CommandError';
}

export interface Whereabouts {
  databaseUrl: string;
  natsUrl: string;
  /** Where the events are, if not in the database. */
  eventStoreDbUrl?: string;
}

/** DATABASE_URL and NATS_URL when they are set, else the embedded run on this data folder. */
export async function whereabouts(): Promise<Whereabouts> {
  const { databaseUrl, natsUrl, dataDir, eventStoreDbUrl } = readEmbeddedSettings();
  const events = eventStoreDbUrl ? { eventStoreDbUrl } : {};
  if (databaseUrl && natsUrl) return { databaseUrl, natsUrl, ...events };
  const running = await new DataFolder(dataDir).running();
  if (!running) {
    throw new CommandError(
      `Nothing runs on ${dataDir}. Start it with "npm start", or set DATABASE_URL and NATS_URL to where the services run.`,
    );
  }
  return { databaseUrl: databaseUrl ?? running.postgres, natsUrl: natsUrl ?? running.nats, ...events };
}
