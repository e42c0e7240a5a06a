import type { KeyObject } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { newKey, seal, unseal } from './envelope.js';
import type { KeyRing, WrappedDataKey } from './key-ring.js';
import { isSecretKey, type SecretKey } from './secret-keys.js';
import { SecretsError } from './secrets-error.js';
import { SecretsProvider, type SecretStore } from './secrets-provider.js';

/**
 * Keeps secrets in PostgreSQL, sealed by a data key per tenant, which is itself wrapped by the key ring's keys.
 * The database, from openSecretsDatabase, stays the caller's to close.
 */
export function postgresSecrets(database: DataSource, ring: KeyRing): SecretsProvider {
  return new SecretsProvider(new PostgresStore(database, ring));
}

class PostgresStore implements SecretStore {
  readonly #database: DataSource;
  readonly #ring: KeyRing;

  constructor(database: DataSource, ring: KeyRing) {
    this.#database = database;
    this.#ring = ring;
  }

  async read(tenantId: string, keys: readonly SecretKey[]): Promise<ReadonlyMap<SecretKey, string>> {
    // One statement, hence one snapshot: never an id of before with a secret of after.
    const rows = await this.#database.query<{ kind: 'secret' | 'data key'; name: string; sealed: Buffer }[]>(
      `select 'data key' as kind, wrapping_key_id as name, wrapped as sealed
         from secrets.wrapped_data_keys where tenant_id = $1
       union all
       select 'secret', key, sealed from secrets.tenant_secrets where tenant_id = $1 and key = any($2)`,
      [tenantId, keys],
    );
    const secrets = rows.filter(({ kind }) => kind === 'secret');
    if (secrets.length === 0) return new Map();
    const copies = rows
      .filter(({ kind }) => kind === 'data key')
      .map(({ name, sealed }) => ({ wrappingKeyId: name, wrapped: sealed }));
    const dataKey = this.#unwrap(tenantId, copies);
    const values = new Map<SecretKey, string>();
    for (const { name, sealed } of secrets) {
      const content = unseal(dataKey, ['secret', tenantId, name], sealed);
      if (!content) throw new SecretsError({ code: 'secrets.unreadable', tenantId, what: name });
      values.set(name as SecretKey, content.toString());
    }
    return values;
  }

  async change(tenantId: string, changes: ReadonlyMap<SecretKey, string | null>): Promise<void> {
    const set = [...changes].filter((change): change is [SecretKey, string] => change[1] !== null);
    const gone = [...changes.keys()].filter((key) => changes.get(key) === null);
    await this.#database.transaction(async (transaction) => {
      if (set.length > 0)
        await transaction.query(
          'insert into secrets.data_keys (tenant_id) values ($1) on conflict do nothing',
          [tenantId],
        );
      await transaction.query('select from secrets.data_keys where tenant_id = $1 for update', [tenantId]);
      if (gone.length > 0)
        await transaction.query('delete from secrets.tenant_secrets where tenant_id = $1 and key = any($2)', [
          tenantId,
          gone,
        ]);
      if (set.length > 0) await this.#put(transaction, tenantId, set);
    });
  }

  async list(tenantId: string): Promise<readonly SecretKey[]> {
    const rows = await this.#database.query<{ key: string }[]>(
      'select key from secrets.tenant_secrets where tenant_id = $1',
      [tenantId],
    );
    return rows.map(({ key }) => key).filter(isSecretKey);
  }

  async #put(
    transaction: EntityManager,
    tenantId: string,
    values: readonly (readonly [SecretKey, string])[],
  ): Promise<void> {
    const dataKey = await this.#dataKeyForWriting(transaction, tenantId);
    await transaction.query(
      `insert into secrets.tenant_secrets (tenant_id, key, sealed)
       select $1, * from unnest($2::text[], $3::bytea[])
       on conflict (tenant_id, key) do update set sealed = excluded.sealed`,
      [
        tenantId,
        values.map(([key]) => key),
        values.map(([key, value]) => seal(dataKey, ['secret', tenantId, key], Buffer.from(value))),
      ],
    );
  }

  async #dataKeyForWriting(transaction: EntityManager, tenantId: string): Promise<KeyObject> {
    const rows = await transaction.query<WrappedDataKey[]>(
      'select wrapping_key_id as "wrappingKeyId", wrapped from secrets.wrapped_data_keys where tenant_id = $1',
      [tenantId],
    );
    if (rows.length > 0) return this.#unwrap(tenantId, rows);
    const dataKey = newKey();
    // For every key of the ring, so that replicas which do not have the current one yet can read it too.
    const copies = this.#ring.wrapWithAll(tenantId, dataKey);
    await transaction.query(
      `insert into secrets.wrapped_data_keys (tenant_id, wrapping_key_id, wrapped)
       select $1, * from unnest($2::text[], $3::bytea[])`,
      [tenantId, copies.map(({ wrappingKeyId }) => wrappingKeyId), copies.map(({ wrapped }) => wrapped)],
    );
    return dataKey;
  }

  #unwrap(tenantId: string, copies: readonly WrappedDataKey[]): KeyObject {
    const dataKey = this.#ring.unwrap(tenantId, copies);
    if (dataKey instanceof SecretsError) throw dataKey;
    return dataKey;
  }
}
