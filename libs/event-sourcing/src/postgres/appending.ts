import type pg from 'pg';
import type { AppendResult, ExpectedRevision, NewEvent } from '../event-store.js';
import { categoryOf } from '../stream-name.js';
import { nextTxOrder } from './event-table.js';

const target = 'events.events (stream, revision, id, category, type, data, metadata, tx_order)';

/** The usual case, kept as near to a plain INSERT as it gets: the primary key refuses a second writer. */
const appendOneText = `
  INSERT INTO ${target}
  SELECT $1, $2::int, $3, $4, $5, $6, $7, ${nextTxOrder}
   WHERE $2::int = 0 OR EXISTS (SELECT FROM events.events WHERE stream = $1 AND revision = $2::int - 1)`;

/** $7 is the first revision to take, or null for whichever is next. */
const appendManyText = `
  INSERT INTO ${target}
  SELECT $1, top.next + item.place - 1, item.id, $2, item.type, item.data::jsonb, item.metadata::jsonb, ${nextTxOrder}
    FROM (SELECT coalesce(max(revision) + 1, 0) AS next FROM events.events WHERE stream = $1) AS top,
         unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS item (id, type, data, metadata, place)
   WHERE CASE WHEN $7::int IS NULL
              THEN NOT EXISTS (SELECT FROM events.events WHERE stream = $1 AND id = ANY ($3::uuid[]))
              ELSE top.next = $7::int END
   ORDER BY item.place
  RETURNING revision`;

export function appendStatement(
  stream: string,
  events: NewEvent[],
  expected: ExpectedRevision,
): pg.QueryConfig {
  const category = categoryOf(stream);
  const first = firstRevision(expected);
  const [only, second] = events;
  if (only && !second && first !== null) {
    const values = [
      stream,
      first,
      only.metadata.id,
      category,
      only.type,
      JSON.stringify(only.data),
      metadata(only),
    ];
    return { name: 'events-append-one', text: appendOneText, values };
  }
  return {
    name: 'events-append-many',
    text: appendManyText,
    values: [
      stream,
      category,
      events.map((event) => event.metadata.id),
      events.map((event) => event.type),
      events.map((event) => JSON.stringify(event.data)),
      events.map(metadata),
      first,
    ],
  };
}

/** Why nothing was inserted: these very events are there already, or others are, or ('any') somebody was quicker. */
export async function explainRefusal(
  pool: pg.Pool,
  stream: string,
  events: NewEvent[],
  expected: ExpectedRevision,
): Promise<AppendResult | 'try-again'> {
  const { rows } = await pool.query<{ revision: number; place: number | null }>({
    name: 'events-explain-refusal',
    text: `SELECT revision, array_position($2::uuid[], id) AS place FROM events.events
            WHERE stream = $1 AND (id = ANY ($2::uuid[]) OR revision = (SELECT max(revision) FROM events.events WHERE stream = $1))
            ORDER BY revision`,
    values: [stream, events.map((event) => event.metadata.id)],
  });
  const first = firstRevision(expected);
  const present = rows.filter(({ place }) => place !== null);
  const from = first ?? present[0]?.revision;
  const isRepetition =
    present.length === events.length &&
    present.every(({ revision, place }) => from !== undefined && revision === from + place! - 1);
  if (isRepetition) return { ok: true, revision: present.at(-1)!.revision };

  const actual = rows.at(-1)?.revision ?? -1;
  if (first !== null && first - 1 !== actual) return { ok: false, actual: actual < 0 ? 'no-stream' : actual };
  if (first === null && present.length > 0)
    throw new RangeError(
      `Some of these events are in ${stream} already, but not as one append: ${present.length} of ${events.length}.`,
    );
  return 'try-again';
}

export const isDuplicate = (error: unknown): boolean => (error as { code?: unknown }).code === '23505';

/** The revision of the last event, or null when nothing was inserted. */
export function appendedRevision(
  result: pg.QueryResult<{ revision: number }>,
  events: NewEvent[],
  expected: ExpectedRevision,
): number | null {
  if (result.rowCount !== events.length) return null;
  const first = firstRevision(expected);
  return first === null ? result.rows.at(-1)!.revision : first + events.length - 1;
}

const firstRevision = (expected: ExpectedRevision): number | null =>
  expected === 'any' ? null : expected === 'no-stream' ? 0 : expected + 1;

function metadata(event: NewEvent): string {
  const { id: _, ...rest } = event.metadata;
  return JSON.stringify(rest);
}
