import type pg from 'pg';
import type { EventStore, RecordedEvent } from '#event-sourcing/event-store';
import { followAlmost } from './follow-almost.js';
import { whileStill } from './live-table.js';
import type { Replayable } from './projections.js';
import { Shadow } from './shadow.js';

export interface Difference {
  table: string;
  /** Null: only in the other. */
  served: Record<string, unknown> | null;
  rebuilt: Record<string, unknown> | null;
}

export interface Verified {
  projection: string;
  events: number;
  rows: number;
  differences: Difference[];
  /** Streams that are held by a parked event: their rows cannot be what the events say. */
  heldStreams: number;
}

const mostShown = 20;

/** Fills the tables elsewhere, to exactly where the projection that serves stands, and compares row by row. Changes nothing that is served. */
export async function verify(
  replayable: Replayable,
  means: { databaseUrl: string; store: EventStore },
  onEvents: (events: RecordedEvent[]) => void = () => {},
): Promise<Verified> {
  const { service, projection } = replayable;
  const shadow = await Shadow.open(replayable, means);
  try {
    await followAlmost(shadow, replayable, means.databaseUrl, onEvents);
    return await whileStill(means.databaseUrl, replayable, async (client, position) => {
      await shadow.follow(position, onEvents);
      const differences: Difference[] = [];
      let rows = 0;
      for (const table of projection.tables) {
        rows += await countOf(client, `${service.name}.${table}`);
        const besides = projection.columnsOfOthers?.[table] ?? [];
        differences.push(...(await differing(client, table, service.name, shadow.schema, besides)));
      }
      const held = await client.query<{ streams: string }>(
        `SELECT count(DISTINCT stream) AS streams FROM ${service.name}.parked_events WHERE processor = $1`,
        [projection.id],
      );
      return {
        projection: projection.id,
        events: shadow.events,
        rows,
        differences,
        heldStreams: Number(held.rows[0]!.streams),
      };
    });
  } finally {
    await shadow.drop();
  }
}

async function countOf(client: pg.Client, table: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) AS count FROM ${table}`);
  return Number(rows[0]!.count);
}

async function differing(
  client: pg.Client,
  table: string,
  live: string,
  shadow: string,
  besides: string[],
): Promise<Difference[]> {
  const { rows } = await client.query<Omit<Difference, 'table'>>(
    `SELECT served.row AS served, rebuilt.row AS rebuilt
       FROM (SELECT to_jsonb(one) - $1::text[] AS row FROM ${live}.${table} AS one) AS served
       FULL JOIN (SELECT to_jsonb(one) - $1::text[] AS row FROM ${shadow}.${table} AS one) AS rebuilt
         ON served.row = rebuilt.row
      WHERE served.row IS NULL OR rebuilt.row IS NULL
      ORDER BY coalesce(served.row, rebuilt.row)::text
      LIMIT ${mostShown}`,
    [besides],
  );
  return rows.map((row) => ({ table, ...row }));
}
