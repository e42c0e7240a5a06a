import type { EntityManager } from 'typeorm';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { claimCheckpoint, moveCheckpoint } from './checkpoint.js';
import { park, type ParkedEvent, parkAgain, unpark } from './parked-events.js';
import type { Projection } from './processor.js';
import type { Run } from './run.js';
import { isDatabaseTrouble, reasonOf } from './trouble.js';

/** Applies a batch; rows, parked events and checkpoint move in one transaction. */
export async function applyBatch(run: Run, projection: Projection, batch: RecordedEvent[]): Promise<void> {
  const applicable = batch.filter(({ stream }) => !run.held.has(stream));
  const heldBack = batch.filter(({ stream }) => run.held.has(stream));
  const to = batch.at(-1)!.position;
  try {
    await run.database.transaction(async (manager) => {
      await claimCheckpoint(manager, projection.id, run.position);
      if (applicable.length > 0) await projection.project(applicable, manager);
      for (const event of heldBack) await park(manager, projection.id, event, 'held', run.clock.now());
      await moveCheckpoint(manager, projection.id, to);
    });
  } catch (error) {
    if (run.isNotTheEventsFault(error)) throw error;
    await applyOneByOne(run, projection, batch);
  }
  run.position = to;
}

/** One of them threw: find it, park its stream, and let all others through. */
async function applyOneByOne(run: Run, projection: Projection, batch: RecordedEvent[]): Promise<void> {
  const held = new Set(run.held);
  const parked: RecordedEvent[] = [];
  await run.database.transaction(async (manager) => {
    await claimCheckpoint(manager, projection.id, run.position);
    for (const event of batch) {
      const failure = held.has(event.stream) ? 'held' : await tryOne(projection, event, manager);
      if (failure === null) continue;
      if (failure !== 'held') parked.push(event);
      held.add(event.stream);
      await park(manager, projection.id, event, failure, run.clock.now());
    }
    await moveCheckpoint(manager, projection.id, batch.at(-1)!.position);
  });
  for (const event of parked) {
    run.held.add(event.stream);
    run.tellParked(event);
  }
}

export async function projectParked(
  run: Run,
  projection: Projection,
  parked: ParkedEvent,
  event: RecordedEvent,
): Promise<boolean> {
  return run.database.transaction(async (manager) => {
    await claimCheckpoint(manager, projection.id, run.position);
    const failure = await tryOne(projection, event, manager);
    const now = run.clock.now();
    if (failure === null) await unpark(manager, parked, now);
    else if ((await parkAgain(manager, parked, failure, now)) && parked.status !== 'parked')
      run.tellParked(event);
    return failure === null;
  });
}

async function tryOne(
  projection: Projection,
  event: RecordedEvent,
  manager: EntityManager,
): Promise<{ reason: string; hopeless: true } | null> {
  try {
    await manager.transaction((savepoint) => projection.project([event], savepoint));
    return null;
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error;
    return { reason: reasonOf(error), hopeless: true };
  }
}
