import type { DataSource } from 'typeorm';
import { preparedRead } from '#database/prepared-read';
import { deriveStatus, type Facets } from './derive-status.js';
import type { MailboxFacet } from './mailbox-facet.js';
import type { ProviderStatus } from './provider-status.js';

/** A provider with its own settings and how it is at this moment. */
export interface ProviderWithStatus {
  providerId: string;
  mailbox: MailboxFacet;
  status: ProviderStatus;
}

interface Row extends Omit<Facets, 'activity'> {
  providerId: string;
  lastPushAt: Date | null;
  lastSyncAt: Date | null;
  parked: number | null;
}

const selection = `
  SELECT p.provider_id AS "providerId", p.mailbox, p.grant_state AS "grant", t.app, t.topic,
         a.last_push_at AS "lastPushAt", a.last_sync_at AS "lastSyncAt", a.parked
    FROM provider_statuses p
    LEFT JOIN tenant_statuses t ON t.tenant_id = p.tenant_id
    LEFT JOIN provider_activity a ON a.tenant_id = p.tenant_id AND a.provider_id = p.provider_id
   WHERE p.tenant_id = $1 AND p.mailbox IS NOT NULL AND NOT (p.mailbox ->> 'removed')::boolean`;

/** One read by primary keys. Null: the tenant has no such provider, or has it no more. */
export async function statusOfProvider(
  database: DataSource,
  tenantId: string,
  providerId: string,
  now: Date,
): Promise<ProviderWithStatus | null> {
  const text = `${selection} AND p.provider_id = $2`;
  const rows = await preparedRead<Row>(database, 'status-of-provider', text, [tenantId, providerId]);
  return rows[0] ? shown(rows[0], now) : null;
}

/** In the order in which they were added. */
export async function statusesOfTenant(
  database: DataSource,
  tenantId: string,
  now: Date,
): Promise<ProviderWithStatus[]> {
  const rows: Row[] = await database.query(`${selection} ORDER BY p.mailbox ->> 'addedAt', p.provider_id`, [
    tenantId,
  ]);
  return rows.map((row) => shown(row, now));
}

function shown({ providerId, mailbox, grant, app, topic, ...lately }: Row, now: Date): ProviderWithStatus {
  const { lastPushAt, lastSyncAt, parked } = lately;
  const activity =
    parked === null
      ? null
      : {
          lastPushAt: lastPushAt?.toISOString() ?? null,
          lastSyncAt: lastSyncAt?.toISOString() ?? null,
          parked,
        };
  return { providerId, mailbox, status: deriveStatus({ mailbox, grant, app, topic, activity }, now) };
}
