import { Bell } from './bell.js';
import type { AppendResult, EventStore, ExpectedRevision, NewEvent, RecordedEvent } from './event-store.js';
import { assertAppendable, subscribeByReading } from './event-store-rules.js';
import { categoryOf } from './stream-name.js';

/** The substitute: the same behaviour, gone when the process ends. */
export class InMemoryEventStore implements EventStore {
  private readonly all: { category: string; json: string; id: string; stream: string; revision: number }[] =
    [];
  private readonly streams = new Map<string, number[]>();
  private readonly bell = new Bell();
  private readonly closing = new AbortController();

  async append(stream: string, events: NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    assertAppendable(stream, events, expected);
    const places = this.streams.get(stream) ?? [];
    const actual = places.length - 1;
    const wanted = expected === 'any' ? actual : expected === 'no-stream' ? -1 : expected;

    const repeated = this.repetition(places, events, expected === 'any' ? null : wanted + 1);
    if (repeated !== null) return { ok: true, revision: repeated };
    if (wanted !== actual) return { ok: false, actual: actual < 0 ? 'no-stream' : actual };

    const category = categoryOf(stream);
    for (const event of events) {
      const revision = places.length;
      const recorded: RecordedEvent = { ...event, stream, revision, position: String(this.all.length) };
      places.push(this.all.length);
      this.all.push({ category, stream, revision, id: event.metadata.id, json: JSON.stringify(recorded) });
    }
    this.streams.set(stream, places);
    this.bell.ring();
    return { ok: true, revision: places.length - 1 };
  }

  async readStream(
    stream: string,
    { fromRevision = 0, limit = Infinity }: { fromRevision?: number; limit?: number } = {},
  ): Promise<RecordedEvent[]> {
    const places = this.streams.get(stream) ?? [];
    return places.slice(fromRevision, fromRevision + limit).map((place) => this.at(place));
  }

  async readAll({
    after,
    categories,
    limit,
  }: {
    after: string | null;
    categories?: string[];
    limit: number;
  }): Promise<RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    for (let place = after === null ? 0 : Number(after) + 1; place < this.all.length; place++) {
      if (found.length === limit) break;
      if (!categories || categories.includes(this.all[place]!.category)) found.push(this.at(place));
    }
    return found;
  }

  subscribe(options: {
    after: string | null;
    categories?: string[];
    signal: AbortSignal;
  }): AsyncIterable<RecordedEvent[]> {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    return subscribeByReading((page) => this.readAll(page), this.bell, { ...options, signal });
  }

  async settled(): Promise<void> {}

  async close(): Promise<void> {
    this.closing.abort();
  }

  private at(place: number): RecordedEvent {
    return JSON.parse(this.all[place]!.json) as RecordedEvent;
  }

  /** The revision of the last of these events, when exactly they were appended before (at `from`, or anywhere when null). */
  private repetition(places: number[], events: NewEvent[], from: number | null): number | null {
    const ids = places.map((place) => this.all[place]!.id);
    const first = from ?? ids.indexOf(events[0]!.metadata.id);
    if (first < 0 || !events.every((event, index) => ids[first + index] === event.metadata.id)) return null;
    return first + events.length - 1;
  }
}
