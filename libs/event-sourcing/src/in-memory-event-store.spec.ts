import { eventStoreContract } from './event-store.contract.js';
import { InMemoryEventStore } from './in-memory-event-store.js';

describe('the event store in memory', () => {
  eventStoreContract({
    make: async () => {
      const store = new InMemoryEventStore();
      return { store, openAnother: async () => store, destroy: async () => {} };
    },
    features: {
      sharedBetweenProcesses: { because: 'its events live in one process' },
      outlivesItsServer: { because: 'its events live in one process' },
    },
  });
});
