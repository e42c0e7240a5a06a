import type { EventStore } from '#event-sourcing/event-store';
import { EventStoreDbEventStore } from '#event-sourcing/eventstoredb/eventstoredb-event-store';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import type { Whereabouts } from './whereabouts.js';

/** The events as they are kept, hashes included. Close it. */
export function openKeptEvents({ databaseUrl, eventStoreDbUrl }: Whereabouts): Promise<EventStore> {
  const warn = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
  return eventStoreDbUrl
    ? EventStoreDbEventStore.open({ url: eventStoreDbUrl, warn })
    : PostgresEventStore.open({ url: databaseUrl, poolSize: 2, warn });
}
