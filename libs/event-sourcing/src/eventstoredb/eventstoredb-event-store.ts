import { setTimeout as pause } from 'node:timers/promises';
import {
  ANY,
  NO_STREAM,
  START,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import type { AppendResult, EventStore, ExpectedRevision, NewEvent, RecordedEvent } from '../event-store.js';
import { assertAppendable } from '../event-store-rules.js';
import { CatchUp } from './catch-up.js';
import { clientFor, nodeNamedBy } from './connection-string.js';
import { explained, tooOld } from './eventstoredb-error.js';
import { persisting } from './persisting.js';
import { proposal, recorded } from './recorded-events.js';

export interface EventStoreDbOptions {
  /** `esdb://…` or `kurrentdb://…`, with credentials and TLS. */
  url: string;
  /** How long an append or a read is tried while the node is away or elects a leader. */
  patienceMs?: number;
  /** Told in a plain sentence when something is wrong that the store works around by itself. */
  warn: (sentence: string) => void;
}

const defaultPatienceMs = 10_000;
const resubscribeMs = { first: 100, longest: 5_000 };

/**
 * Events in EventStoreDB 23.10 or later, or its successor KurrentDB. Everything is asked of the leader, so that whoever appended reads it.
 * An append whose answer was lost is repeated: at an exact revision the server recognises the events by their ids for ever, with 'any' only
 * as long as it remembers them.
 */
export class EventStoreDbEventStore implements EventStore {
  private readonly closing = new AbortController();

  private constructor(
    private readonly client: EventStoreDBClient,
    private readonly node: string,
    private readonly patienceMs: number,
    private readonly warn: (sentence: string) => void,
  ) {}

  /** @throws RangeError about the connection string, EventStoreDbError when the node cannot be used */
  static async open({
    url,
    patienceMs = defaultPatienceMs,
    warn,
  }: EventStoreDbOptions): Promise<EventStoreDbEventStore> {
    const node = nodeNamedBy(url);
    const store = new EventStoreDbEventStore(clientFor(url), node, patienceMs, warn);
    const version = await store.persist(() => serverVersion(store.client));
    const refusal = tooOld(version, node);
    if (refusal) {
      await store.close();
      throw refusal;
    }
    return store;
  }

  async append(stream: string, events: NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    assertAppendable(stream, events, expected);
    const proposals = events.map(proposal);
    return this.persist(async (): Promise<AppendResult> => {
      try {
        const { nextExpectedRevision } = await this.client.appendToStream(stream, proposals, {
          expectedRevision:
            expected === 'any' ? ANY : expected === 'no-stream' ? NO_STREAM : BigInt(expected),
          requiresLeader: true,
        });
        return { ok: true, revision: Number(nextExpectedRevision) };
      } catch (error) {
        if (!(error instanceof WrongExpectedVersionError)) throw error;
        const actual = error.actualVersion;
        return { ok: false, actual: typeof actual === 'bigint' ? Number(actual) : 'no-stream' };
      }
    });
  }

  async readStream(
    stream: string,
    { fromRevision = 0, limit }: { fromRevision?: number; limit?: number } = {},
  ): Promise<RecordedEvent[]> {
    if (limit === 0) return [];
    return this.persist(async () => {
      const found: RecordedEvent[] = [];
      try {
        const events = this.client.readStream(stream, {
          fromRevision: fromRevision === 0 ? START : BigInt(fromRevision),
          requiresLeader: true,
          ...(limit === undefined ? {} : { maxCount: limit }),
        });
        for await (const { event } of events) if (event) found.push(recorded(event));
      } catch (error) {
        if (!(error instanceof StreamNotFoundError)) throw error;
      }
      return found;
    });
  }

  /** The beginning of a subscription: reading all events with a filter is not among what the client offers. */
  async readAll({
    after,
    categories,
    limit,
  }: {
    after: string | null;
    categories?: string[];
    limit: number;
  }): Promise<RecordedEvent[]> {
    return this.persist(async () => {
      const events = new CatchUp(this.client, after, categories);
      const found: RecordedEvent[] = [];
      try {
        while (found.length < limit) {
          const batch = await events.next(this.closing.signal, { untilLive: true });
          if (batch.length === 0) break;
          found.push(...batch);
        }
      } finally {
        await events.close();
      }
      if (found.length < limit && events.broken !== undefined) throw events.broken as Error;
      return found.slice(0, limit);
    });
  }

  async *subscribe({
    after,
    categories,
    signal,
  }: {
    after: string | null;
    categories?: string[];
    signal: AbortSignal;
  }): AsyncGenerator<RecordedEvent[]> {
    const ending = AbortSignal.any([signal, this.closing.signal]);
    let delay = resubscribeMs.first;
    for (let from = after; !ending.aborted;) {
      const events = new CatchUp(this.client, from, categories);
      try {
        for (let batch; (batch = await events.next(ending)).length > 0;) {
          delay = resubscribeMs.first;
          if (ending.aborted) return;
          yield batch;
        }
      } finally {
        await events.close();
      }
      from = events.after;
      if (ending.aborted) return;
      this.warn(
        `A subscription goes on after a moment: ${events.broken === undefined ? `EventStoreDB at ${this.node} ended it.` : explained(events.broken, this.node).message}`,
      );
      await pause(delay, undefined, { signal: ending }).catch(() => {});
      delay = Math.min(delay * 2, resubscribeMs.longest);
    }
  }

  /** The leader indexes what it acknowledges, and everything is read from the leader. */
  async settled(): Promise<void> {
    if (this.closing.signal.aborted) throw new Error('The event store was closed.');
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await this.client.dispose();
  }

  private persist<T>(attempt: () => Promise<T>): Promise<T> {
    return persisting(attempt, {
      node: this.node,
      patienceMs: this.patienceMs,
      signal: this.closing.signal,
    });
  }
}

/** The client asks for it before its first append; it just does not show it. */
const serverVersion = async (client: EventStoreDBClient): Promise<string> =>
  (await (client as unknown as { capabilities: Promise<{ serverVersion: string }> }).capabilities)
    .serverVersion;
