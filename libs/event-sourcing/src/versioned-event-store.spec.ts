import { event, eventStoreContract } from './event-store.contract.js';
import { InMemoryEventStore } from './in-memory-event-store.js';
import { VersionedEventStore, type EventVersions } from './versioned-event-store.js';

/** `Named` had a first and a last name once, then one name, and has a list of names now. */
const versions: EventVersions = {
  present: (_stream, type) => (type === 'Named' ? 3 : 1),
  upcast: (_stream, type, data, from) => {
    if (type !== 'Named') return data;
    const one = from < 2 ? { ...data, name: `${String(data['first'])} ${String(data['last'])}` } : data;
    return from < 3 ? { ...one, names: [(one as { name: string }).name] } : one;
  },
};

describe('an event store with versions', () => {
  eventStoreContract({
    make: async () => {
      const store = new VersionedEventStore(new InMemoryEventStore(), versions);
      return { store, openAnother: async () => store, destroy: async () => {} };
    },
    features: {
      sharedBetweenProcesses: { because: 'the store in memory below it lives in one process' },
      outlivesItsServer: { because: 'the store in memory below it lives in one process' },
    },
  });

  it('shows events of all versions in the present shape, and keeps what it does not know', async () => {
    const stream = 'person-t1+p1';
    const kept = new InMemoryEventStore();
    const store = new VersionedEventStore(kept, versions);
    const old = event('Named', stream, { first: 'Ada', last: 'Lovelace', note: 'of a newer version' });
    await kept.append(stream, [old], 'no-stream');
    const middle = event('Named', stream, { name: 'Ada King' });
    await kept.append(stream, [{ ...middle, metadata: { ...middle.metadata, version: 2 } }], 0);
    await store.append(stream, [event('Named', stream, { names: ['Ada'] })], 1);
    const later = event('Named', stream, { called: 'Ada' });
    await kept.append(stream, [{ ...later, metadata: { ...later.metadata, version: 4 } }], 2);

    const read = await store.readStream(stream);
    expect(read.map(({ data }) => data['names'] ?? data)).toEqual([
      ['Ada Lovelace'],
      ['Ada King'],
      ['Ada'],
      { called: 'Ada' },
    ]);
    expect(read[0]!.data).toMatchObject({ note: 'of a newer version' });
    expect(read.every(({ metadata }) => !('version' in metadata))).toBe(true);
    expect((await kept.readStream(stream)).map(({ metadata }) => metadata.version)).toEqual([
      undefined,
      2,
      3,
      4,
    ]);
  });
});
