import { days } from '#time/clock';
import { keysOf, type CalendarKey, type Queryable } from './calendar-key.js';

/** How far a calendar was read. */
export interface SyncState {
  /** Null: never read to its end, or Google does not take the token any more. */
  syncToken: string | null;
  /** With which parameters the token was made. */
  parameters: string;
  /** Events that were over before are left out. Stays for ever, so that complete lists can be compared with each other. */
  windowStart: Date;
  /** When it was last read to its end. */
  syncedAt: Date | null;
  /** What the comparison over the present gap has brought so far; `compared`: all of it. */
  gap: { created: number; updated: number; deleted: number; compared: boolean };
  /** Of this row; moves with every write. */
  revision: string;
}

export async function openSyncState(
  database: Queryable,
  calendar: CalendarKey,
  begin: { now: Date; pastDays: number; parameters: string },
): Promise<SyncState> {
  await database.query(
    `INSERT INTO sync_states (tenant_id, provider_id, calendar_id, parameters, window_start) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [...keysOf(calendar), begin.parameters, new Date(begin.now.getTime() - days(begin.pastDays))],
  );
  const rows: StateRow[] = await database.query(
    `SELECT sync_token, parameters, window_start, synced_at, gap_created, gap_updated, gap_deleted, gap_compared, revision
       FROM sync_states WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3`,
    keysOf(calendar),
  );
  const row = rows[0]!;
  return {
    syncToken: row.sync_token,
    parameters: row.parameters,
    windowStart: row.window_start,
    syncedAt: row.synced_at,
    gap: {
      created: row.gap_created,
      updated: row.gap_updated,
      deleted: row.gap_deleted,
      compared: row.gap_compared,
    },
    revision: row.revision,
  };
}

interface StateRow {
  sync_token: string | null;
  parameters: string;
  window_start: Date;
  synced_at: Date | null;
  gap_created: number;
  gap_updated: number;
  gap_deleted: number;
  gap_compared: boolean;
  revision: string;
}

/** Somebody else read the calendar since the state was read: nothing of this piece of work may be kept. */
export class SyncStateMoved extends Error {
  override readonly name = 'SyncStateMoved';

  constructor({ tenantId, providerId }: CalendarKey) {
    super(`The sync state of a calendar of ${tenantId}/${providerId} was moved by somebody else`);
  }
}

/** Together with what it stands for, or not at all. @throws SyncStateMoved */
export async function moveSyncState(
  manager: Queryable,
  calendar: CalendarKey,
  move: {
    from: SyncState;
    /** Only when the calendar was read to its end. */
    read?: { syncToken: string; parameters: string; at: Date };
    /** What was delivered while comparing over a gap. */
    gap?: { created: number; updated: number; deleted: number; compared: boolean };
  },
): Promise<SyncState> {
  const { from, read, gap } = move;
  const to: SyncState = {
    ...from,
    ...(read && { syncToken: read.syncToken, parameters: read.parameters, syncedAt: read.at }),
    ...(gap && { gap }),
    revision: String(BigInt(from.revision) + 1n),
  };
  const [, moved]: [unknown, number] = await manager.query(
    `UPDATE sync_states
        SET sync_token = $5, parameters = $6, synced_at = $7,
            gap_created = $8, gap_updated = $9, gap_deleted = $10, gap_compared = $11, revision = $12
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3 AND revision = $4`,
    [
      ...keysOf(calendar),
      from.revision,
      to.syncToken,
      to.parameters,
      to.syncedAt,
      to.gap.created,
      to.gap.updated,
      to.gap.deleted,
      to.gap.compared,
      to.revision,
    ],
  );
  if (moved === 0) throw new SyncStateMoved(calendar);
  return to;
}

/** The calendar is read completely the next time. */
export async function forgetToken(database: Queryable, calendar: CalendarKey): Promise<void> {
  await database.query(
    `UPDATE sync_states SET sync_token = NULL, gap_created = 0, gap_updated = 0, gap_deleted = 0,
            gap_compared = false, revision = revision + 1
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3`,
    keysOf(calendar),
  );
}

/** Once the end of the gap was told. */
export async function forgetGap(database: Queryable, calendar: CalendarKey): Promise<void> {
  await database.query(
    `UPDATE sync_states SET gap_created = 0, gap_updated = 0, gap_deleted = 0, gap_compared = false,
            revision = revision + 1
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3`,
    keysOf(calendar),
  );
}

/**
 * Takes the next `count` places in the calendar's order and answers the first. Never below the present in milliseconds: the order
 * goes on rising even when the database was put back to an older backup, or the calendar was removed and connected again.
 */
export async function takeSequence(
  manager: Queryable,
  calendar: CalendarKey,
  { count, now }: { count: number; now: Date },
): Promise<number> {
  const [rows]: [{ sequence: string }[], number] = await manager.query(
    `UPDATE sync_states SET sequence = greatest(sequence, $5) + $4
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3 RETURNING sequence`,
    [...keysOf(calendar), count, now.getTime()],
  );
  return Number(rows[0]!.sequence) - count + 1;
}

/** When each of a provider's calendars was last read to its end; those that never were are left out. */
export async function syncTimesOf(
  database: Queryable,
  { tenantId, providerId }: Pick<CalendarKey, 'tenantId' | 'providerId'>,
): Promise<Map<string, string>> {
  const rows: { calendar_id: string; synced_at: Date }[] = await database.query(
    `SELECT calendar_id, synced_at FROM sync_states
      WHERE tenant_id = $1 AND provider_id = $2 AND synced_at IS NOT NULL`,
    [tenantId, providerId],
  );
  return new Map(rows.map(({ calendar_id, synced_at }) => [calendar_id, synced_at.toISOString()]));
}
