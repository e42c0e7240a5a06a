import type { DataSource, EntityManager } from 'typeorm';
import type { Position } from '#event-sourcing/event-store';

/** Somebody else moved or reset the checkpoint: another replica leads, or a rebuild began. Nothing of this step counts. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';

  constructor(processor: string) {
    super(`${processor} goes on from another position than this run thought.`);
  }
}

/** Where the processor stands; null before its first event. */
export async function checkpointOf(database: DataSource, processor: string): Promise<Position | null> {
  await database.query('INSERT INTO checkpoints (processor) VALUES ($1) ON CONFLICT DO NOTHING', [processor]);
  const rows: CheckpointRow[] = await database.query(
    'SELECT position FROM checkpoints WHERE processor = $1',
    [processor],
  );
  return rows[0]!.position;
}

/** Taken first in every transaction of a processor, so that of two runs that both believe to lead only one gets anywhere. */
export async function claimCheckpoint(
  manager: EntityManager,
  processor: string,
  expected: Position | null,
): Promise<void> {
  const rows: CheckpointRow[] = await manager.query(
    'SELECT position FROM checkpoints WHERE processor = $1 FOR UPDATE',
    [processor],
  );
  if (rows[0]?.position !== expected) throw new CheckpointMoved(processor);
}

export async function moveCheckpoint(manager: EntityManager, processor: string, to: Position): Promise<void> {
  await manager.query('UPDATE checkpoints SET position = $2 WHERE processor = $1', [processor, to]);
}

interface CheckpointRow {
  position: Position | null;
}
