import { keysOf, type CalendarKey, type Queryable } from './calendar-key.js';
import type { ListedEvent } from './read-event.js';
import type { SeenEvent } from './seen-event.js';

const columns =
  'event_id, cancelled, etag, content_hash, series_master_id, original_start, recurring, ends_at';

/** What was seen of these events, of their series, and of the instances of those that are gone. */
export async function seenAround(
  database: Queryable,
  calendar: CalendarKey,
  listed: ListedEvent[],
): Promise<Map<string, SeenEvent>> {
  const ids = listed.flatMap(({ eventId, seriesMasterId }) => [
    eventId,
    ...(seriesMasterId === null ? [] : [seriesMasterId]),
  ]);
  const gone = listed.filter(({ present }) => present === null).map(({ eventId }) => eventId);
  const rows: SeenRow[] = await database.query(
    `SELECT ${columns} FROM seen_events
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3
        AND (event_id = ANY ($4) OR series_master_id = ANY ($5))
      ORDER BY event_id`,
    [...keysOf(calendar), [...new Set(ids)], gone],
  );
  return new Map(rows.map((row) => [row.event_id, seenOf(row)]));
}

export async function allSeen(database: Queryable, calendar: CalendarKey): Promise<SeenEvent[]> {
  const rows: SeenRow[] = await database.query(
    `SELECT ${columns} FROM seen_events
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3 ORDER BY event_id`,
    keysOf(calendar),
  );
  return rows.map(seenOf);
}

export async function storeSeen(
  manager: Queryable,
  calendar: CalendarKey,
  { seen, forgotten }: { seen: SeenEvent[]; forgotten: string[] },
): Promise<void> {
  if (forgotten.length > 0) {
    await manager.query(
      `DELETE FROM seen_events WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3 AND event_id = ANY ($4)`,
      [...keysOf(calendar), forgotten],
    );
  }
  if (seen.length === 0) return;
  const column = <Value>(of: (event: SeenEvent) => Value): Value[] => seen.map(of);
  await manager.query(
    `INSERT INTO seen_events (tenant_id, provider_id, calendar_id, ${columns})
     SELECT $1, $2, $3, given.* FROM unnest($4::text[], $5::boolean[], $6::text[], $7::text[], $8::text[],
                                            $9::jsonb[], $10::boolean[], $11::timestamptz[]) AS given
     ON CONFLICT (tenant_id, provider_id, calendar_id, event_id) DO UPDATE
       SET cancelled = excluded.cancelled, etag = excluded.etag, content_hash = excluded.content_hash,
           series_master_id = excluded.series_master_id, original_start = excluded.original_start,
           recurring = excluded.recurring, ends_at = excluded.ends_at`,
    [
      ...keysOf(calendar),
      column(({ eventId }) => eventId),
      column(({ cancelled }) => cancelled),
      column(({ etag }) => etag),
      column(({ contentHash }) => contentHash),
      column(({ seriesMasterId }) => seriesMasterId),
      column(({ originalStart }) => originalStart && JSON.stringify(originalStart)),
      column(({ recurring }) => recurring),
      column(({ endsAt }) => endsAt),
    ],
  );
}

interface SeenRow {
  event_id: string;
  cancelled: boolean;
  etag: string | null;
  content_hash: string | null;
  series_master_id: string | null;
  original_start: SeenEvent['originalStart'];
  recurring: boolean;
  ends_at: Date | null;
}

const seenOf = (row: SeenRow): SeenEvent => ({
  eventId: row.event_id,
  cancelled: row.cancelled,
  etag: row.etag,
  contentHash: row.content_hash,
  seriesMasterId: row.series_master_id,
  originalStart: row.original_start,
  recurring: row.recurring,
  endsAt: row.ends_at,
});
