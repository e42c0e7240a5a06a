import type pg from 'pg';
import type { EventMetadata, RecordedEvent } from '../event-store.js';
import { horizon } from './event-table.js';

export interface EventRow {
  stream: string;
  revision: number;
  id: string;
  type: string;
  data: Record<string, unknown>;
  metadata: Omit<EventMetadata, 'id'>;
  tx_order: string;
  seq: string;
}

export const recorded = (row: EventRow): RecordedEvent => ({
  stream: row.stream,
  revision: row.revision,
  type: row.type,
  data: row.data,
  metadata: Object.assign(row.metadata, { id: row.id }),
  position: `${row.tx_order}/${row.seq}`,
});

const columns = 'stream, revision, id, type, data, metadata, tx_order, seq';

export const readStreamStatement = (
  stream: string,
  fromRevision: number,
  limit: number | undefined,
): pg.QueryConfig => ({
  name: 'events-read-stream',
  text: `SELECT ${columns} FROM events.events WHERE stream = $1 AND revision >= $2 ORDER BY revision LIMIT $3`,
  values: [stream, fromRevision, limit ?? null],
});

const readAllText = `
  SELECT ${columns} FROM events.events
   WHERE (tx_order, seq) > ($1::bigint, $2::bigint) AND tx_order < ${horizon}
   ORDER BY tx_order, seq LIMIT $3`;

/** One short index range per category, merged: a filter never walks over the others' events. */
const readCategoriesText = `
  SELECT page.* FROM unnest($4::text[]) AS wanted (category)
   CROSS JOIN LATERAL (
     SELECT ${columns} FROM events.events
      WHERE category = wanted.category AND (category, tx_order, seq) > (wanted.category, $1::bigint, $2::bigint) AND tx_order < ${horizon}
      ORDER BY tx_order, seq LIMIT $3
   ) AS page
   ORDER BY tx_order, seq LIMIT $3`;

export function readAllStatement(page: {
  after: string | null;
  categories?: string[];
  limit: number;
}): pg.QueryConfig {
  const [txOrder, seq] = place(page.after);
  if (!page.categories)
    return { name: 'events-read-all', text: readAllText, values: [txOrder, seq, page.limit] };
  const categories = [...new Set(page.categories)];
  return {
    name: 'events-read-categories',
    text: readCategoriesText,
    values: [txOrder, seq, page.limit, categories],
  };
}

function place(position: string | null): [string, string] {
  if (position === null) return ['-1', '-1'];
  const [, txOrder, seq] = /^(\d+)\/(\d+)$/.exec(position) ?? [];
  if (!txOrder || !seq) throw new RangeError(`"${position}" is not a position of this event store.`);
  return [txOrder, seq];
}
