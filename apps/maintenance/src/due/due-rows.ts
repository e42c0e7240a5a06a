import type { DataSource } from 'typeorm';
import { hours } from '#time/clock';
import type { DueRow } from './ask-for-due-work.js';

/** So many lines are read at once. */
export const window = 1_000;
/** Of what protects something and of what does not, each, of one tenant at once. */
const ofTenantAtOnce = 4;
/** What ends so soon is looked for over all tenants, before their turn. */
const pressing = hours(1);
const pressingAtOnce = 200;

const columns = `due.tenant_id, due.provider_id, due.subject, due.command, due.due_at, due.deadline, due.every_ms, due.attempts,
  due.cause, due.revision, (SELECT project_id FROM google_projects WHERE tenant_id = due.tenant_id)`;

/**
 * Looks through what is due, a portion at a time. When all of it fits into one portion, that is a range of one index. Else
 * tenant after tenant is visited with its most urgent lines, so that nobody's mass hides another's single line, and what ends
 * within the hour comes with each portion.
 */
export class DueRows {
  private lastVisited = '';

  constructor(private readonly database: DataSource) {}

  /** The next portion; `complete` once every tenant had its visit since the last time that it was. */
  async next(now: Date): Promise<{ rows: DueRow[]; complete: boolean }> {
    if (this.lastVisited === '') {
      const [{ due }]: [{ due: number }] = await this.database.query(
        'SELECT count(*)::int AS due FROM (SELECT FROM due_work WHERE due_at <= $1 LIMIT $2) AS found',
        [now, window + 1],
      );
      if (due === 0) return { rows: [], complete: true };
      if (due <= window) return { rows: await this.earliest(now), complete: true };
    }
    const { rows, visited } = await this.visits(now);
    this.lastVisited = visited ?? '';
    return { rows: [...(await this.ending(now)), ...rows], complete: visited === null };
  }

  private earliest(now: Date): Promise<DueRow[]> {
    return this.database.query(
      `SELECT ${columns} FROM due_work AS due WHERE due.due_at <= $1 ORDER BY due.due_at LIMIT $2`,
      [now, window],
    );
  }

  /** A deadline that passed long ago is as lost in a minute as it is now. */
  private ending(now: Date): Promise<DueRow[]> {
    const near = (ms: number): Date => new Date(now.getTime() + ms);
    return this.database.query(
      `SELECT ${columns} FROM due_work AS due
        WHERE due.deadline BETWEEN $2 AND $3 AND due.due_at <= $1 ORDER BY due.deadline LIMIT $4`,
      [now, near(-pressing), near(pressing), pressingAtOnce],
    );
  }

  /** Walks so many tenants by the primary key, or as many as fill the portion; `visited` is null after the last of all. */
  private async visits(now: Date): Promise<{ rows: DueRow[]; visited: string | null }> {
    const urgent = (which: string): string =>
      `(SELECT * FROM due_work WHERE tenant_id = tenants.tenant_id AND due_at <= $1 AND deadline ${which}
         ORDER BY due_at LIMIT ${ofTenantAtOnce})`;
    // The lateral join leaves no other order than that of the walk.
    const lines: (DueRow & { walked_to: string | null; walked: number })[] = await this.database.query(
      `WITH RECURSIVE tenants AS (
         (SELECT tenant_id, 1 AS n FROM due_work WHERE tenant_id > $2 ORDER BY tenant_id LIMIT 1)
         UNION ALL
         SELECT following.tenant_id, n + 1 FROM tenants CROSS JOIN LATERAL
           (SELECT tenant_id FROM due_work WHERE tenant_id > tenants.tenant_id ORDER BY tenant_id LIMIT 1) AS following
          WHERE n < $3
       )
       SELECT walk.*, found.*
         FROM (SELECT max(tenant_id) AS walked_to, count(*)::int AS walked FROM tenants) AS walk
         LEFT JOIN (
           SELECT ${columns} FROM tenants
            CROSS JOIN LATERAL (${urgent('IS NOT NULL')} UNION ALL ${urgent('IS NULL')}) AS due LIMIT $3
         ) AS found ON true`,
      [now, this.lastVisited, window],
    );
    const rows = lines.filter(({ due_at }) => due_at !== null);
    if (rows.length === window) return { rows, visited: rows.at(-1)!.tenant_id };
    const { walked, walked_to } = lines[0]!;
    return { rows, visited: walked < window ? null : walked_to };
  }
}

/** How many lines of a backlog are counted; beyond, the number only says that there are more. */
export const mostCounted = 100_000;

/** How much is due and since when, for whoever watches over it. */
export async function dueBacklog(
  database: DataSource,
  now: Date,
): Promise<{ due: number; oldestDueAt: Date | null }> {
  const [backlog]: [{ due: number; oldestDueAt: Date | null }] = await database.query(
    `SELECT count(*)::int AS due, min(due_at) AS "oldestDueAt"
       FROM (SELECT due_at FROM due_work WHERE due_at <= $1 ORDER BY due_at LIMIT $2) AS overdue`,
    [now, mostCounted],
  );
  return backlog;
}
