import pg from 'pg';
import type { DataSource } from 'typeorm';
import { DatabaseError } from './database-error.js';

/** Creates the schema, initialises the pool and brings the tables up to date, while all other starters of the same schema wait. */
export async function migrate(
  database: DataSource,
  { url, schema }: { url: string; schema: string },
): Promise<void> {
  if (!/^[a-z][a-z0-9_]*$/.test(schema))
    throw new RangeError(`"${schema}" is not a schema name in snake_case.`);
  const gatekeeper = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  gatekeeper.on('error', () => {});
  await gatekeeper.connect();
  try {
    await gatekeeper.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`migrations of ${schema}`]);
    const { rows } = await gatekeeper.query('SELECT to_regnamespace($1) AS existing', [schema]);
    if (rows[0].existing === null) await gatekeeper.query(`CREATE SCHEMA ${schema}`);
    await database.initialize();
    await assertNotNewer(gatekeeper, database, schema);
    await database.runMigrations();
  } finally {
    await gatekeeper.end();
  }
}

/** Old code on a new schema would write rows that the new code no longer understands. */
async function assertNotNewer(gatekeeper: pg.Client, database: DataSource, schema: string): Promise<void> {
  const { rows: tables } = await gatekeeper.query('SELECT to_regclass($1) AS existing', [
    `${schema}.migrations`,
  ]);
  if (tables[0].existing === null) return;
  const { rows } = await gatekeeper.query<{ name: string }>(
    `SELECT name FROM ${schema}.migrations ORDER BY id`,
  );
  const known = new Set(database.migrations.map((migration) => migration.name ?? migration.constructor.name));
  const unknown = rows.map(({ name }) => name).filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new DatabaseError(
      'database.newer-than-code',
      `The schema "${schema}" was migrated by a newer version (${unknown.join(', ')}). Start that version or a later one, or restore a backup from before the upgrade.`,
    );
}
