import type { DataSource } from 'typeorm';
import { nudge } from './parked-events.js';
import type { Projection } from './processor.js';

/**
 * Empties the projection's tables, forgets its parked events and sends it back to the beginning, all at once. Whoever leads
 * it fills them again from the first event on; `caughtUp()` tells when. Safe while it runs, here or in another replica.
 */
export async function rebuild(projection: Projection, database: DataSource): Promise<void> {
  await database.transaction(async (manager) => {
    await manager.query('INSERT INTO checkpoints (processor) VALUES ($1) ON CONFLICT DO NOTHING', [
      projection.id,
    ]);
    // First, as in every step of a processor: a step in progress ends before, and a later one finds itself outdated.
    await manager.query('UPDATE checkpoints SET position = NULL WHERE processor = $1', [projection.id]);
    await manager.query('DELETE FROM parked_events WHERE processor = $1', [projection.id]);
    if (projection.tables.length > 0) await manager.query(`TRUNCATE ${projection.tables.join(', ')}`);
  });
  await nudge(database);
}
