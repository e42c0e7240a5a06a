import type { EventStore, RecordedEvent } from '#event-sourcing/event-store';
import { followAlmost } from './follow-almost.js';
import { whileStill } from './live-table.js';
import type { Replayable } from './projections.js';
import { Shadow } from './shadow.js';

export interface Rebuilt {
  events: number;
  /** How long the projection that serves had to wait. */
  stoodStillMs: number;
}

/**
 * Fills the tables of a projection anew beside those that serve, then puts them in their place in one transaction: readers see the former rows or the new ones.
 * Cut off anywhere, it leaves what is served as it was.
 */
export async function rebuild(
  replayable: Replayable,
  means: { databaseUrl: string; store: EventStore },
  onEvents: (events: RecordedEvent[]) => void = () => {},
): Promise<Rebuilt> {
  const { service, projection } = replayable;
  const shadow = await Shadow.open(replayable, means);
  try {
    await followAlmost(shadow, replayable, means.databaseUrl, onEvents);
    const begun = performance.now();
    await whileStill(means.databaseUrl, replayable, async (client, position) => {
      await shadow.follow(position, onEvents);
      for (const table of projection.tables) {
        await client.query(`DROP TABLE ${service.name}.${table}`);
        await client.query(`ALTER TABLE ${shadow.schema}.${table} SET SCHEMA ${service.name}`);
      }
      await client.query(`UPDATE ${service.name}.checkpoints SET position = $2 WHERE processor = $1`, [
        projection.id,
        shadow.position,
      ]);
      await client.query(`DELETE FROM ${service.name}.parked_events WHERE processor = $1`, [projection.id]);
      await client.query('SELECT pg_notify($1, $2)', [`processors_${service.name}`, '']);
    });
    return { events: shadow.events, stoodStillMs: performance.now() - begun };
  } finally {
    await shadow.drop();
  }
}
