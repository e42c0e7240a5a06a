import { type CalendarEvent, calendarEvents, OpenChannel } from '#contracts/calendar';
import { isNotificationMissing } from '#contracts/gap-reasons';
import { ForgetGrant, type GrantEvent } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import { type Reaction, reactByType, type Reactor, reactor } from '#processors/processor';
import { providerStateOf } from '../provider/change-provider.js';
import { permissionSince } from '../provider/permission.js';
import { isPresent } from '../provider/provider-state.js';
import { reactionTo } from './reaction.js';

type ReactorMeans = Pick<Means, 'ask' | 'store'>;

const onProvider = (
  id: string,
  reactions: Partial<Record<CalendarEvent['type'], Reactor['react']>>,
): Reactor => {
  const others = Object.fromEntries(Object.keys(calendarEvents).map((type) => [type, 'pass' as const]));
  return reactor({ id, categories: ['calendar'], react: reactByType({ ...others, ...reactions }) });
};

const providerOf = ({ stream }: RecordedEvent): string => parseStreamName(stream).id!;

/** One after the other: an account's calendars share one quota. Also those that only have a channel left to be stopped. */
async function openAll(
  { ask, store }: ReactorMeans,
  event: RecordedEvent,
  by: string,
  since?: string,
): Promise<Reaction> {
  const providerId = providerOf(event);
  const state = await providerStateOf({ store }, { tenantId: event.metadata.tenantId, providerId });
  if (!isPresent(state)) return 'done';
  // None waits for another one's trouble.
  let worst: Reaction = 'done';
  for (const calendarId of Object.keys(state.calendars)) {
    const data = { providerId, calendarId, ...(since !== undefined && { since }) };
    const reaction = reactionTo(await ask(OpenChannel, data, becauseOf(event, by)));
    if (reaction !== 'done') worst = reaction;
  }
  return worst;
}

export function openWhenChosen(means: ReactorMeans): Reactor {
  const id = 'calendar.open-when-chosen';
  return onProvider(id, { CalendarsChosen: (event) => openAll(means, event, id) });
}

/** What was opened before a pause may have lapsed during it, and everything that is due by the clock begins anew. */
export function openWhenResumed(means: ReactorMeans): Reactor {
  const id = 'calendar.open-when-resumed';
  return onProvider(id, { Resumed: (event) => openAll(means, event, id, event.metadata.at) });
}

/** A calendar that was gone may be watched again as soon as it can be read again. */
export function openWhenReadAgain({ ask }: Pick<Means, 'ask'>): Reactor {
  const id = 'calendar.open-when-read-again';
  return onProvider(id, {
    SyncRecovered: async (event) => {
      const { calendarId } = event.data as (CalendarEvent & { type: 'SyncRecovered' })['data'];
      const data = { providerId: providerOf(event), calendarId };
      return reactionTo(await ask(OpenChannel, data, becauseOf(event, id)));
    },
  });
}

/** A new channel makes Google notify at once: within minutes it is known whether the way is broken or only one notification was lost. */
export function openWhenNotificationsMissing({ ask }: Pick<Means, 'ask'>): Reactor {
  const id = 'calendar.open-when-notifications-missing';
  return onProvider(id, {
    GapDetected: async (event) => {
      const { calendarId, reason } = event.data as (CalendarEvent & { type: 'GapDetected' })['data'];
      if (!isNotificationMissing({ reason })) return 'done';
      const data = { providerId: providerOf(event), calendarId, since: event.metadata.at };
      return reactionTo(await ask(OpenChannel, data, becauseOf(event, id)));
    },
  });
}

/** Channels belong to the permission that opened them: with a new one they are opened anew. */
export function openWhenAuthorized(means: ReactorMeans): Reactor {
  const id = 'calendar.open-when-authorized';
  return reactor({
    id,
    categories: ['grant'],
    react: reactByType({
      Authorized: async (event) => {
        const { product } = event.data as (GrantEvent & { type: 'Authorized' })['data'];
        return product === 'calendar' ? openAll(means, event, id, event.metadata.at) : 'done';
      },
      AuthorizationStarted: 'pass',
      AuthorizationFailed: 'pass',
      AuthorizationLost: 'pass',
      CauseFound: 'pass',
      AccessTokenRefused: 'pass',
      AccessTokenRefreshed: 'pass',
      GrantForgotten: 'pass',
    } satisfies Record<GrantEvent['type'], Reactor['react'] | 'pass'>),
  });
}

export function forgetGrantWhenDisconnected(means: ReactorMeans): Reactor {
  const id = 'calendar.forget-grant-when-disconnected';
  const forget: Reactor['react'] = async (event) => {
    const { tenantId } = event.metadata;
    const providerId = providerOf(event);
    const grantedAt = await permissionSince(means, { tenantId, providerId });
    // Whoever connected again meanwhile keeps the new permission.
    if (event.type !== 'Removed' && grantedAt !== null && grantedAt > event.metadata.at) return 'done';
    const { reason } = event.data as { reason: string };
    return reactionTo(await means.ask(ForgetGrant, { providerId, reason }, becauseOf(event, id)));
  };
  return onProvider(id, { Disconnected: forget, Reset: forget, Removed: forget });
}
