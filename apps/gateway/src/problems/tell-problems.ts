import type { EventStore } from '#event-sourcing/event-store';
import type { Worker } from '#hosting/service';
import { checkpointOf } from '#processors/checkpoint';
import { seconds } from '#time/clock';
import { statuses } from '../status/statuses.projection.js';
import { lookAtProviders, type LookingMeans } from './look-at-providers.js';

export type TellingMeans = LookingMeans & { store: EventStore };

const lookEveryMs = seconds(1);

/**
 * Tells the host which problems the statuses begin and cease to show: because an event came, or because time passed. An idle look costs one
 * range of an index.
 */
export const tellProblems = (means: TellingMeans): Worker => ({
  name: 'gateway.problems',
  async run(signal) {
    let upToDate = false;
    while (!signal.aborted) {
      try {
        // A new gateway first goes through all that ever was.
        upToDate ||= await caughtUp(means);
        while (upToDate && !signal.aborted && (await lookAtProviders(means)) > 0);
      } catch (error) {
        if (signal.aborted) return;
        means.logger.warn({ err: error }, 'the problems of providers cannot be looked at; trying again');
      }
      await nextLook(means, signal);
    }
  },
});

async function caughtUp({ database, store }: TellingMeans): Promise<boolean> {
  const { id, categories } = statuses;
  const after = await checkpointOf(database, id);
  return (await store.readAll({ after, categories, limit: 1 })).length === 0;
}

/** Waits for the next second, or until the clock jumps. */
function nextLook({ clock }: TellingMeans, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      stopListening();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, lookEveryMs);
    const stopListening = clock.onMoved(wake);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
  });
}
