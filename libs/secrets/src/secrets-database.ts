import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { openDatabase } from '#database/database';

// data_keys holds no key: its row is what writers of one tenant's secrets take turns on.
// A data key may be wrapped by several keys at a time, so that replicas with different rings all can read.
class CreateSecrets1764000000000 implements MigrationInterface {
  readonly name = 'CreateSecrets1764000000000';

  async up(database: QueryRunner): Promise<void> {
    await database.query(`
      create table secrets.data_keys (
        tenant_id text primary key
      );
      create table secrets.wrapped_data_keys (
        tenant_id       text  not null references secrets.data_keys on delete cascade,
        wrapping_key_id text  not null,
        wrapped         bytea not null,
        primary key (tenant_id, wrapping_key_id)
      );
      create table secrets.tenant_secrets (
        tenant_id text  not null references secrets.data_keys on delete cascade,
        key       text  not null,
        sealed    bytea not null,
        primary key (tenant_id, key)
      );
`);
  }

  async down(): Promise<void> {
    throw new Error(
      'Secrets are not dropped by going back: drop the schema "secrets" by hand, if that is meant.',
    );
  }
}

/** The pool of the schema `secrets`, migrated. Rejects with a DatabaseError that names the remedy. */
export function openSecretsDatabase(options: { url: string; poolSize: number }): Promise<DataSource> {
  return openDatabase({
    ...options,
    schema: 'secrets',
    entities: [],
    migrations: [CreateSecrets1764000000000],
  });
}
