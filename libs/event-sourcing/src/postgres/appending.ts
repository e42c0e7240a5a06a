import type pg from 'pg';
import type { AppendResult, ExpectedRevision, NewEvent } from '../event-store.js';
import { categoryOf } from '../stream-name.js';
import { nextTxOrder } from './event-table.js';
import type { SingleAppend } from './grouped-appends.js';

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

/**
 * Each row is inserted or left out by itself. In the order of the streams, so that two processes whose groups meet cannot wait
 * for each other. The scalar subquery is looked up row by row; for an EXISTS the planner may hash the whole table instead.
 */
const appendGroupText = `
  INSERT INTO ${target}
  SELECT item.stream, item.revision, item.id, item.category, item.type, item.data::jsonb, item.metadata::jsonb, ${nextTxOrder}
    FROM unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
           AS item (stream, revision, id, category, type, data, metadata)
   WHERE item.revision = 0
      OR (SELECT true FROM events.events AS last
           WHERE last.stream = item.stream COLLATE "C" AND last.revision = item.revision - 1)
   ORDER BY item.stream COLLATE "C"
  ON CONFLICT ON CONSTRAINT one_event_per_revision DO NOTHING
  RETURNING stream`;

export function appendGroupStatement(group: SingleAppend[]): pg.QueryConfig {
  return {
    name: 'events-append-group',
    text: appendGroupText,
    values: [
      group.map(({ stream }) => stream),
      group.map(({ revision }) => revision),
      group.map(({ event }) => event.metadata.id),
      group.map(({ stream }) => categoryOf(stream)),
      group.map(({ event }) => event.type),
      group.map(({ event }) => JSON.stringify(event.data)),
      group.map(({ event }) => metadata(event)),
    ],
  };
}

export function appendOneStatement({ stream, revision, event }: SingleAppend): pg.QueryConfig {
  const values = [
    stream,
    revision,
    event.metadata.id,
    categoryOf(stream),
    event.type,
    JSON.stringify(event.data),
    metadata(event),
  ];
  return { name: 'events-append-one', text: appendOneText, values };
}

export const appendManyStatement = (
  stream: string,
  events: NewEvent[],
  expected: ExpectedRevision,
): pg.QueryConfig => ({
  name: 'events-append-many',
  text: appendManyText,
  values: [
    stream,
    categoryOf(stream),
    events.map((event) => event.metadata.id),
    events.map((event) => event.type),
    events.map((event) => JSON.stringify(event.data)),
    events.map(metadata),
    firstRevision(expected),
  ],
});

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

/** The revision that the first of the events takes; null for whichever is next. */
export const firstRevision = (expected: ExpectedRevision): number | null =>
  expected === 'any' ? null : expected === 'no-stream' ? 0 : expected + 1;

function metadata(event: NewEvent): string {
  const { id: _, ...rest } = event.metadata;
  return JSON.stringify(rest);
}
