import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { problem, type Problem } from '#problems/problem';
import { seconds } from '#time/clock';
import type { CalendarAccess } from '../calendar-api/calendar-calls.js';
import { changeProvider, providerStateOf } from '../provider/change-provider.js';
import { permissionSince } from '../provider/permission.js';
import { calendarIn, isPresent } from '../provider/provider-state.js';
import { channelAddress } from './channel-address.js';
import { channelsToClose, presentChannel, type RequestChannel } from './channel-life.js';

interface ChannelView {
  mode: 'push' | 'polling' | 'none';
  expiresAt: string | null;
  problem: Problem | null;
}

/** One change of a provider's channels at a time, over all replicas: whatever has no answer when one begins was left by a crash. */
export async function aloneWithChannels<Answer>(
  means: Pick<Means, 'locks'>,
  { tenantId, providerId }: CalendarAccess,
  work: () => Promise<Reply<Answer>>,
): Promise<Reply<Answer>> {
  const alone = await means.locks.exclusively(`channels:${tenantId}:${providerId}`, work, {
    wait: seconds(20),
  });
  return alone.acquired ? alone.value : refused(problem('stream.busy'));
}

/**
 * Puts a calendar's channels in order: first a new one where one is wanted, then an end to all others. What Google refuses is recorded with its
 * next attempt, and so an answer and no refusal.
 */
export function keepChannel(
  means: Means,
  purpose: RequestChannel['purpose'],
  { providerId, calendarId, since }: { providerId: string; calendarId: string; since?: string | undefined },
  origin: Origin,
): Promise<Reply<ChannelView>> {
  const provider = { tenantId: origin.tenantId, providerId };
  return aloneWithChannels(means, provider, async () => {
    const opened = await openAnother(means, provider, { purpose, calendarId, since }, origin);
    if (!opened.ok) return opened;
    await closeOthers(means, provider, calendarId, 'no longer needed', origin);
    return viewOf(means, provider, calendarId);
  });
}

async function openAnother(
  means: Means,
  provider: CalendarAccess,
  {
    purpose,
    calendarId,
    since,
  }: { purpose: RequestChannel['purpose']; calendarId: string; since?: string | undefined },
  origin: Origin,
): Promise<Reply<null>> {
  const channelId = randomUUID();
  const token = randomBytes(32).toString('base64url');
  const requested = await changeProvider(
    means,
    provider,
    {
      type: 'RequestChannel',
      purpose,
      calendarId,
      channelId,
      tokenHash: createHash('sha256').update(token).digest('hex'),
      address: channelAddress(means.configuration),
      grantedAt: await permissionSince(means, provider),
      ...(since !== undefined && { since }),
    },
    origin,
  );
  if (!requested.ok) return refused(problemOf(requested.rejection));
  if (!requested.events.some(({ type }) => type === 'ChannelRequested')) return accepted(null);
  const open = { type: 'OpenRequestedChannel' as const, calendarId, channelId };
  const opened = await changeProvider(means, provider, open, origin, token);
  return opened.ok ? accepted(null) : refused(problemOf(opened.rejection));
}

/** What cannot be stopped now is recorded with its next attempt. */
export async function closeOthers(
  means: Means,
  provider: CalendarAccess,
  calendarId: string,
  reason: string,
  origin: Origin,
  which: 'unneeded' | 'all' = 'unneeded',
): Promise<void> {
  const state = await providerStateOf(means, provider);
  if (!isPresent(state)) return;
  const channels =
    which === 'all'
      ? calendarIn(state, calendarId).channels
      : channelsToClose(state, calendarId, means.clock.now());
  for (const { channelId } of channels)
    await changeProvider(means, provider, { type: 'CloseChannel', calendarId, channelId, reason }, origin);
}

async function viewOf(
  means: Means,
  provider: CalendarAccess,
  calendarId: string,
): Promise<Reply<ChannelView>> {
  const state = await providerStateOf(means, provider);
  if (!isPresent(state))
    return refused(problem('calendar-provider.not-found', { providerId: provider.providerId }));
  const calendar = calendarIn(state, calendarId);
  const expiresAt = presentChannel(calendar, means.clock.now())?.opened?.expiresAt ?? null;
  const polled = calendar.polledBecause === null ? null : problem(calendar.polledBecause);
  return accepted({
    mode: calendar.mode === 'undecided' ? 'none' : calendar.mode,
    expiresAt,
    problem: calendar.failure?.problem ?? polled,
  });
}
