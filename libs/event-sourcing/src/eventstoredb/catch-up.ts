import {
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type Position,
} from '@eventstore/db-client';
import { Bell } from '../bell.js';
import type { RecordedEvent } from '../event-store.js';
import { categoryOf } from '../stream-name.js';
import { placeOf, recorded } from './recorded-events.js';

const mostWaiting = 1_000;
const batchSize = 500;
/** How many times 32 events the server looks at before it tells how far it came. */
const checkpointInterval = 16;
/** What the server writes for itself lies in streams that begin with a dollar sign. */
const notOfTheServer = '^[^$]';

/** One subscription to all events after a position: what arrives, in batches, until it breaks, is closed, or somebody has enough. */
export class CatchUp {
  private readonly arrived: RecordedEvent[] = [];
  private readonly bell = new Bell();
  private readonly subscription: AllStreamSubscription;
  private failure: unknown;
  private over = false;
  private live = false;

  constructor(
    client: EventStoreDBClient,
    /** Where another subscription may go on: moves also over events that nobody asked for. */
    public after: string | null,
    categories: string[] | undefined,
  ) {
    const filtering = {
      checkpointInterval,
      checkpointReached: (_subscription: AllStreamSubscription, { commit }: Position): void => {
        if (this.arrived.length === 0) this.after = String(commit);
      },
    };
    this.subscription = client.subscribeToAll(
      {
        fromPosition: after === null ? START : placeOf(after),
        requiresLeader: true,
        filter: categories
          ? streamNameFilter({ ...filtering, prefixes: categories.map((category) => `${category}-`) })
          : streamNameFilter({ ...filtering, regex: notOfTheServer }),
      },
      { highWaterMark: batchSize },
    );
    this.subscription.on('data', ({ event }) => {
      if (event && isOurs(event.streamId)) this.arrived.push(recorded(event));
      if (this.arrived.length >= mostWaiting) this.subscription.pause();
      this.bell.ring();
    });
    this.subscription.on('caughtUp', () => this.onceDrained(() => (this.live = true)));
    this.subscription.on('error', (error) => this.end(error));
    this.subscription.on('end', () => this.onceDrained(() => this.end(undefined)));
    this.subscription.on('close', () => this.end(undefined));
  }

  /** The next events in order; empty when there are none and `wait` is over: it broke (see `broken`), the signal aborted, or `untilLive` is reached. */
  async next(signal: AbortSignal, { untilLive = false } = {}): Promise<RecordedEvent[]> {
    while (this.arrived.length === 0) {
      if (this.over || signal.aborted || (untilLive && this.live)) return [];
      const heard = this.bell.count;
      await this.bell.rungSince(heard, signal);
      await this.burst();
    }
    const batch = this.arrived.splice(0, batchSize);
    if (this.arrived.length < mostWaiting) this.subscription.resume();
    this.after = batch.at(-1)!.position;
    return batch;
  }

  /** Why it ended; undefined while it goes on, or when the server ended it without a word. */
  get broken(): unknown {
    return this.failure;
  }

  async close(): Promise<void> {
    this.over = true;
    await this.subscription.unsubscribe().catch(() => {});
  }

  /** Events arrive one by one, and belong into one batch as long as they follow each other without a pause. */
  private async burst(): Promise<void> {
    for (let before = 0; before < this.arrived.length && this.arrived.length < batchSize;) {
      before = this.arrived.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What the server said before is still on its way through the stream’s buffers. */
  private onceDrained(then: () => void): void {
    if (this.subscription.readableLength > 0 && !this.over) {
      setImmediate(() => this.onceDrained(then));
      return;
    }
    then();
    this.bell.ring();
  }

  private end(error: unknown): void {
    this.failure ??= error;
    this.over = true;
    this.bell.ring();
  }
}

/** Somebody else may keep streams of other names in the same store. */
function isOurs(stream: string): boolean {
  try {
    categoryOf(stream);
    return true;
  } catch {
    return false;
  }
}
