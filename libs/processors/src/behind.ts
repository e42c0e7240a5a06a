import type { DataSource } from 'typeorm';
import type { EventStore } from '#event-sourcing/event-store';
import type { Clock } from '#time/clock';

export interface Behind {
  processor: string;
  position: string | null;
  /** Age of the oldest event that it has not taken yet; 0 when there is none. */
  seconds: number;
}

/** How far processors are behind the event store, whichever replica leads them. */
export async function howFarBehind(
  processors: { id: string; categories: string[] }[],
  { database, store, clock }: { database: DataSource; store: EventStore; clock: Clock },
): Promise<Behind[]> {
  const checkpoints: { processor: string; position: string | null }[] = await database.query(
    'SELECT processor, position FROM checkpoints WHERE processor = ANY ($1)',
    [processors.map(({ id }) => id)],
  );
  const positions = new Map(checkpoints.map(({ processor, position }) => [processor, position]));
  return Promise.all(
    processors.map(async ({ id, categories }) => {
      const position = positions.get(id) ?? null;
      const [next] = await store.readAll({ after: position, categories, limit: 1 });
      const age = next ? clock.now().getTime() - Date.parse(next.metadata.at) : 0;
      return { processor: id, position, seconds: next ? Math.max(0.001, age / 1_000) : 0 };
    }),
  );
}
