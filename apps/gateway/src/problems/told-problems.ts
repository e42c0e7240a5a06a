import type { EntityManager } from 'typeorm';
import type { ProviderId } from './provider-facts.js';
import type { Told } from './telling.decider.js';

interface Row extends ProviderId, Omit<Told, 'calendarId' | 'raisedAt' | 'absentSince' | 'clearedAt'> {
  calendarId: string;
  raisedAt: Date;
  absentSince: Date | null;
  clearedAt: Date | null;
}

export async function toldOf(
  manager: EntityManager,
  providers: ProviderId[],
): Promise<(ProviderId & { told: Told })[]> {
  const rows: Row[] = await manager.query(
    `SELECT tenant_id AS "tenantId", provider_id AS "providerId", calendar_id AS "calendarId", severity,
            problem_id AS "problemId", problem, raised_at AS "raisedAt", absent_since AS "absentSince",
            cleared_at AS "clearedAt", returns
       FROM told_problems JOIN unnest($1::text[], $2::text[]) AS wanted (tenant_id, provider_id)
         USING (tenant_id, provider_id)`,
    [providers.map(({ tenantId }) => tenantId), providers.map(({ providerId }) => providerId)],
  );
  return rows.map(({ tenantId, providerId, calendarId, raisedAt, absentSince, clearedAt, ...rest }) => ({
    tenantId,
    providerId,
    told: {
      ...rest,
      calendarId: calendarId === '' ? null : calendarId,
      raisedAt: raisedAt.toISOString(),
      absentSince: absentSince?.toISOString() ?? null,
      clearedAt: clearedAt?.toISOString() ?? null,
    },
  }));
}

/** What was told of these providers is from now on this, and nothing else. */
export async function replaceTold(
  manager: EntityManager,
  providers: ProviderId[],
  known: (ProviderId & { told: Told })[],
): Promise<void> {
  await manager.query(
    `DELETE FROM told_problems
      WHERE (tenant_id, provider_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [providers.map(({ tenantId }) => tenantId), providers.map(({ providerId }) => providerId)],
  );
  if (known.length === 0) return;
  const rows = known.map(({ tenantId, providerId, told }) => ({
    ...told,
    tenantId,
    providerId,
    calendarId: told.calendarId ?? '',
    code: told.problem.code,
  }));
  await manager.query(
    `INSERT INTO told_problems (tenant_id, provider_id, calendar_id, code, severity, problem_id, problem, raised_at,
                                absent_since, cleared_at, returns)
     SELECT "tenantId", "providerId", "calendarId", code, severity, "problemId", problem, "raisedAt",
            "absentSince", "clearedAt", returns
       FROM jsonb_to_recordset($1::jsonb)
            AS r("tenantId" text, "providerId" text, "calendarId" text, code text, severity text, "problemId" uuid,
                 problem jsonb, "raisedAt" timestamptz, "absentSince" timestamptz, "clearedAt" timestamptz,
                 returns integer)`,
    [JSON.stringify(rows)],
  );
}
