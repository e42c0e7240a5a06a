import type pg from 'pg';

// data_keys holds no key: its row is what writers of one tenant's secrets take turns on.
// A data key may be wrapped by several keys at a time, so that replicas with different rings all can read.
const secretsSchema = `
  create schema if not exists secrets;
  create table if not exists secrets.data_keys (
    tenant_id text primary key
  );
  create table if not exists secrets.wrapped_data_keys (
    tenant_id       text  not null references secrets.data_keys on delete cascade,
    wrapping_key_id text  not null,
    wrapped         bytea not null,
    primary key (tenant_id, wrapping_key_id)
  );
  create table if not exists secrets.tenant_secrets (
    tenant_id text  not null references secrets.data_keys on delete cascade,
    key       text  not null,
    sealed    bytea not null,
    primary key (tenant_id, key)
  );
`;

// "if not exists" alone still collides when two replicas start at the same moment.
const takeTurns = `select pg_advisory_xact_lock(hashtextextended('tenant-google secrets schema', 0))`;

/** Creates what is missing of the schema `secrets`; any number of replicas may do so at once. */
export async function createSecretsSchema(pool: pg.Pool): Promise<void> {
  // Statements sent in one text are one transaction.
  await pool.query(`${takeTurns}; ${secretsSchema}`);
}
