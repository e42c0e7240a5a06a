import type { DataSource } from 'typeorm';
import type { EventStore, Position, RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import type { Clock } from '#time/clock';
import { CheckpointMoved } from './checkpoint.js';
import { isDatabaseTrouble } from './trouble.js';

export interface ProcessorMeans {
  /** Opened on the service's schema, with the processor tables among its migrations. */
  database: DataSource;
  store: EventStore;
  clock: Clock;
  /** Told in a plain sentence about every event that is parked, and about trouble that is being worked around; and whom it concerns. */
  warn: (sentence: string, about?: Record<string, string>) => void;
}

/** One stretch of leading one processor: what it knows until it ends. */
export class Run {
  readonly database: DataSource;
  readonly store: EventStore;
  readonly clock: Clock;

  constructor(
    private readonly means: ProcessorMeans,
    readonly processor: string,
    readonly signal: AbortSignal,
    public position: Position | null,
    /** The streams with a parked event: whatever follows on them waits. */
    readonly held: Set<string>,
  ) {
    ({ database: this.database, store: this.store, clock: this.clock } = means);
  }

  isNotTheEventsFault(error: unknown): boolean {
    return error instanceof CheckpointMoved || isDatabaseTrouble(error) || this.signal.aborted;
  }

  tellParked({ type, stream, revision, metadata }: RecordedEvent): void {
    const { id: providerId } = parseStreamName(stream);
    const { tenantId, correlationId } = metadata;
    this.means.warn(
      `${this.processor} parked ${type} ${metadata.id} (${stream} at ${revision}); the stream waits. See the parked events for the reason.`,
      { processor: this.processor, tenantId, ...(providerId && { providerId }), correlationId },
    );
  }
}
