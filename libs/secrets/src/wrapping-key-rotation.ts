import type { DataSource, EntityManager } from 'typeorm';
import type { KeyRing, WrappedDataKey } from './key-ring.js';
import { SecretsError } from './secrets-error.js';

const defaultBatch = 500;

export interface Rewrapping {
  /** Tenants whose data key the ring's current key can open now and could not before. */
  readonly rewrapped: number;
  /** Tenants whose data key this ring cannot open at all, with the reason. They are left as they are. */
  readonly unreadable: readonly SecretsError['failure'][];
}

/**
 * Gives every tenant a copy of its data key that the ring's current key opens. The copies by older keys stay, so
 * replicas that do not have the current key yet go on reading. Can be stopped and run again at any moment.
 */
export async function rewrapDataKeys(
  database: DataSource,
  ring: KeyRing,
  batch = defaultBatch,
): Promise<Rewrapping> {
  let rewrapped = 0;
  const unreadable: SecretsError['failure'][] = [];
  const pages = tenantsInPages(database, batch, ring.currentId, 'not exists');
  for await (const tenantIds of pages) {
    const copies = await copiesOf(database, tenantIds);
    const added: { tenantId: string; wrapped: Buffer }[] = [];
    for (const tenantId of tenantIds) {
      const dataKey = ring.unwrap(tenantId, copies.get(tenantId) ?? []);
      if (dataKey instanceof SecretsError) unreadable.push(dataKey.failure);
      else added.push({ tenantId, wrapped: ring.wrapWithCurrent(tenantId, dataKey).wrapped });
    }
    const inserted = await database.query<unknown[]>(
      `insert into secrets.wrapped_data_keys (wrapping_key_id, tenant_id, wrapped)
       select $1, * from unnest($2::text[], $3::bytea[])
       on conflict do nothing
       returning tenant_id`,
      [ring.currentId, added.map(({ tenantId }) => tenantId), added.map(({ wrapped }) => wrapped)],
    );
    rewrapped += inserted.length;
  }
  return { rewrapped, unreadable };
}

export interface Retirement {
  /** Copies by the retired key that were removed. */
  readonly removed: number;
  /** Tenants whose data key the current key does not open yet: their copy stays. Rewrap, then retire again. */
  readonly stillNeededBy: number;
}

/**
 * Removes the copies of data keys that a former key wrapped, after which that key can leave every ring. A copy goes
 * only when the ring's current key was seen to open the same tenant's data key; the current key is never retired.
 */
export async function retireWrappingKey(
  database: DataSource,
  ring: KeyRing,
  wrappingKeyId: string,
  batch = defaultBatch,
): Promise<Retirement> {
  let removed = 0;
  let stillNeededBy = 0;
  for await (const tenantIds of tenantsInPages(database, batch, wrappingKeyId, 'exists')) {
    const removedHere = await database.transaction(async (transaction) => {
      // Two rings that retire each other's current key take turns here, and the second finds its own gone.
      await transaction.query(
        'select from secrets.data_keys where tenant_id = any($1) order by tenant_id for update',
        [tenantIds],
      );
      const copies = await copiesOf(transaction, tenantIds);
      const free = tenantIds.filter((tenantId) => {
        const current = (copies.get(tenantId) ?? []).filter((copy) => copy.wrappingKeyId === ring.currentId);
        return wrappingKeyId !== ring.currentId && !(ring.unwrap(tenantId, current) instanceof SecretsError);
      });
      await transaction.query(
        'delete from secrets.wrapped_data_keys where wrapping_key_id = $1 and tenant_id = any($2)',
        [wrappingKeyId, free],
      );
      return free.length;
    });
    removed += removedHere;
    stillNeededBy += tenantIds.length - removedHere;
  }
  return { removed, stillNeededBy };
}

async function* tenantsInPages(
  database: DataSource,
  size: number,
  wrappingKeyId: string,
  copy: 'exists' | 'not exists',
): AsyncGenerator<readonly string[]> {
  let after = '';
  for (;;) {
    const rows = await database.query<{ tenant_id: string }[]>(
      `select tenant_id from secrets.data_keys d
        where tenant_id > $1
          and ${copy} (select from secrets.wrapped_data_keys w
                        where w.tenant_id = d.tenant_id and w.wrapping_key_id = $2)
        order by tenant_id limit $3`,
      [after, wrappingKeyId, size],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(({ tenant_id }) => tenant_id);
    after = last.tenant_id;
  }
}

async function copiesOf(
  database: DataSource | EntityManager,
  tenantIds: readonly string[],
): Promise<Map<string, WrappedDataKey[]>> {
  const rows = await database.query<(WrappedDataKey & { tenantId: string })[]>(
    `select tenant_id as "tenantId", wrapping_key_id as "wrappingKeyId", wrapped
       from secrets.wrapped_data_keys where tenant_id = any($1)`,
    [tenantIds],
  );
  return Map.groupBy(rows, ({ tenantId }) => tenantId);
}
