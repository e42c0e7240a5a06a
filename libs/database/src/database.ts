import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { explainConnectError } from './database-error.js';
import { migrate } from './migrating.js';

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database` */
  url: string;
  /** The service's own; raw SQL without a schema goes there too. */
  schema: string;
  entities: (EntitySchema | (new () => unknown))[];
  /** In the order of their names' timestamps. */
  migrations: (new () => MigrationInterface)[];
  poolSize: number;
}

/**
 * A pool on the service's schema with everything migrated. Services and replicas may open at the same time.
 * Rejects with a DatabaseError, a sentence with its remedy, when it cannot be used.
 */
export async function openDatabase(options: DatabaseOptions): Promise<DataSource> {
  const { url, schema, entities, migrations, poolSize } = options;
  const database = new DataSource({
    type: 'postgres',
    url,
    schema,
    entities,
    migrations,
    poolSize,
    applicationName: schema,
    connectTimeoutMS: 10_000,
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    // The pool replaces a broken idle connection; whoever asks next gets a new one, or the error.
    poolErrorHandler: () => {},
    // A forgotten open transaction would hold back all subscriptions to the event store.
    extra: { options: `-c search_path=${schema} -c idle_in_transaction_session_timeout=60000` },
  });
  try {
    await migrate(database, { url, schema });
  } catch (error) {
    if (database.isInitialized) await database.destroy();
    throw explainConnectError(error, url);
  }
  return database;
}
