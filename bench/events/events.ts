import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import type { EventStore } from '#event-sourcing/event-store';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { asServicesSee } from '#hosting/adapters';
import type { BenchOptions } from '../measuring/bench-options.js';
import type { Finding } from '../measuring/findings.js';
import { withServers } from '../measuring/servers.js';
import { measureAppends } from './appends.js';
import { measureFiveYears } from './five-years.js';
import { measureFolds } from './folds.js';
import { measureRebuild } from './rebuild.js';

const connections = 8;

export type EmmettStore = ReturnType<typeof getPostgreSQLEventStore>;

export interface Stores {
  url: string;
  /** For the floors: SQL without a store. */
  pool: pg.Pool;
  /** As services see it, with the chain of hashes. */
  ours: EventStore;
  emmetts: EmmettStore;
}

/** The store against the least that the database asks for, and against Emmett's store, all on one durable cluster. */
export const measureEvents = ({ rounds }: BenchOptions): Promise<Finding[]> =>
  withServers(async ({ postgresUrl: url }) => {
    const pool = new pg.Pool({ connectionString: url, max: connections });
    pool.on('error', () => {});
    const warn = (sentence: string): boolean => process.stderr.write(`${sentence}\n`);
    const ours = asServicesSee(await PostgresEventStore.open({ url, poolSize: connections, warn }));
    const emmetts = getPostgreSQLEventStore(url);
    try {
      await emmetts.schema.migrate();
      const stores = { url, pool, ours, emmetts };
      const appends = await measureAppends(stores, connections, rounds);
      const folds = await measureFolds(stores, rounds);
      const years = await measureFiveYears(stores, rounds);
      const rebuilds = await measureRebuild(stores, rounds);
      const all = [...appends, ...folds, ...years, ...rebuilds];
      return [...all.filter(({ unit }) => unit === '×'), ...all.filter(({ unit }) => unit !== '×')];
    } finally {
      await emmetts.close();
      await ours.close();
      await pool.end();
    }
  });
