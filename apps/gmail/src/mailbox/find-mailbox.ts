import type { EntityManager } from 'typeorm';
import type { MailboxFilter } from '#contracts/gmail';

/** A mailbox as the work of the gmail service sees it; a moment behind its history. */
export interface FoundMailbox {
  tenantId: string;
  providerId: string;
  name: string;
  /** In lower case. */
  address: string;
  status: 'unwatched' | 'watched' | 'disconnected';
  /** A permission is there that was given after the last disconnection. */
  connected: boolean;
  paused: boolean;
  labels: string[];
  include: MailboxFilter['include'];
  /** What a message needs one of. Empty: nothing. Null: not known yet, and nothing may be taken. */
  labelIds: string[] | null;
  watchExpiresAt: Date | null;
  proven: boolean;
}

interface Row {
  tenant_id: string;
  provider_id: string;
  name: string;
  address: string;
  status: FoundMailbox['status'];
  connected: boolean;
  paused: string | null;
  labels: string[];
  include: MailboxFilter['include'];
  label_ids: string[] | null;
  watch_expires_at: Date | null;
  proven: boolean;
}

const found = (row: Row): FoundMailbox => ({
  tenantId: row.tenant_id,
  providerId: row.provider_id,
  name: row.name,
  address: row.address,
  status: row.status,
  connected: row.connected,
  paused: row.paused !== null,
  labels: row.labels,
  include: row.include,
  labelIds: row.label_ids,
  watchExpiresAt: row.watch_expires_at,
  proven: row.proven,
});

const select = `SELECT *, authorized_at IS NOT NULL
                       AND authorized_at > coalesce(disconnected_at, '-infinity') AS connected
                  FROM mailboxes`;

type Database = Pick<EntityManager, 'query'>;

/** @param address in any case */
export async function findMailboxByAddress(
  database: Database,
  tenantId: string,
  address: string,
): Promise<FoundMailbox | null> {
  const rows: Row[] = await database.query(`${select} WHERE tenant_id = $1 AND address = $2`, [
    tenantId,
    address.toLowerCase(),
  ]);
  return rows[0] ? found(rows[0]) : null;
}

export async function findMailbox(
  database: Database,
  { tenantId, providerId }: { tenantId: string; providerId: string },
): Promise<FoundMailbox | null> {
  const rows: Row[] = await database.query(`${select} WHERE tenant_id = $1 AND provider_id = $2`, [
    tenantId,
    providerId,
  ]);
  return rows[0] ? found(rows[0]) : null;
}

export async function mailboxesOf(database: Database, tenantId: string): Promise<FoundMailbox[]> {
  const rows: Row[] = await database.query(`${select} WHERE tenant_id = $1 ORDER BY provider_id`, [tenantId]);
  return rows.map(found);
}
