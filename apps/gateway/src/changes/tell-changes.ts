import type { DataSource, EntityManager } from 'typeorm';
import type { Change } from './listeners.js';

/** Of the gateway's database; another installation has another database. */
export const changeChannel = 'gateway_changes';

/**
 * Tells every gateway whose status was written, at the commit of the writer's transaction. These few transactions only carry notices, never an
 * append of events. Tables that are being rebuilt beside those that are read tell nothing.
 */
export async function tellChanges(writer: EntityManager | DataSource, changes: Change[]): Promise<void> {
  await writer.query(
    `SELECT pg_notify('${changeChannel}', told) FROM unnest($1::text[]) AS told WHERE current_schema() = 'gateway'`,
    [changes.map(({ tenantId, providerId }) => JSON.stringify({ tenantId, providerId }))],
  );
}
