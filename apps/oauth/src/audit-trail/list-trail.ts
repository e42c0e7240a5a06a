import type { DataSource } from 'typeorm';
import type { z } from 'zod';
import { ListAuditTrail, type TrailEntry, type TrailKind } from '#contracts/audit-trail';
import { accepted } from '#messaging/envelope';
import { answer, type Handler } from '#messaging/handler';

interface Row {
  id: string;
  at: Date;
  kind: TrailKind;
  provider_id: string | null;
  service: string | null;
  by: string;
  correlation_id: string | null;
  detail: Record<string, unknown>;
}

type Query = (sql: string, values: unknown[]) => Promise<Row[]>;

/** The latest page, newest last. */
export async function trailOf(
  query: Query,
  tenantId: string,
  { kind, providerId, by, from, until, limit, before }: z.infer<typeof ListAuditTrail.data>,
): Promise<z.infer<typeof ListAuditTrail.answer>> {
  const rows = await query(
    `SELECT id, at, kind, provider_id, service, by, correlation_id, detail FROM oauth.audit_trail
      WHERE tenant_id = $1 AND ($2::bigint IS NULL OR id < $2) AND ($3::text IS NULL OR kind = $3)
        AND ($4::text IS NULL OR provider_id = $4) AND ($5::text IS NULL OR by = $5)
        AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
      ORDER BY id DESC LIMIT $8`,
    [tenantId, before, kind, providerId, by, from, until, limit + 1],
  );
  const page = rows.slice(0, limit).reverse();
  return { trail: page.map(entryIn), earlier: rows.length > limit ? Number(page[0]!.id) : null };
}

const entryIn = ({ id, at, kind, service, by, detail, ...row }: Row): TrailEntry => ({
  id: Number(id),
  at: at.toISOString(),
  kind,
  providerId: row.provider_id,
  service,
  by,
  correlationId: row.correlation_id,
  detail,
});

export const listAuditTrail = (database: DataSource): Handler =>
  answer(ListAuditTrail, async (wish, { tenantId }) =>
    accepted(await trailOf((sql, values) => database.query(sql, values), tenantId, wish)),
  );
