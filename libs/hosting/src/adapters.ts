import { AuthorizationError, connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { ConfigurationError, type Configuration } from '#configuration/configuration';
import { openDatabase } from '#database/database';
import { eventContract, upcast } from '#contracts/event-versions';
import { ChainedEventStore } from '#event-sourcing/chain/chained-event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { EventStoreDbEventStore } from '#event-sourcing/eventstoredb/eventstoredb-event-store';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { categoryOf } from '#event-sourcing/stream-name';
import { VersionedEventStore } from '#event-sourcing/versioned-event-store';
import type { JobRunner } from '#jobs/job-runner';
import { PgBossJobRunner } from '#jobs/pg-boss-job-runner';
import type { Locks } from '#locks/locks';
import { PostgresLocks } from '#locks/postgres-locks';
import type { Logger } from '#logging/logger';
import { inboxOf, natsServers } from '#messaging/nats-servers';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { fileSecrets } from '#secrets/file-secrets';
import { KeyRing } from '#secrets/key-ring';
import { memorySecrets } from '#secrets/memory-secrets';
import { postgresSecrets } from '#secrets/postgres-secrets';
import { openSecretsDatabase } from '#secrets/secrets-database';
import type { SecretsProvider } from '#secrets/secrets-provider';
import type { KeptEvents, ServiceDefinition } from './service.js';

/** Something opened that has to be closed again, in the reverse order of opening. */
export type Closing = (close: () => Promise<unknown>) => void;

/** How many mailboxes, grants and other keys one service may hold locked at once. */
const lockConnections = 16;

/** The one file that chooses adapters. */
export async function openDatabaseOf(
  service: ServiceDefinition,
  { database }: Configuration,
  closing: Closing,
): Promise<DataSource> {
  const opened = await openDatabase({
    url: database.url,
    schema: service.name,
    entities: service.entities,
    migrations: [ProcessorTables1760000000000, ...service.migrations],
    poolSize: database.poolSize,
  });
  closing(() => opened.destroy());
  return opened;
}

export async function openEventStore(
  { database, eventStore }: Configuration,
  logger: Logger,
  closing: Closing,
): Promise<{ store: EventStore; keptEvents: KeptEvents }> {
  const warn = (sentence: string): void => logger.warn(sentence);
  const store =
    eventStore.kind === 'eventstoredb'
      ? await openEventStoreDb(eventStore.url, warn)
      : await PostgresEventStore.open({ url: database.url, poolSize: database.poolSize, warn });
  closing(() => store.close());
  return { store: asServicesSee(store), keptEvents: store };
}

/** Around either adapter: the chain of hashes, and every event in the present shape. */
export const asServicesSee = (kept: EventStore): EventStore =>
  new VersionedEventStore(new ChainedEventStore(kept), {
    present: (stream, type) => eventContract(categoryOf(stream), type)?.version ?? 1,
    upcast: (stream, type, data, from) => {
      const contract = eventContract(categoryOf(stream), type);
      return contract ? upcast(contract, data, from) : data;
    },
  });

const openEventStoreDb = (url: string, warn: (sentence: string) => void): Promise<EventStore> =>
  EventStoreDbEventStore.open({ url, warn }).catch((error: Error) => {
    const fault = error instanceof RangeError ? error.message : `cannot be used: ${error.message}`;
    throw new ConfigurationError([{ setting: 'EVENTSTOREDB_URL', fault: fault.replace(/\.$/, '') }]);
  });

export async function openNats(natsUrl: string, name: string, closing: Closing): Promise<NatsConnection> {
  const nats = await connect({
    ...natsServers(natsUrl),
    name,
    maxReconnectAttempts: -1,
    inboxPrefix: inboxOf(name),
  }).catch((error: Error) => {
    throw new ConfigurationError([natsFault(natsUrl, error)]);
  });
  closing(() => nats.close());
  return nats;
}

function natsFault(natsUrl: string, error: Error): { setting: string; fault: string } {
  const { servers, user } = natsServers(natsUrl);
  if (error instanceof AuthorizationError)
    return {
      setting: user ? 'NATS_PASSWORD' : 'NATS_USER',
      fault: user
        ? `is not what NATS knows for the user ${user}: correct it`
        : 'is missing: NATS wants a user',
    };
  const hosts = servers.map((server) => new URL(server).host).join(', ');
  return {
    setting: 'NATS_URL',
    fault: `names ${hosts}, where no NATS server answers (${error.message}): start one, or correct the address`,
  };
}

export function openLocks({ database }: Configuration, logger: Logger, closing: Closing): Locks {
  const pool = new pg.Pool({
    connectionString: database.url,
    max: lockConnections,
    keepAlive: true,
    application_name: 'locks',
    connectionTimeoutMillis: 30_000,
  });
  pool.on('error', (error) => {
    if (!pool.ending) logger.warn(`A connection for locks broke: ${error.message}`);
  });
  closing(() => pool.end());
  return new PostgresLocks(pool);
}

export function openJobs({ database }: Configuration, logger: Logger, closing: Closing): JobRunner {
  const runner = new PgBossJobRunner({ url: database.url, warn: (sentence) => logger.warn(sentence) });
  closing(() => runner.close());
  return runner;
}

export async function openSecrets(
  service: ServiceDefinition,
  { secrets, database }: Configuration,
  closing: Closing,
): Promise<SecretsProvider> {
  // A service that has no business with secrets gets an empty box of its own.
  if (!service.mayUseSecrets) return memorySecrets();
  if (secrets.kind === 'files') return fileSecrets(secrets.basePath);
  const ring = KeyRing.parse(secrets.keyRing);
  if (!(ring instanceof KeyRing)) {
    const entry = 'position' in ring ? ` at entry ${ring.position}` : '';
    throw new ConfigurationError([
      {
        setting: 'SECRETS_KEY_RING',
        fault: `cannot be used (${ring.code}${entry}): it reads k2:<base64>,k1:<base64>, each key 32 random bytes, the current one first`,
      },
    ]);
  }
  const opened = await openSecretsDatabase({ url: database.url, poolSize: 4 });
  closing(() => opened.destroy());
  return postgresSecrets(opened, ring);
}
