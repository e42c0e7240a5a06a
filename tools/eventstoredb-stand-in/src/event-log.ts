/** What a writer proposes. Data and metadata are kept as they came. */
export interface Proposed {
  id: string;
  type: string;
  contentType: string;
  data: Uint8Array;
  metadata: Uint8Array;
}

export interface Recorded extends Proposed {
  stream: string;
  revision: number;
  /** Where the record begins in the log: grows with each record, and is not a count. */
  position: bigint;
  /** In ticks of 100 ns since 1970. */
  created: bigint;
}

export type Expected = number | 'any' | 'no-stream' | 'stream-exists';

export type Written =
  { outcome: 'written'; last: Recorded } | { outcome: 'wrong-version'; current: number | null };

const recordOverhead = 120n;
const ticksPerMs = 10_000n;

/** The log and the rules by which EventStoreDB takes writes. It outlives a restart; what the server only remembers does not. */
export class EventLog {
  readonly records: Recorded[] = [];
  private readonly streams = new Map<string, Recorded[]>();
  private readonly remembered = new Map<string, Recorded>();
  private readonly listeners = new Set<() => void>();
  private end = 0n;

  constructor(private readonly now: () => number = Date.now) {
    // A server writes events of its own before anybody else does; readers of everything come across them.
    this.write('$settings', [system('$settings')], 'any');
    this.write('$stats-127.0.0.1:2113', [system('$statsCollected')], 'any');
  }

  stream(name: string): readonly Recorded[] {
    return this.streams.get(name) ?? [];
  }

  /** Index of the first record after the position; the position itself is excluded, as for subscriptions. */
  indexAfter(position: bigint): number {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.records[middle]!.position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether a record begins here; reading from anywhere else is refused. */
  isPosition(position: bigint): boolean {
    return this.records[this.indexAfter(position) - 1]?.position === position;
  }

  onWritten(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A restarted server has to look into its index for what was written; for 'any' it does not look. */
  forgetRemembered(): void {
    this.remembered.clear();
  }

  /** All or nothing. The same events at the same place again are answered as written; others there are a conflict. */
  write(name: string, events: Proposed[], expected: Expected): Written {
    const stream = this.streams.get(name) ?? [];
    const current = stream.length - 1;
    const conflict: Written = { outcome: 'wrong-version', current: current < 0 ? null : current };
    if (expected === 'stream-exists' && current < 0) return conflict;
    if (expected === 'any' || expected === 'stream-exists') {
      const known = events.map(({ id }) => this.remembered.get(id)).filter((one) => one?.stream === name);
      if (known.length === events.length && known.length > 0) return written(known.at(-1)!);
      if (known.length > 0) return conflict;
    } else {
      const wanted = expected === 'no-stream' ? -1 : expected;
      if (wanted > current) return conflict;
      if (wanted < current) {
        const there = stream.slice(wanted + 1, wanted + 1 + events.length);
        const same =
          there.length === events.length && there.every((record, index) => record.id === events[index]!.id);
        return same ? written(there.at(-1)!) : conflict;
      }
    }
    return written(this.append(name, stream, events));
  }

  private append(name: string, stream: Recorded[], events: Proposed[]): Recorded {
    const created = BigInt(this.now()) * ticksPerMs;
    for (const event of events) {
      const record = { ...event, stream: name, revision: stream.length, position: this.end, created };
      this.end += recordOverhead + BigInt(event.data.length + event.metadata.length);
      stream.push(record);
      this.records.push(record);
      this.remembered.set(event.id, record);
    }
    this.streams.set(name, stream);
    for (const listener of [...this.listeners]) listener();
    return stream.at(-1)!;
  }
}

const written = (last: Recorded): Written => ({ outcome: 'written', last });

const system = (type: string): Proposed => ({
  id: crypto.randomUUID(),
  type,
  contentType: 'application/json',
  data: new TextEncoder().encode('{}'),
  metadata: new Uint8Array(),
});
