import type { DataSource, EntityManager } from 'typeorm';

export interface WhoseFactsChanged {
  providers: { tenantId: string; providerId: string }[];
  /** All of whose providers are concerned. */
  tenants: string[];
}

/** Has providers looked at as soon as what changed is committed. In one order, so that two who wake never wait for each other in a circle. */
export async function wakeLooks(
  manager: EntityManager,
  { providers, tenants }: WhoseFactsChanged,
): Promise<void> {
  if (providers.length === 0 && tenants.length === 0) return;
  await manager.query(
    `INSERT INTO provider_looks (tenant_id, provider_id, look_at)
     SELECT tenant_id, provider_id, '-infinity' FROM (
       SELECT * FROM unnest($1::text[], $2::text[]) AS given (tenant_id, provider_id)
       UNION
       SELECT tenant_id, provider_id FROM provider_statuses WHERE tenant_id = ANY ($3)
     ) AS concerned
     ORDER BY tenant_id, provider_id
     ON CONFLICT (tenant_id, provider_id) DO UPDATE SET look_at = excluded.look_at`,
    [providers.map(({ tenantId }) => tenantId), providers.map(({ providerId }) => providerId), tenants],
  );
}

/** Activity changes what is shown only where something was wrong, or begins to be. */
export async function wakeLooksAfterActivity(
  database: DataSource,
  active: { tenantId: string; providerId: string; parked?: number }[],
): Promise<void> {
  await database.query(
    `UPDATE provider_looks SET look_at = '-infinity'
      WHERE (tenant_id, provider_id) IN (
        SELECT looks.tenant_id, looks.provider_id
          FROM unnest($1::text[], $2::text[], $3::integer[]) AS active (tenant_id, provider_id, parked)
          JOIN provider_looks AS looks USING (tenant_id, provider_id)
         WHERE NOT looks.settled OR active.parked > 0
         ORDER BY looks.tenant_id, looks.provider_id
           FOR UPDATE OF looks)`,
    [
      active.map(({ tenantId }) => tenantId),
      active.map(({ providerId }) => providerId),
      active.map(({ parked }) => parked ?? 0),
    ],
  );
}
