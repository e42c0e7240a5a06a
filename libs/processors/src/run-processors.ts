import { Bell } from '#event-sourcing/bell';
import { Leadership } from './leadership.js';
import { LedProcessor } from './led-processor.js';
import type { Processor } from './processor.js';
import type { ProcessorMeans } from './run.js';

export interface RunningProcessors {
  /**
   * Resolves when everything that is in the store was processed or parked by all of these processors, including what
   * their reactions appended meanwhile. Rejects when they were closed.
   */
  caughtUp(): Promise<void>;
  /** Lets what is being written finish and gives the lead to other replicas. */
  close(): Promise<void>;
}

/** Runs each processor in whichever replica leads it; the others stand by. Throws at once when two have the same id. */
export function runProcessors(
  processors: Processor[],
  means: ProcessorMeans & { signal: AbortSignal },
): RunningProcessors {
  const byId = new Map(processors.map((processor) => [processor.id, processor]));
  if (byId.size < processors.length)
    throw new Error(`Two processors have the same id: ${processors.map(({ id }) => id).join(', ')}.`);

  const progress = new Bell();
  const led = new Map<string, LedProcessor>();
  const finishing = new Set<Promise<void>>();
  const closing = new AbortController();

  const lookAround = (): void => {
    void whatNeedsALook(means, [...led.keys()]).then(
      (found) => {
        for (const { processor, position, due } of found)
          void led.get(processor)?.lookAround({ position, due });
      },
      (error: unknown) => {
        if (!closing.signal.aborted) means.warn(`The parked events cannot be read: ${String(error)}`);
      },
    );
  };
  const lose = (): void => {
    for (const each of led.values()) {
      each.end();
      finishing.add(each.finished);
      void each.finished.then(() => finishing.delete(each.finished));
    }
    led.clear();
  };
  const leadership = new Leadership(means.database, [...byId.keys()], {
    won: (id) => {
      if (!closing.signal.aborted) led.set(id, new LedProcessor(byId.get(id)!, means, progress));
    },
    lost: lose,
    looked: lookAround,
    trouble: means.warn,
  });
  const stopListening = means.clock.onMoved(lookAround);

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      closing.abort();
      stopListening();
      means.signal.removeEventListener('abort', onAbort);
      lose();
      await Promise.all(finishing);
      await leadership.end();
    })();
    return closed;
  };
  const onAbort = (): void => void close();
  means.signal.addEventListener('abort', onAbort);
  if (means.signal.aborted) onAbort();
  else leadership.look();

  return { caughtUp: () => caughtUp([...byId.values()], means, progress, closing.signal), close };
}

/** One short query for all processors, so that standing by costs next to nothing. */
async function whatNeedsALook(
  { database, clock }: ProcessorMeans,
  processors: string[],
): Promise<{ processor: string; position: string | null; due: boolean }[]> {
  if (processors.length === 0) return [];
  return database.query(
    `SELECT processor, position,
            EXISTS (SELECT FROM parked_events AS parked WHERE parked.processor = checkpoints.processor AND due_at <= $2) AS due
       FROM checkpoints WHERE processor = ANY ($1)`,
    [processors, clock.now()],
  );
}

async function caughtUp(
  processors: Processor[],
  means: ProcessorMeans,
  progress: Bell,
  closing: AbortSignal,
): Promise<void> {
  // Two quiet rounds: what was looked at first may have got work from what was looked at last.
  for (let quietRounds = 0; quietRounds < 2;) {
    const heard = progress.count;
    await means.store.settled();
    let behind = false;
    for (const processor of processors) {
      if (await isBehind(processor, means)) behind = true;
    }
    quietRounds = behind || progress.count > heard ? 0 : quietRounds + 1;
    if (closing.aborted) throw new Error('The processors were closed before they had caught up.');
    // Another replica may lead: its progress rings no bell here.
    if (behind) await progress.rungSince(heard, AbortSignal.any([closing, AbortSignal.timeout(50)]));
  }
}

async function isBehind(
  { id, categories }: Processor,
  { database, store }: ProcessorMeans,
): Promise<boolean> {
  const rows: { position: string | null }[] = await database.query(
    'SELECT position FROM checkpoints WHERE processor = $1',
    [id],
  );
  const after = rows[0]?.position ?? null;
  return (await store.readAll({ after, categories, limit: 1 })).length > 0;
}
