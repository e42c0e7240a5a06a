import type { z } from 'zod';
import type { CalendarEvent } from '#contracts/calendar';
import { ForgetGrant } from '#contracts/oauth';
import { AbandonAuthorization, GetForgottenPermission } from '#contracts/oauth-reset';
import type { ResetCalendarProvider } from '#contracts/reset';
import { streamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import type { CalendarAccess } from '../calendar-api/calendar-calls.js';
import { aloneWithChannels, closeOthers } from '../channels/channel-handlers.js';
import { changeProvider, providerStateOf } from '../provider/change-provider.js';
import { permissionSince } from '../provider/permission.js';
import { isConnected, isPresent, type PresentProvider } from '../provider/provider-state.js';
import { isConnectedSince } from '../provider/resetting.js';

type Answer = z.infer<typeof ResetCalendarProvider.answer>;

/** Whoever asked waits; what Google does not stop meanwhile ends by itself. */
const patienceMs = seconds(10);

/**
 * First the consents that are on their way, so that none of them connects what is being reset; then the channels, while there is a permission to
 * stop them with; then the permission. Cut off anywhere, asking again goes on, and from the event on everything follows by itself.
 */
export function resetCalendarProvider(
  means: Means,
  { providerId, reason, ...data }: z.infer<typeof ResetCalendarProvider.data>,
  origin: Origin,
): Promise<Reply<Answer>> {
  const provider = { tenantId: origin.tenantId, providerId };
  const { requestedAt = null } = data;
  return aloneWithChannels(means, provider, async () => {
    const state = await providerStateOf(means, provider);
    if (!isPresent(state)) return refused(problem('calendar-provider.not-found', { providerId }));
    const before = await permissionSince(means, provider);
    if (isConnectedSince(state, { grantedAt: before, requestedAt })) return accepted(leftAlone(providerId));

    const abandoned = await means.ask(AbandonAuthorization, { providerId }, origin);
    if (!abandoned.ok) return abandoned;
    const { soughtAt } = abandoned.value;
    const grantedAt = await permissionSince(means, provider);
    const closed = isConnected(state, { grantedAt })
      ? await stopChannels(means, provider, state, reason, origin)
      : { stopped: 0, givenUp: 0 };
    const command = { type: 'ResetCalendarProvider' as const, reason, ...closed, soughtAt, grantedAt };
    const result = await changeProvider(means, provider, command, origin);
    if (!result.ok) return refused(problemOf(result.rejection));

    const { at: resetAt, data: told } = await lastReset(means, provider);
    const forgotten = await means.ask(ForgetGrant, { providerId, reason }, origin);
    if (!forgotten.ok) return forgotten;
    const ended = await means.ask(GetForgottenPermission, { providerId, since: resetAt }, origin);
    if (!ended.ok) return ended;
    const { channelsStopped, channelsLeft } = told;
    const { permission } = ended.value;
    return accepted({ providerId, outcome: 'reset', resetAt, channelsStopped, channelsLeft, permission });
  });
}

const leftAlone = (providerId: string): Answer => ({
  providerId,
  outcome: 'connected-since',
  resetAt: null,
  channelsStopped: 0,
  channelsLeft: 0,
  permission: null,
});

async function stopChannels(
  means: Means,
  provider: CalendarAccess,
  state: PresentProvider,
  reason: string,
  origin: Origin,
): Promise<{ stopped: number; givenUp: number }> {
  const stream = streamName('calendar', provider.tenantId, provider.providerId);
  const fromRevision = (await means.store.readStream(stream)).length;
  const end = performance.now() + patienceMs;
  for (const [calendarId, { channels }] of Object.entries(state.calendars))
    if (channels.length > 0 && performance.now() < end)
      await closeOthers(means, provider, calendarId, reason, origin, 'all');
  const since = await means.store.readStream(stream, { fromRevision });
  const closed = since.filter(({ type }) => type === 'ChannelClosed');
  const stopped = closed.filter(({ data }) => data['stopped'] === true).length;
  return { stopped, givenUp: closed.length - stopped };
}

/** From the history, so that it is answered the same however often it is asked for. */
async function lastReset(
  { store }: Pick<Means, 'store'>,
  { tenantId, providerId }: CalendarAccess,
): Promise<{ at: string; data: Extract<CalendarEvent, { type: 'Reset' }>['data'] }> {
  const history = await store.readStream(streamName('calendar', tenantId, providerId));
  const { metadata, data } = history.findLast(({ type }) => type === 'Reset')!;
  return { at: metadata.at, data: data as Extract<CalendarEvent, { type: 'Reset' }>['data'] };
}
