import pg from 'pg';
import type { Position } from '#event-sourcing/event-store';
import type { Replayable } from './projections.js';

/** While this runs, the projection that serves takes no step: its checkpoint is locked, as each of its steps would lock it. */
export async function whileStill<T>(
  databaseUrl: string,
  { service, projection }: Replayable,
  work: (client: pg.Client, position: Position | null) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'replay' });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO ${service.name}.checkpoints (processor) VALUES ($1) ON CONFLICT DO NOTHING`,
      [projection.id],
    );
    const { rows } = await client.query<{ position: Position | null }>(
      `SELECT position FROM ${service.name}.checkpoints WHERE processor = $1 FOR UPDATE`,
      [projection.id],
    );
    const result = await work(client, rows[0]!.position);
    await client.query('COMMIT');
    return result;
  } finally {
    // What was not committed is undone with the connection.
    await client.end();
  }
}
