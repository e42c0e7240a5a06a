import { randomUUID } from 'node:crypto';
import type { AppendResult, EventStore, ExpectedRevision, NewEvent, RecordedEvent } from './event-store.js';
import { streamName } from './stream-name.js';

export interface EventStoreUnderTest {
  store: EventStore;
  /** A second, independent access to the same events, as another process would have it. */
  openAnother(): Promise<EventStore>;
  /** Ends the server that keeps the events, with all connections, and starts it again; only for a store that has one. */
  restart?(): Promise<void>;
  /** Removes what was made for this suite; the stores are closed by then. */
  destroy(): Promise<void>;
}

type Feature = true | { because: string };

/** What every event store must do; a feature that an adapter lacks needs its reason. */
export function eventStoreContract(adapter: {
  make: () => Promise<EventStoreUnderTest>;
  features: { sharedBetweenProcesses: Feature; outlivesItsServer: Feature };
}): void {
  let made: EventStoreUnderTest;
  let store: EventStore;
  const opened: EventStore[] = [];

  beforeAll(async () => {
    made = await adapter.make();
    store = made.store;
    opened.push(store);
  });

  afterAll(async () => {
    for (const each of opened) await each.close();
    await made.destroy();
  });

  describe('appending', () => {
    it('numbers the events of a stream from 0 and gives them back as they were', async () => {
      const { stream } = fresh();
      const events = [
        event('Opened', stream, { subject: 'Grüße', nested: { list: [1, null, true] } }),
        event('Closed', stream),
      ];
      expect(await store.append(stream, events, 'no-stream')).toEqual({ ok: true, revision: 1 });
      expect(await store.readStream(stream)).toEqual([
        { ...events[0], stream, revision: 0, position: expect.any(String) },
        { ...events[1], stream, revision: 1, position: expect.any(String) },
      ]);
    });

    it('continues after the revision that the writer has seen', async () => {
      const { stream } = fresh();
      await store.append(stream, [event('Opened', stream)], 'no-stream');
      expect(await store.append(stream, [event('Closed', stream)], 0)).toEqual({ ok: true, revision: 1 });
      expect(await store.append(stream, [event('Opened', stream), event('Closed', stream)], 1)).toEqual({
        ok: true,
        revision: 3,
      });
      expect(types(await store.readStream(stream))).toEqual(['Opened', 'Closed', 'Opened', 'Closed']);
    });

    it('answers the actual revision, and appends nothing, when the writer has seen too little or too much', async () => {
      const { stream } = fresh();
      expect(await store.append(stream, [event('Closed', stream)], 0)).toEqual({
        ok: false,
        actual: 'no-stream',
      });
      await store.append(stream, [event('Opened', stream), event('Closed', stream)], 'no-stream');
      for (const expected of ['no-stream', 0, 2, 7] as const) {
        const two = [event('Late', stream), event('Late', stream)];
        expect(await store.append(stream, two, expected)).toEqual({ ok: false, actual: 1 });
        expect(await store.append(stream, two.slice(0, 1), expected)).toEqual({ ok: false, actual: 1 });
      }
      expect(types(await store.readStream(stream))).toEqual(['Opened', 'Closed']);
    });

    it("appends at the end when any revision will do, also to a stream that isn't there", async () => {
      const { stream } = fresh();
      expect(await store.append(stream, [event('Opened', stream)], 'any')).toEqual({ ok: true, revision: 0 });
      expect(await store.append(stream, [event('Closed', stream)], 'any')).toEqual({ ok: true, revision: 1 });
    });

    it('doubles nothing when the same events come again at the same expected revision', async () => {
      const { stream } = fresh();
      const first = [event('Opened', stream), event('Named', stream)];
      const second = [event('Closed', stream)];
      await store.append(stream, first, 'no-stream');
      await store.append(stream, second, 1);
      expect(await store.append(stream, first, 'no-stream')).toEqual({ ok: true, revision: 1 });
      expect(await store.append(stream, second, 1)).toEqual({ ok: true, revision: 2 });
      expect(await store.append(stream, second, 'any')).toEqual({ ok: true, revision: 2 });
      expect(types(await store.readStream(stream))).toEqual(['Opened', 'Named', 'Closed']);
    });

    it('lets exactly one of many writers win who have seen the same', async () => {
      const { stream } = fresh();
      await store.append(stream, [event('Opened', stream)], 'no-stream');
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          store.append(stream, [event(`By${n}`, stream), event('Done', stream)], 0),
        ),
      );
      expect(answers.filter(({ ok }) => ok)).toEqual([{ ok: true, revision: 2 }]);
      expect(answers.filter(({ ok }) => !ok)).toEqual(Array(11).fill({ ok: false, actual: 2 }));
      expect(await store.readStream(stream)).toHaveLength(3);
    });

    it('loses none of many writers for whom any revision will do', async () => {
      const { stream } = fresh();
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) => store.append(stream, [event(`By${n}`, stream)], 'any')),
      );
      const revisions = answers.map((answer) => (answer.ok ? answer.revision : -1)).sort((a, b) => a - b);
      expect(revisions).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    });

    it('refuses what no store could keep: no events, a malformed stream, an id that is no UUID, another tenant', async () => {
      const { stream } = fresh();
      const good = event('Opened', stream);
      await expect(store.append(stream, [], 'any')).rejects.toThrow(RangeError);
      await expect(store.append('Not a stream', [good], 'any')).rejects.toThrow(RangeError);
      await expect(store.append(stream, [good], -1)).rejects.toThrow(RangeError);
      await expect(store.append(stream, [good, good], 'any')).rejects.toThrow('same id');
      const misnumbered = { ...good, metadata: { ...good.metadata, id: '7' } };
      await expect(store.append(stream, [misnumbered], 'any')).rejects.toThrow('UUID');
      const strange = { ...good, metadata: { ...good.metadata, tenantId: 'somebodyElse' } };
      await expect(store.append(stream, [strange], 'any')).rejects.toThrow('another tenant');
      expect(await store.readStream(stream)).toEqual([]);
    });
  });

  describe('reading', () => {
    it('answers nothing for a stream that is not there', async () => {
      expect(await store.readStream(fresh().stream)).toEqual([]);
    });

    it('reads a part of a stream', async () => {
      const { stream } = fresh();
      await store.append(
        stream,
        ['A', 'B', 'C', 'D'].map((type) => event(type, stream)),
        'no-stream',
      );
      expect(types(await store.readStream(stream, { fromRevision: 2 }))).toEqual(['C', 'D']);
      expect(types(await store.readStream(stream, { fromRevision: 1, limit: 2 }))).toEqual(['B', 'C']);
      expect(await store.readStream(stream, { fromRevision: 4 })).toEqual([]);
    });

    it("keeps tenants' streams apart", async () => {
      const { category } = fresh();
      const one = streamName(category, 't1', 'same');
      const two = streamName(category, 't2', 'same');
      await store.append(one, [event('One', one)], 'no-stream');
      await store.append(two, [event('Two', two)], 'no-stream');
      expect(types(await store.readStream(one))).toEqual(['One']);
      expect(types(await store.readStream(two))).toEqual(['Two']);
    });

    it('pages through all events of some categories in the order of their appends', async () => {
      const mailbox = fresh();
      const calendar = fresh();
      const other = fresh();
      for (const [n, { stream }] of [mailbox, other, calendar, mailbox, calendar].entries()) {
        await store.append(stream, [event(`E${n}`, stream)], 'any');
      }
      const categories = [mailbox.category, calendar.category];
      await store.settled();
      const pages: string[][] = [];
      for (let after: string | null = null; ;) {
        const page: RecordedEvent[] = await store.readAll({ after, categories, limit: 3 });
        if (page.length === 0) break;
        pages.push(types(page));
        after = page.at(-1)!.position;
      }
      expect(pages.flat()).toEqual(['E0', 'E2', 'E3', 'E4']);
      expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(3);
    });

    it('holds all categories together without a filter', async () => {
      const [one, two] = [fresh(), fresh()];
      await store.append(one.stream, [event('One', one.stream)], 'any');
      await store.append(two.stream, [event('Two', two.stream)], 'any');
      await store.settled();
      const ours = (await everything(store)).filter(
        ({ stream }) => stream === one.stream || stream === two.stream,
      );
      expect(types(ours)).toEqual(['One', 'Two']);
    });

    it('gives an event the same position wherever it is read', async () => {
      const { stream, category } = fresh();
      await store.append(stream, [event('A', stream), event('B', stream)], 'any');
      await store.settled();
      const all = await store.readAll({ after: null, categories: [category], limit: 10 });
      expect(all).toEqual(await store.readStream(stream));
      expect(
        types(await store.readAll({ after: all[0]!.position, categories: [category], limit: 10 })),
      ).toEqual(['B']);
    });
  });

  describe('subscribing', () => {
    it('hands over what is there, then what comes, each once and in order', async () => {
      const { stream, category } = fresh();
      await store.append(stream, [event('A', stream), event('B', stream)], 'any');
      const subscriber = new Subscriber(store, { after: null, categories: [category] });
      await subscriber.hasSeen(2);
      await store.append(stream, [event('C', stream)], 'any');
      await subscriber.hasSeen(3);
      await store.append(stream, [event('D', stream)], 'any');
      await subscriber.hasSeen(4);
      await subscriber.stop();
      expect(types(subscriber.seen)).toEqual(['A', 'B', 'C', 'D']);
    });

    it('goes on after the position where it was left', async () => {
      const { stream, category } = fresh();
      await store.append(
        stream,
        ['A', 'B', 'C'].map((type) => event(type, stream)),
        'any',
      );
      const after = (await store.readStream(stream))[0]!.position;
      const subscriber = new Subscriber(store, { after, categories: [category] });
      await subscriber.hasSeen(2);
      await subscriber.stop();
      expect(types(subscriber.seen)).toEqual(['B', 'C']);
    });

    it('shows only the categories that were asked for', async () => {
      const wanted = fresh();
      const other = fresh();
      const subscriber = new Subscriber(store, { after: null, categories: [wanted.category] });
      await store.append(other.stream, [event('Other', other.stream)], 'any');
      await store.append(wanted.stream, [event('Wanted', wanted.stream)], 'any');
      await subscriber.hasSeen(1);
      await subscriber.stop();
      expect(types(subscriber.seen)).toEqual(['Wanted']);
    });

    it('misses nothing and keeps the order while many write at once', async () => {
      const { category } = fresh();
      const subscriber = new Subscriber(store, { after: null, categories: [category] });
      const streams = Array.from({ length: 8 }, (_, n) => streamName(category, 't1', String(n)));
      await Promise.all(
        streams.map(async (stream) => {
          for (let n = 0; n < 25; n++) await store.append(stream, [event(`E${n}`, stream)], 'any');
        }),
      );
      await subscriber.hasSeen(200);
      await subscriber.stop();
      expect(new Set(subscriber.seen.map(({ metadata }) => metadata.id)).size).toBe(200);
      for (const stream of streams) {
        const revisions = subscriber.seen
          .filter((seen) => seen.stream === stream)
          .map(({ revision }) => revision);
        expect(revisions).toEqual(Array.from({ length: 25 }, (_, n) => n));
      }
    });

    it('ends when the signal aborts', async () => {
      const subscriber = new Subscriber(store, { after: null, categories: [fresh().category] });
      await subscriber.stop();
      expect(subscriber.ended).toBe(true);
    });
  });

  it('keeps the order of a hundred thousand events, for those who read and those who subscribe', async () => {
    const { category } = fresh();
    const streams = Array.from({ length: 10 }, (_, n) => streamName(category, 't1', `many${n}`));
    const perAppend = 1_000;
    await Promise.all(
      streams.map(async (stream) => {
        for (let n = 0; n < 10; n++) {
          const events = Array.from({ length: perAppend }, (_, m) => event(`E${n * perAppend + m}`, stream));
          await store.append(stream, events, n === 0 ? 'no-stream' : n * perAppend - 1);
        }
      }),
    );
    const next = new Map(streams.map((stream) => [stream, 0]));
    const subscriber = new Subscriber(store, { after: null, categories: [category] });
    await subscriber.hasSeen(100_000);
    await subscriber.stop();
    for (const { stream, revision } of subscriber.seen) {
      if (revision !== next.get(stream)) throw new Error(`${stream} came at ${revision} out of its turn.`);
      next.set(stream, revision + 1);
    }
    expect([...next.values()]).toEqual(Array(10).fill(10_000));
    const whole = await store.readStream(streams[3]!);
    expect(types(whole)).toEqual(Array.from({ length: 10_000 }, (_, n) => `E${n}`));
    expect(new Set(subscriber.seen.map(({ position }) => position)).size).toBe(100_000);
  });

  describe('while its server goes away', () => {
    const { outlivesItsServer } = adapter.features;
    if (outlivesItsServer !== true) {
      it(`has none: ${outlivesItsServer.because}`, () => {
        expect(outlivesItsServer.because).not.toBe('');
      });
      return;
    }

    it('loses and doubles nothing for writers who append the same events again, nor for subscribers', async () => {
      const { stream, category } = fresh();
      const subscriber = new Subscriber(store, { after: null, categories: [category] });
      await store.append(stream, [event('Before', stream)], 'no-stream');
      await subscriber.hasSeen(1);
      const restarted = made.restart!();
      for (let revision = 0; revision < 20; revision++) {
        await untilAnswered(store, stream, [event(`During${revision}`, stream)], revision);
      }
      await restarted;
      await untilAnswered(store, stream, [event('After', stream)], 20);
      await subscriber.hasSeen(22);
      await subscriber.stop();
      const expected = ['Before', ...Array.from({ length: 20 }, (_, n) => `During${n}`), 'After'];
      expect(types(subscriber.seen)).toEqual(expected);
      expect(types(await store.readStream(stream))).toEqual(expected);
    });

    it('still recognises events that were appended before', async () => {
      const { stream } = fresh();
      const events = [event('Opened', stream), event('Named', stream)];
      await untilAnswered(store, stream, events, 'no-stream');
      await made.restart!();
      expect(await untilAnswered(store, stream, events, 'no-stream')).toEqual({ ok: true, revision: 1 });
      expect(types(await store.readStream(stream))).toEqual(['Opened', 'Named']);
    });
  });

  describe('between processes', () => {
    const { sharedBetweenProcesses } = adapter.features;
    if (sharedBetweenProcesses !== true) {
      it(`is not shared: ${sharedBetweenProcesses.because}`, () => {
        expect(sharedBetweenProcesses.because).not.toBe('');
      });
      return;
    }

    it('wakes the subscribers of one when another appends', async () => {
      const { stream, category } = fresh();
      const another = await made.openAnother();
      opened.push(another);
      const subscriber = new Subscriber(another, { after: null, categories: [category] });
      await store.append(stream, [event('A', stream)], 'no-stream');
      await subscriber.hasSeen(1);
      expect(await another.append(stream, [event('B', stream)], 'no-stream')).toEqual({
        ok: false,
        actual: 0,
      });
      await store.append(stream, [event('C', stream)], 0);
      await subscriber.hasSeen(2);
      await subscriber.stop();
      expect(types(subscriber.seen)).toEqual(['A', 'C']);
    });

    it('ends subscriptions when the store is closed', async () => {
      const another = await made.openAnother();
      opened.push(another);
      const subscriber = new Subscriber(another, { after: null, categories: [fresh().category] });
      await another.close();
      await subscriber.finished;
      expect(subscriber.ended).toBe(true);
    });
  });
}

