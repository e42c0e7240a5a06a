import type { DataSource, EntityManager } from 'typeorm';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { afterFailure, type Failure } from './backoff.js';

export interface ParkedEvent {
  id: string;
  tenantId: string;
  processor: string;
  stream: string;
  revision: number;
  eventId: string;
  type: string;
  /** `retrying`: asked again in moments. `parked`: given up for now, asked again at longer intervals. `held`: waits behind an earlier event of its stream. */
  status: 'retrying' | 'parked' | 'held';
  reason: string;
  attempts: number;
  since: Date;
  /** Null for a held one: it goes when the one before it has gone. */
  dueAt: Date | null;
}

const columns = `id, tenant_id AS "tenantId", processor, stream, revision, event_id AS "eventId", type, status, reason, attempts, since, due_at AS "dueAt"`;

/** What could not be processed and why, with what waits behind it; oldest first within a stream. */
export async function listParked(
  database: DataSource,
  filter: { processor?: string; tenantId?: string } = {},
): Promise<ParkedEvent[]> {
  return database.query(
    `SELECT ${columns} FROM parked_events
      WHERE processor = coalesce($1, processor) AND tenant_id = coalesce($2, tenant_id)
      ORDER BY processor, tenant_id, stream, revision`,
    [filter.processor ?? null, filter.tenantId ?? null],
  );
}

/** Has the stream of this parked event tried again at once, by whichever replica leads. False: there is no such event any more. */
export async function retryParked(database: DataSource, id: string): Promise<boolean> {
  const [due]: [{ processor: string }[], number] = await database.query(
    `UPDATE parked_events SET due_at = to_timestamp(0)
      WHERE due_at IS NOT NULL
        AND (tenant_id, processor, stream) IN (SELECT tenant_id, processor, stream FROM parked_events WHERE id = $1)
      RETURNING processor`,
    [id],
  );
  if (due.length === 0) return false;
  await nudge(database);
  return true;
}

/** Makes the leaders in all replicas look at once. */
export async function nudge(database: DataSource): Promise<void> {
  await database.query('SELECT pg_notify($1, $2)', [nudgeChannel(database), '']);
}

export const nudgeChannel = (database: DataSource): string => `processors_${schemaOf(database)}`;

export const schemaOf = (database: DataSource): string => String(database.driver.schema ?? 'public');

export async function heldStreams(database: DataSource, processor: string): Promise<Set<string>> {
  const rows: { stream: string }[] = await database.query(
    'SELECT DISTINCT stream FROM parked_events WHERE processor = $1',
    [processor],
  );
  return new Set(rows.map(({ stream }) => stream));
}

/** The heads of the streams to try again, the longest overdue first. */
export async function dueEvents(
  database: DataSource,
  processor: string,
  now: Date,
  limit: number,
): Promise<ParkedEvent[]> {
  return database.query(
    `SELECT ${columns} FROM parked_events WHERE processor = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3`,
    [processor, now, limit],
  );
}

export async function nextHeld(database: DataSource, after: ParkedEvent): Promise<ParkedEvent | undefined> {
  const rows: ParkedEvent[] = await database.query(
    `SELECT ${columns} FROM parked_events WHERE tenant_id = $1 AND processor = $2 AND stream = $3 ORDER BY revision LIMIT 1`,
    [after.tenantId, after.processor, after.stream],
  );
  return rows[0];
}

/** Of many events: only the failed one has a due time, those behind it follow it. */
export async function park(
  manager: EntityManager,
  processor: string,
  event: RecordedEvent,
  failure: Failure | 'held',
  now: Date,
): Promise<void> {
  const { metadata, stream, revision, type } = event;
  const row =
    failure === 'held'
      ? { status: 'held', reason: 'An earlier event of this stream comes first.', attempts: 0, dueAt: null }
      : { reason: failure.reason, attempts: 1, ...due(failure, { count: 1, parked: false }, now) };
  await manager.query(
    `INSERT INTO parked_events (tenant_id, processor, stream, revision, event_id, type, status, reason, attempts, since, due_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
    [
      metadata.tenantId,
      processor,
      stream,
      revision,
      metadata.id,
      type,
      row.status,
      row.reason,
      row.attempts,
      now,
      row.dueAt,
    ],
  );
}

/** Answers whether it is parked by now. */
export async function parkAgain(
  manager: EntityManager,
  event: ParkedEvent,
  failure: Failure,
  now: Date,
): Promise<boolean> {
  const count = event.attempts + 1;
  const { status, dueAt } = due(failure, { count, parked: event.status === 'parked' }, now);
  await manager.query(
    'UPDATE parked_events SET status = $2, reason = $3, attempts = $4, due_at = $5 WHERE id = $1',
    [event.id, status, failure.reason, count, dueAt],
  );
  return status === 'parked';
}

/** The next of the stream becomes due in the same moment: a crash in between must not leave it waiting for nobody. */
export async function unpark(manager: EntityManager, event: ParkedEvent, now: Date): Promise<void> {
  await manager.query('DELETE FROM parked_events WHERE id = $1', [event.id]);
  await manager.query(
    `UPDATE parked_events SET status = 'retrying', due_at = $4
      WHERE (tenant_id, processor, stream) = ($1, $2, $3)
        AND revision = (SELECT min(revision) FROM parked_events WHERE (tenant_id, processor, stream) = ($1, $2, $3))`,
    [event.tenantId, event.processor, event.stream, now],
  );
}

function due(
  failure: Failure,
  attempts: { count: number; parked: boolean },
  now: Date,
): { status: 'retrying' | 'parked'; dueAt: Date } {
  const { status, dueInMs } = afterFailure(failure, attempts, Math.random());
  return { status, dueAt: new Date(now.getTime() + dueInMs) };
}
