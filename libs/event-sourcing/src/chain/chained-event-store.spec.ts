import { event, eventStoreContract } from '../event-store.contract.js';
import type { RecordedEvent } from '../event-store.js';
import { InMemoryEventStore } from '../in-memory-event-store.js';
import { ChainCheck, type Break } from './chain-check.js';
import { ChainedEventStore } from './chained-event-store.js';

describe('an event store with a chain', () => {
  eventStoreContract({
    make: async () => {
      const store = new ChainedEventStore(new InMemoryEventStore());
      return { store, openAnother: async () => store, destroy: async () => {} };
    },
    features: {
      sharedBetweenProcesses: { because: 'the store in memory below it lives in one process' },
      outlivesItsServer: { because: 'the store in memory below it lives in one process' },
    },
  });
});

describe('the chain', () => {
  const stream = 'mailbox-t1+p1';
  const kept = new InMemoryEventStore();
  const [one, other] = [new ChainedEventStore(kept), new ChainedEventStore(kept)];

  beforeAll(async () => {
    await one.append(
      stream,
      [event('A', stream, { text: 'Grüße', gone: undefined }), event('B', stream)],
      'no-stream',
    );
    // Another replica goes on without having read the stream before.
    await other.append(stream, [event('C', stream, { n: 1e21, list: [1, { b: 2, a: 1 }] })], 1);
    await one.append(stream, [event('D', stream)], 2);
  });

  const check = (events: RecordedEvent[]): ChainCheck => {
    const checking = new ChainCheck();
    for (const each of events) checking.add(each);
    return checking;
  };
  const broken = async (change: (events: RecordedEvent[]) => RecordedEvent[]): Promise<Break[]> =>
    check(change(await kept.readStream(stream))).breaks;

  it('holds over writers of different processes', async () => {
    const checking = check(await kept.readStream(stream));
    expect(checking).toMatchObject({ breaks: [], checked: 4, unhashed: 0, streams: 1 });
    expect(checking.heads()).toEqual([
      { stream, revision: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
  });

  it('does not depend on the order in which a store gives back fields', async () => {
    const reversed = ({ data, ...rest }: RecordedEvent): RecordedEvent => ({
      ...rest,
      data: Object.fromEntries(Object.entries(data).reverse()),
    });
    expect(await broken((events) => events.map(reversed))).toEqual([]);
  });

  it('is told as broken once where something was changed by hand', async () => {
    expect(
      await broken((events) =>
        events.map((each) => (each.revision === 1 ? { ...each, data: { x: 1 } } : each)),
      ),
    ).toEqual([{ stream, revision: 1, what: 'altered' }]);
    expect(
      await broken((events) =>
        events.map((each) =>
          each.revision === 2 ? { ...each, metadata: { ...each.metadata, by: 'somebody else' } } : each,
        ),
      ),
    ).toEqual([{ stream, revision: 2, what: 'altered' }]);
  });

  it('is broken where an event is missing, stands twice, or lost its hash', async () => {
    expect(await broken((events) => events.filter(({ revision }) => revision !== 1))).toEqual([
      { stream, revision: 2, what: 'out-of-place' },
    ]);
    expect(await broken((events) => [events[0]!, ...events])).toEqual([
      { stream, revision: 0, what: 'out-of-place' },
    ]);
    expect(
      await broken((events) =>
        events.map(({ metadata: { hash, ...metadata }, ...each }) => ({
          ...each,
          metadata: each.revision === 3 ? metadata : { ...metadata, hash: hash! },
        })),
      ),
    ).toEqual([{ stream, revision: 3, what: 'unhashed' }]);
  });

  it('is broken where a whole story was made up with right hashes for another stream', async () => {
    expect(
      await broken((events) => events.map((each) => ({ ...each, stream: 'mailbox-t2+p1' }))),
    ).toHaveLength(4);
  });

  it('begins where the first event has a hash, and says how many came before', async () => {
    const before = new InMemoryEventStore();
    await before.append(stream, [event('Old', stream)], 'no-stream');
    const chained = new ChainedEventStore(before);
    await chained.append(stream, [event('New', stream)], 0);
    expect(check(await before.readStream(stream))).toMatchObject({ breaks: [], checked: 1, unhashed: 1 });
  });

  it('is not shown to those who read', async () => {
    const [first] = await one.readStream(stream);
    expect(first!.metadata).not.toHaveProperty('hash');
    const [again] = await one.readAll({ after: null, limit: 1 });
    expect(again!.metadata).not.toHaveProperty('hash');
  });
});
