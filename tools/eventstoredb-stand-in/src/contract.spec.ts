import { eventStoreContract } from '#event-sourcing/event-store.contract';
import { EventStoreDbEventStore } from '#event-sourcing/eventstoredb/eventstoredb-event-store';
import { StandIn } from './stand-in.js';

/** With a real server named, the same suite runs against it: the stand-in proves nothing about the server itself. */
const realServer = process.env['EVENTSTOREDB_URL'];

describe(`the event store in ${realServer ? 'EventStoreDB' : 'the stand-in for EventStoreDB'}`, () => {
  eventStoreContract({
    make: async () => {
      const node = realServer ? undefined : await StandIn.start();
      const url = realServer ?? node!.url;
      const openAnother = () => EventStoreDbEventStore.open({ url, warn: () => {} });
      return {
        store: await openAnother(),
        openAnother,
        ...(node && { restart: () => node.restart() }),
        destroy: async () => node?.stop(),
      };
    },
    features: {
      sharedBetweenProcesses: true,
      outlivesItsServer: realServer ? { because: 'a server that was named is not ours to restart' } : true,
    },
  });
});
