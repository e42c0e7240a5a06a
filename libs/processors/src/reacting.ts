import type { RecordedEvent } from '#event-sourcing/event-store';
import { seconds } from '#time/clock';
import type { Failure } from './backoff.js';
import { claimCheckpoint, moveCheckpoint } from './checkpoint.js';
import { park, type ParkedEvent, parkAgain, unpark } from './parked-events.js';
import type { Reaction, Reactor } from './processor.js';
import type { Run } from './run.js';
import { reasonOf } from './trouble.js';

/** So many streams at once; within a stream one after the other. */
const streamsAtOnce = 8;
/** What a crash may have repeated at most. */
const chunkSize = 64;
const answerWithinMs = seconds(60);

/** Reacts first and moves the checkpoint afterwards: at least once. */
export async function reactToBatch(run: Run, reactor: Reactor, batch: RecordedEvent[]): Promise<void> {
  for (let start = 0; start < batch.length; start += chunkSize) {
    await reactToChunk(run, reactor, batch.slice(start, start + chunkSize));
  }
}

async function reactToChunk(run: Run, reactor: Reactor, chunk: RecordedEvent[]): Promise<void> {
  const left: { event: RecordedEvent; failure: Failure | 'held' }[] = [];
  const streams = [...Map.groupBy(chunk, ({ stream }) => stream)];
  await atOnce(streamsAtOnce, streams, async ([stream, events]) => {
    let held = run.held.has(stream);
    for (const event of events) {
      const failure = held ? 'held' : await ask(run, reactor, event);
      if (failure === null) continue;
      held = true;
      left.push({ event, failure });
    }
  });

  const to = chunk.at(-1)!.position;
  await run.database.transaction(async (manager) => {
    await claimCheckpoint(manager, reactor.id, run.position);
    for (const { event, failure } of left) await park(manager, reactor.id, event, failure, run.clock.now());
    await moveCheckpoint(manager, reactor.id, to);
  });
  run.position = to;
  for (const { event, failure } of left) {
    run.held.add(event.stream);
    if (failure !== 'held' && failure.hopeless) run.tellParked(event);
  }
}

export async function reactToParked(
  run: Run,
  reactor: Reactor,
  parked: ParkedEvent,
  event: RecordedEvent,
): Promise<boolean> {
  const failure = await ask(run, reactor, event);
  await run.database.transaction(async (manager) => {
    await claimCheckpoint(manager, reactor.id, run.position);
    const now = run.clock.now();
    if (failure === null) await unpark(manager, parked, now);
    else if ((await parkAgain(manager, parked, failure, now)) && parked.status !== 'parked')
      run.tellParked(event);
  });
  return failure === null;
}

async function ask(run: Run, reactor: Reactor, event: RecordedEvent): Promise<Failure | null> {
  const reaction = await answerInTime(run, () => reactor.react(event)).catch((error: unknown): Reaction => ({
    retry: reasonOf(error),
  }));
  run.signal.throwIfAborted();
  if (reaction === 'done') return null;
  return 'park' in reaction
    ? { reason: reaction.park, hopeless: true }
    : { reason: reaction.retry, hopeless: false };
}

/** A reaction that never answers must not hold up all others, nor the end of the process. */
async function answerInTime(run: Run, react: () => Promise<Reaction>): Promise<Reaction> {
  let giveUp: (reason: Reaction) => void = () => {};
  const stopped = new Promise<Reaction>((resolve) => (giveUp = resolve));
  const stop = (): void => giveUp({ retry: 'The processor was stopped.' });
  const late = setTimeout(
    () => giveUp({ retry: `No answer within ${answerWithinMs / 1_000} s.` }),
    answerWithinMs,
  );
  run.signal.addEventListener('abort', stop);
  try {
    return await Promise.race([react(), stopped]);
  } finally {
    clearTimeout(late);
    run.signal.removeEventListener('abort', stop);
  }
}

export async function atOnce<Item>(
  limit: number,
  items: Item[],
  each: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await each(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
