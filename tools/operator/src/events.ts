import type { EventStore } from '#event-sourcing/event-store';
import { asServicesSee } from '#hosting/adapters';
import { openKeptEvents } from './kept-events.js';
import type { Whereabouts } from './whereabouts.js';

/** The events as the services see them: in the present shape, without hashes. Close it. */
export const openEvents = async (where: Whereabouts): Promise<EventStore> =>
  asServicesSee(await openKeptEvents(where));
