/** What is known about every event besides its content. Never holds a secret. */
export interface EventMetadata {
  /** A UUID in lower case; appending the same id again is recognised as a repetition. */
  id: string;
  tenantId: string;
  /** The first cause: everything that follows from one request shares it. */
  correlationId: string;
  /** The id of the command or event that led directly to this one. */
  causationId: string;
  /** ISO 8601 in UTC. */
  at: string;
  /** Who, or which timer. */
  by: string;
  /** Ties the event to all before it in its stream. Set and shown by nobody but those who keep and check the chain. */
  hash?: string;
  /** Of the shape of the data, when it is not 1. Set and used where events are brought into their present shape. */
  version?: number;
}

export interface NewEvent {
  type: string;
  /** Plain JSON; `undefined` fields are lost on the way. */
  data: Record<string, unknown>;
  metadata: EventMetadata;
}

/** Where an event stands among all events. Opaque: only the adapter that made it can compare it. */
export type Position = string;

export interface RecordedEvent extends NewEvent {
  stream: string;
  /** From 0, without gaps, within the stream. */
  revision: number;
  position: Position;
}

/** A number is the revision of the last event that the writer has seen. */
export type ExpectedRevision = number | 'no-stream' | 'any';

/** A conflict is a value: `actual` is the last revision that the stream really has. */
export type AppendResult = { ok: true; revision: number } | { ok: false; actual: number | 'no-stream' };

/**
 * The facts, in order. Every method rejects only when the store cannot be reached or is used wrongly
 * (malformed stream name, empty append); the outcome of an append that rejected is unknown, so append the same events again.
 */
export interface EventStore {
  /**
   * All events or none. Repeating the same events (by id) at the same expected revision answers `ok` with the revision
   * they already have, and doubles nothing. Answers the revision of the last of the events.
   */
  append(stream: string, events: NewEvent[], expected: ExpectedRevision): Promise<AppendResult>;
  /** Oldest first; empty when there is no such stream. Without a limit: to its end. */
  readStream(stream: string, options?: { fromRevision?: number; limit?: number }): Promise<RecordedEvent[]>;
  /**
   * Oldest first, at most `limit` events after the position (null: from the beginning). What is answered never changes
   * afterwards: no event ever appears before one that was already readable.
   */
  readAll(options: {
    after: Position | null;
    categories?: string[];
    limit: number;
  }): Promise<RecordedEvent[]>;
  /**
   * What is there, then what comes, in non-empty batches. Ends when the signal aborts and never before; while the
   * store cannot be reached it keeps trying.
   */
  subscribe(options: {
    after: Position | null;
    categories?: string[];
    signal: AbortSignal;
  }): AsyncIterable<RecordedEvent[]>;
  /** Resolves when every append that was acknowledged before the call is readable by position, also by subscriptions. */
  settled(): Promise<void>;
  /** Ends the store's connections; subscriptions end too. */
  close(): Promise<void>;
}