/** As the port demands of writers: the outcome of an append that rejected is unknown, so the same events are appended again. */
async function untilAnswered(
  store: EventStore,
  stream: string,
  events: NewEvent[],
  expected: ExpectedRevision,
): Promise<AppendResult> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await store.append(stream, events, expected);
    } catch (error) {
      if (attempts === 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Collects what a subscription yields, so that a spec can await how much has come. */
export class Subscriber {
  readonly seen: RecordedEvent[] = [];
  readonly finished: Promise<void>;
  ended = false;
  private readonly stopping = new AbortController();
  private awaited: { count: number; resolve: () => void } | undefined;

  constructor(store: EventStore, options: { after: string | null; categories?: string[] }) {
    this.finished = this.collect(store, options);
  }

  hasSeen(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.awaited = { count, resolve };
      this.check();
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.finished;
  }

  private async collect(
    store: EventStore,
    options: { after: string | null; categories?: string[] },
  ): Promise<void> {
    for await (const batch of store.subscribe({ ...options, signal: this.stopping.signal })) {
      this.seen.push(...batch);
      this.check();
    }
    this.ended = true;
  }

  private check(): void {
    if (this.awaited && this.seen.length >= this.awaited.count) this.awaited.resolve();
  }
}

/** An event of the stream's tenant with metadata that is its own. */
export function event(type: string, stream: string, data: Record<string, unknown> = {}): NewEvent {
  const tenantId = /-([^+]+)/.exec(stream)![1]!;
  const at = '2026-03-01T08:00:00.000Z';
  const [correlationId, causationId] = [randomUUID(), randomUUID()];
  return { type, data, metadata: { id: randomUUID(), tenantId, correlationId, causationId, at, by: 'spec' } };
}

let categories = 0;

/** A category that no other spec of the suite uses. */
function fresh(): { category: string; stream: string } {
  const category = `thing${++categories}`;
  return { category, stream: streamName(category, 't1', 'x1') };
}

const types = (events: RecordedEvent[]): string[] => events.map(({ type }) => type);

async function everything(store: EventStore): Promise<RecordedEvent[]> {
  const found: RecordedEvent[] = [];
  for (;;) {
    const page = await store.readAll({ after: found.at(-1)?.position ?? null, limit: 100 });
    if (page.length === 0) return found;
    found.push(...page);
  }
}
