import type { CalendarEvent } from '#contracts/calendar';
import { fold } from '#event-sourcing/decider';
import { type CommandResult, handleCommand } from '#event-sourcing/handle-command';
import { streamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { calendarFor } from '../calendar-api/account-calendar.js';
import { seconds } from '#time/clock';
import type { CalendarAccess } from '../calendar-api/calendar-calls.js';
import { failed } from '../channels/channel-life.js';
import {
  type ProviderCommand,
  providerDecider,
  type ProviderEffect,
  type ProviderOutcome,
} from './provider.decider.js';
import type { ProviderState, TimedCalendarEvent } from './provider-state.js';

type ProviderMeans = Pick<Means, 'store' | 'clock' | 'ask' | 'configuration'>;

/** One change of one provider, recorded in its stream. `channelToken` goes to Google and nowhere else. */
export async function changeProvider(
  means: ProviderMeans,
  provider: CalendarAccess,
  command: ProviderCommand,
  origin: Origin,
  channelToken?: string,
): Promise<CommandResult<CalendarEvent>> {
  const { store, clock } = means;
  const { tenantId, providerId } = provider;
  const perform = performAtGoogle(means, provider, origin, channelToken);
  const result = await handleCommand(
    { store, clock, decider: providerDecider, perform },
    streamName('calendar', tenantId, providerId),
    command,
    origin,
  );
  return result.ok ? result : { ok: false, rejection: { ...result.rejection, providerId } };
}

/** Google's part of a provider's life. */
const performAtGoogle =
  (means: ProviderMeans, provider: CalendarAccess, origin: Origin, channelToken: string | undefined) =>
  async (effect: ProviderEffect): Promise<ProviderOutcome> => {
    // Whoever ends a connection waits for it, and it ends at Google by itself too.
    const patience = effect.ask === 'stop' ? { signal: AbortSignal.timeout(seconds(5)) } : {};
    const google = calendarFor(means, provider, origin, patience);
    switch (effect.ask) {
      case 'list': {
        const listed = await google.calendars();
        return listed.ok ? { asked: 'list', calendars: listed.value } : failed(listed);
      }
      case 'watch': {
        if (channelToken === undefined) throw new Error('A channel is opened only with its token.');
        const { calendarId, channelId, address } = effect;
        const watched = await google.watch({ calendarId, channelId, token: channelToken, address });
        if (!watched.ok) return failed(watched);
        const { resourceId, expiresAt } = watched.value;
        return { asked: 'watch', resourceId, expiresAt: expiresAt.toISOString() };
      }
      case 'stop': {
        const { channelId, resourceId } = effect;
        const stopped = await google.stop({ channelId, resourceId });
        return stopped.ok ? { asked: 'stop' } : failed(stopped);
      }
    }
  };

/** From its history, and so as new as the last answered command. */
export async function providerStateOf(
  { store }: Pick<Means, 'store'>,
  { tenantId, providerId }: CalendarAccess,
): Promise<ProviderState> {
  const history = await store.readStream(streamName('calendar', tenantId, providerId));
  return fold(providerDecider, history as unknown as TimedCalendarEvent[]);
}
