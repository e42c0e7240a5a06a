import { calendarEvents } from '#contracts/calendar';
import { grantEvents } from '#contracts/oauth';
import { fold } from '#event-sourcing/decider';
import type { EventStore, RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName, streamName } from '#event-sourcing/stream-name';
import { reactByType, reactor, type Reaction, type Reactor } from '#processors/processor';
import { providerDecider } from '../provider/provider.decider.js';
import { isPresent, type TimedCalendarEvent } from '../provider/provider-state.js';
import type { WantedSyncs } from './wanted-syncs.js';

const passing = (contracts: Record<string, unknown>): Record<string, 'pass'> =>
  Object.fromEntries(Object.keys(contracts).map((type) => [type, 'pass']));

interface Wants {
  wanted: WantedSyncs;
  store: EventStore;
}

/** What the event is about: one calendar, or every chosen one of its provider. */
const sync =
  ({ wanted, store }: Wants) =>
  async (event: RecordedEvent): Promise<Reaction> => {
    const { tenantId, id } = parseStreamName(event.stream);
    const providerId = id!;
    const { calendarId } = event.data;
    const calendarIds =
      typeof calendarId === 'string' ? [calendarId] : await chosenNow(store, tenantId, providerId);
    for (const each of calendarIds) await wanted.ask({ tenantId, providerId, calendarId: each });
    return 'done';
  };

async function chosenNow(store: EventStore, tenantId: string, providerId: string): Promise<string[]> {
  const history = await store.readStream(streamName('calendar', tenantId, providerId));
  const state = fold(providerDecider, history as unknown as TimedCalendarEvent[]);
  return isPresent(state) ? state.chosen.map(({ calendarId }) => calendarId) : [];
}

/** What there is when a calendar is chosen, and what came before a channel was open or during a pause. */
export const syncWhenReadable = (means: Wants): Reactor =>
  reactor({
    id: 'calendar.sync-when-readable',
    categories: ['calendar'],
    react: reactByType({
      ...passing(calendarEvents),
      CalendarsChosen: sync(means),
      ChannelOpened: sync(means),
      PollingChosen: sync(means),
      Resumed: sync(means),
    }),
  });

/** A permission that came back: the token stands where the reading had to stop. */
export const syncWhenAuthorized = (means: Wants): Reactor =>
  reactor({
    id: 'calendar.sync-when-authorized',
    categories: ['grant'],
    react: reactByType({
      ...passing(grantEvents),
      Authorized: async (event) => (event.data['product'] === 'calendar' ? sync(means)(event) : 'done'),
    }),
  });
