import { LRUCache } from 'lru-cache';
import type { AppendResult, EventStore, ExpectedRevision, NewEvent, RecordedEvent } from '../event-store.js';
import { assertAppendable } from '../event-store-rules.js';
import { chainHash, type ChainHash } from './chain-hash.js';

interface Head {
  revision: number;
  hash: ChainHash | null;
}

const rememberedHeads = 50_000;
const attemptsForAny = 20;

/**
 * Any event store, with every event's hash in its metadata: a chain per stream, so that a change made in the store by hand is found. Whoever appends has
 * just read the stream, so the hash of the event before is at hand and an append stays one round trip. Readers are shown what was appended, without the hashes.
 */
export class ChainedEventStore implements EventStore {
  private readonly heads = new LRUCache<string, Head>({ max: rememberedHeads });

  constructor(
    /** As it is kept, hashes included: for whoever checks the chain or exports it. */
    readonly kept: EventStore,
  ) {}

  async append(stream: string, events: NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    assertAppendable(stream, events, expected);
    if (expected === 'any') return this.appendAnywhere(stream, events);
    const head = await this.headAt(stream, expected === 'no-stream' ? -1 : expected);
    const chained = chain(stream, events, head);
    const result = await this.kept.append(stream, chained, expected);
    if (result.ok) {
      const revision = head.revision + events.length;
      this.heads.set(stream, { revision, hash: chained.at(-1)!.metadata.hash! });
    }
    return result;
  }

  async readStream(
    stream: string,
    options?: { fromRevision?: number; limit?: number },
  ): Promise<RecordedEvent[]> {
    const events = await this.kept.readStream(stream, options);
    const last = events.at(-1);
    if (last) this.heads.set(stream, headOf(last));
    return events.map(asAppended);
  }

  async readAll(options: Parameters<EventStore['readAll']>[0]): Promise<RecordedEvent[]> {
    return (await this.kept.readAll(options)).map(asAppended);
  }

  async *subscribe(options: Parameters<EventStore['subscribe']>[0]): AsyncGenerator<RecordedEvent[]> {
    for await (const batch of this.kept.subscribe(options)) yield batch.map(asAppended);
  }

  settled(): Promise<void> {
    return this.kept.settled();
  }

  close(): Promise<void> {
    return this.kept.close();
  }

  /** A place in the chain is a revision: for whom any will do, the end is looked up and taken. */
  private async appendAnywhere(stream: string, events: NewEvent[]): Promise<AppendResult> {
    for (let attempt = 1; ; attempt++) {
      const there = await this.kept.readStream(stream);
      const first = there.findIndex(({ metadata }) => metadata.id === events[0]!.metadata.id);
      const repeated =
        first >= 0 && events.every((event, index) => there[first + index]?.metadata.id === event.metadata.id);
      if (repeated) return { ok: true, revision: first + events.length - 1 };
      const result = await this.append(stream, events, there.at(-1)?.revision ?? 'no-stream');
      if (result.ok || attempt === attemptsForAny) return result;
    }
  }

  private async headAt(stream: string, revision: number): Promise<Head> {
    if (revision < 0) return { revision, hash: null };
    const remembered = this.heads.get(stream);
    if (remembered?.revision === revision) return remembered;
    const [event] = await this.kept.readStream(stream, { fromRevision: revision, limit: 1 });
    // Without an event there the append is refused in any case.
    return event ? headOf(event) : { revision, hash: null };
  }
}

function chain(stream: string, events: NewEvent[], head: Head): NewEvent[] {
  let { revision, hash } = head;
  return events.map((event) => {
    revision += 1;
    hash = chainHash(hash, { ...event, stream, revision });
    return { ...event, metadata: { ...event.metadata, hash } };
  });
}

const headOf = ({ revision, metadata }: RecordedEvent): Head => ({ revision, hash: metadata.hash ?? null });

function asAppended(event: RecordedEvent): RecordedEvent {
  const { hash: _, ...metadata } = event.metadata;
  return { ...event, metadata };
}
