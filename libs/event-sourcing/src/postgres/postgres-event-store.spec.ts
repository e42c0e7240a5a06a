import { createTestDatabase } from '#servers/test-database';
import { eventStoreContract } from '../event-store.contract.js';
import { PostgresEventStore } from './postgres-event-store.js';

describe('the event store in PostgreSQL', () => {
  eventStoreContract({
    make: async () => {
      const { url, drop } = await createTestDatabase();
      const openAnother = () => PostgresEventStore.open({ url, poolSize: 8, warn: () => {} });
      return { store: await openAnother(), openAnother, destroy: drop };
    },
    features: { sharedBetweenProcesses: true },
  });
});
