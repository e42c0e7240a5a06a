import type { RecordedEvent } from '#event-sourcing/event-store';
import { whileStill } from './live-table.js';
import type { Replayable } from './projections.js';
import type { Shadow } from './shadow.js';

const rounds = 3;

/** Brings the shadow close to what is served while that goes on, so that little is left for when it has to stand still. */
export async function followAlmost(
  shadow: Shadow,
  replayable: Replayable,
  databaseUrl: string,
  onEvents: (events: RecordedEvent[]) => void,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const served = await whileStill(databaseUrl, replayable, async (_client, position) => position);
    await shadow.follow(served, onEvents);
  }
}
