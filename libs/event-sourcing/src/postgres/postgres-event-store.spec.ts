import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '#servers/child-server';
import { startPostgres } from '#servers/postgres-server';
import { eventStoreContract } from '../event-store.contract.js';
import { PostgresEventStore } from './postgres-event-store.js';

describe('the event store in PostgreSQL', () => {
  eventStoreContract({
    // A server of its own, because the suite restarts it.
    make: async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-events-'));
      const options = { dataDir, port: await freePort(), unsafeFast: true };
      let server = await startPostgres(options);
      const openAnother = () => PostgresEventStore.open({ url: server.url, poolSize: 8, warn: () => {} });
      return {
        store: await openAnother(),
        openAnother,
        restart: async () => {
          await server.stop();
          server = await startPostgres(options);
        },
        destroy: async () => {
          await server.stop();
          await rm(dataDir, { recursive: true, force: true });
        },
      };
    },
    features: { sharedBetweenProcesses: true, outlivesItsServer: true },
  });
});
