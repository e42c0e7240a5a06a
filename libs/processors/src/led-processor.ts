import type { Bell } from '#event-sourcing/bell';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { CheckpointMoved, checkpointOf } from './checkpoint.js';
import { dueEvents, heldStreams, nextHeld, type ParkedEvent } from './parked-events.js';
import type { Processor } from './processor.js';
import { applyBatch, projectParked } from './projecting.js';
import { atOnce, reactToBatch, reactToParked } from './reacting.js';
import { type ProcessorMeans, Run } from './run.js';

const pauseMs = { first: 250, longest: 10_000 };
/** Per look, so that new events are not kept waiting by old trouble. */
const retriesPerLook = { streams: 32, eventsPerStream: 100, atOnce: 8 };

/** A processor for as long as this replica leads it. */
export class LedProcessor {
  readonly finished: Promise<void>;
  private readonly ending = new AbortController();
  private run: { current: Run; restart: AbortController } | undefined;
  private looking = false;
  private line: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly processor: Processor,
    private readonly means: ProcessorMeans,
    private readonly progress: Bell,
  ) {
    this.finished = this.lead();
  }

  end(): void {
    this.ending.abort();
  }

  /** Tries parked streams whose time has come, and notices a checkpoint that somebody reset. */
  async lookAround(seen: { position: string | null; due: boolean }): Promise<void> {
    const run = this.run;
    if (!run || this.looking || (!seen.due && seen.position === run.current.position)) return;
    this.looking = true;
    try {
      await this.inLine(async () => {
        if ((await checkpointOf(this.means.database, this.processor.id)) !== run.current.position) {
          run.restart.abort();
          return;
        }
        const due = await dueEvents(
          this.means.database,
          this.processor.id,
          this.means.clock.now(),
          retriesPerLook.streams,
        );
        await atOnce(retriesPerLook.atOnce, due, (parked) => this.retry(run.current, parked));
        if (due.length > 0) this.progress.ring();
      });
    } catch (error) {
      if (error instanceof CheckpointMoved) run.restart.abort();
      else if (!run.current.signal.aborted)
        this.means.warn(`${this.processor.id} could not retry: ${String(error)}`, {
          processor: this.processor.id,
        });
    } finally {
      this.looking = false;
    }
  }

  private async lead(): Promise<void> {
    const ended = this.ending.signal;
    let pause = pauseMs.first;
    while (!ended.aborted) {
      const restart = new AbortController();
      const signal = AbortSignal.any([ended, restart.signal]);
      try {
        await this.follow(restart, signal, () => (pause = pauseMs.first));
      } catch (error) {
        if (ended.aborted) return;
        if (restart.signal.aborted || error instanceof CheckpointMoved) continue;
        const { id: processor } = this.processor;
        this.means.warn(`${processor} stands still and tries again: ${String(error)}`, { processor });
        await sleep(pause, ended);
        pause = Math.min(pause * 2, pauseMs.longest);
      } finally {
        this.run = undefined;
        restart.abort();
      }
    }
  }

  private async follow(restart: AbortController, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const { database, store } = this.means;
    const { id, categories } = this.processor;
    const after = await checkpointOf(database, id);
    const current = new Run(this.means, id, signal, after, await heldStreams(database, id));
    this.run = { current, restart };
    for await (const batch of store.subscribe({ after, categories, signal })) {
      await this.inLine(() => this.process(current, batch));
      onProgress();
      this.progress.ring();
    }
  }

  private async process(run: Run, batch: RecordedEvent[]): Promise<void> {
    run.signal.throwIfAborted();
    if (this.processor.kind === 'projection') await applyBatch(run, this.processor, batch);
    else await reactToBatch(run, this.processor, batch);
  }

  /** Once the parked event went through, those held behind it follow at once. */
  private async retry(run: Run, parked: ParkedEvent): Promise<void> {
    let next: ParkedEvent | undefined = parked;
    for (let n = 0; next && n < retriesPerLook.eventsPerStream; n++) {
      const [event] = await this.means.store.readStream(next.stream, {
        fromRevision: next.revision,
        limit: 1,
      });
      if (!event) throw new Error(`The event store has no ${next.stream} at ${next.revision} any more.`);
      const gone =
        this.processor.kind === 'projection'
          ? await projectParked(run, this.processor, next, event)
          : await reactToParked(run, this.processor, next, event);
      if (!gone) return;
      next = await nextHeld(this.means.database, next);
    }
    if (!next) run.held.delete(parked.stream);
  }

  /** Batches and retries of one processor never overlap: they would race for the order within a stream. */
  private inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.line.then(work);
    this.line = turn.catch(() => {});
    return turn;
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
