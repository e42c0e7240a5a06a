import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { type DatabaseOptions, openDatabase } from '#database/database';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName, streamName } from '#event-sourcing/stream-name';
import { createTestDatabase } from '#servers/test-database';
import type { Projection } from './processor.js';

export interface Happened {
  stream: string;
  type: string;
  data?: Record<string, unknown>;
  /** ISO; a minute after the event before when absent. */
  at?: string;
}

export interface ProjectionScenario {
  /**
   * The rows, by table, that come of these events; the projection's tables are empty before. Fails when the rows differ if
   * every event is delivered twice, if all are delivered again, or if another tenant has the very same history at the same time.
   */
  rowsAfter(events: Happened[]): Promise<Record<string, Record<string, unknown>[]>>;
}

/**
 * `given events -> rows` for a projection's spec, on a database of its own. Called inside `describe`: what it opens it closes.
 * Every table of the projection needs a `tenant_id`.
 */
export function projectionScenario(
  projection: Projection,
  service: Pick<DatabaseOptions, 'schema' | 'entities' | 'migrations'>,
): ProjectionScenario {
  let database: DataSource;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const server = await createTestDatabase();
    drop = server.drop;
    database = await openDatabase({ ...service, url: server.url, poolSize: 2 });
  });

  afterAll(async () => {
    await database.destroy();
    await drop();
  });

  const deliver = async (batches: RecordedEvent[][], tenants: (string | undefined)[]): Promise<Rows> => {
    await database.query(`TRUNCATE ${projection.tables.join(', ')}`);
    for (const batch of batches) await database.transaction((manager) => projection.project(batch, manager));
    return rowsOf(database, projection.tables, tenants);
  };

  return {
    rowsAfter: async (happened) => {
      const events = recorded(happened);
      // Older streams of the same ids: a row that is found without its tenant takes the neighbour's later revision.
      const neighbours = recorded(happened.map(atTheNeighbour)).map((event) => ({
        ...event,
        revision: event.revision + 1_000,
      }));
      const tenants = [...new Set(events.map(({ metadata }) => metadata.tenantId))];
      const rows = await deliver([events], tenants);
      const onceMore = async (how: string, batches: RecordedEvent[][]): Promise<void> =>
        assert.deepEqual(await deliver(batches, tenants), rows, `The rows differ when ${how}.`);
      await onceMore(
        'each event is delivered twice',
        events.map((event) => [event, event]),
      );
      await onceMore('all events are delivered again', [events, events]);
      await onceMore(
        'another tenant has the same history',
        events.map((event, index) => [neighbours[index]!, event]),
      );
      return rows;
    },
  };
}

type Rows = Record<string, Record<string, unknown>[]>;

async function rowsOf(
  database: DataSource,
  tables: string[],
  tenants: (string | undefined)[],
): Promise<Rows> {
  const found: Rows = {};
  for (const table of tables) {
    found[table] = await database.query(
      `SELECT * FROM ${table} AS t WHERE tenant_id = ANY ($1) ORDER BY t::text`,
      [tenants],
    );
  }
  return found;
}

const firstMoment = Date.parse('2026-03-01T08:00:00.000Z');

/** The same ids and times on every call, so that rows can be compared. */
function recorded(happened: Happened[]): RecordedEvent[] {
  const revisions = new Map<string, number>();
  return happened.map(({ stream, type, data = {}, at }, index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const { tenantId } = parseStreamName(stream);
    const id = idOf(`${stream} ${revision}`);
    return {
      stream,
      revision,
      position: `${tenantId} ${index}`,
      type,
      data,
      metadata: {
        id,
        tenantId,
        correlationId: idOf(`correlation ${id}`),
        causationId: idOf(`causation ${id}`),
        at: at ?? new Date(firstMoment + index * 60_000).toISOString(),
        by: 'spec',
      },
    };
  });
}

function atTheNeighbour(event: Happened): Happened {
  const { category, tenantId, id } = parseStreamName(event.stream);
  return { ...event, stream: streamName(category, `neighbour-of-${tenantId}`, id) };
}

function idOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
