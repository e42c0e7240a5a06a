import type { z } from 'zod';
import type * as contracts from '#contracts/calendar';
import { GetGoogleAppStatus, StartAuthorization } from '#contracts/oauth';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf, replyTo } from '#messaging/handler';
import { problem } from '#problems/problem';
import { calendarFor } from '../calendar-api/account-calendar.js';
import { aloneWithChannels, closeOthers } from '../channels/channel-handlers.js';
import { changeProvider, providerStateOf } from './change-provider.js';
import { permissionSince } from './permission.js';
import type { ProviderCommand } from './provider.decider.js';
import { isConnected, isPresent, type PresentProvider } from './provider-state.js';

type DataOf<Name extends keyof typeof contracts> = (typeof contracts)[Name] extends {
  data: z.ZodType<infer Data>;
}
  ? Data
  : never;
type AnswerOf<Name extends keyof typeof contracts> = (typeof contracts)[Name] extends {
  answer: z.ZodType<infer Answer>;
}
  ? Answer
  : never;
type Acknowledged = { providerId: string };

const change = async (
  means: Means,
  providerId: string,
  command: ProviderCommand,
  origin: Origin,
): Promise<Reply<Acknowledged>> => {
  const provider = { tenantId: origin.tenantId, providerId };
  return replyTo(await changeProvider(means, provider, command, origin), { providerId });
};

const notFound = (providerId: string): Reply<never> =>
  refused(problem('calendar-provider.not-found', { providerId }));

export async function addCalendarProvider(
  means: Means,
  { providerId, ...settings }: DataOf<'AddCalendarProvider'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> {
  const app = await means.ask(GetGoogleAppStatus, {}, origin);
  if (!app.ok) return app;
  const { configured, missing } = app.value.calendar;
  if (!configured) return refused(problem('google-app.incomplete', { missing: missing.join(', ') }));
  return change(means, providerId, { type: 'AddCalendarProvider', ...settings }, origin);
}

export const renameCalendarProvider = (
  means: Means,
  { providerId, name }: DataOf<'RenameCalendarProvider'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> =>
  change(means, providerId, { type: 'RenameCalendarProvider', name }, origin);

/** The consent itself, and what follows from it, is oauth's. */
export async function connectCalendar(
  means: Means,
  { providerId, userId, openerOrigin }: DataOf<'ConnectCalendar'>,
  origin: Origin,
): Promise<Reply<AnswerOf<'ConnectCalendar'>>> {
  const state = await providerStateOf(means, { tenantId: origin.tenantId, providerId });
  if (!isPresent(state)) return notFound(providerId);
  const expectedAccount = state.settings.account;
  return means.ask(
    StartAuthorization,
    { providerId, product: 'calendar', expectedAccount, userId, openerOrigin },
    origin,
  );
}

export async function listAccountCalendars(
  means: Means,
  { providerId }: DataOf<'ListAccountCalendars'>,
  origin: Origin,
): Promise<Reply<AnswerOf<'ListAccountCalendars'>>> {
  const provider = { tenantId: origin.tenantId, providerId };
  const state = await providerStateOf(means, provider);
  if (!isPresent(state)) return notFound(providerId);
  const grantedAt = await permissionSince(means, provider);
  if (!isConnected(state, { grantedAt })) return refused(problem('calendar-provider.not-connected'));
  const listed = await calendarFor(means, provider, origin).calendars();
  if (!listed.ok) return refused(listed.problem);
  return accepted({
    calendars: listed.value.map((calendar) => ({
      ...calendar,
      chosen: state.chosen.some(({ calendarId }) => calendarId === calendar.calendarId),
      proposed: calendar.primary,
    })),
  });
}

/** The channels follow from the event. */
export async function chooseCalendars(
  means: Means,
  { providerId, calendarIds }: DataOf<'ChooseCalendars'>,
  origin: Origin,
): Promise<Reply<AnswerOf<'ChooseCalendars'>>> {
  const provider = { tenantId: origin.tenantId, providerId };
  const grantedAt = await permissionSince(means, provider);
  const command: ProviderCommand = { type: 'ChooseCalendars', calendarIds, grantedAt };
  const result = await changeProvider(means, provider, command, origin);
  if (!result.ok) return refused(problemOf(result.rejection));
  const state = await providerStateOf(means, provider);
  return isPresent(state) ? accepted({ calendars: state.chosen }) : notFound(providerId);
}

export const pauseCalendar = (
  means: Means,
  { providerId, reason }: DataOf<'PauseCalendar'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> => change(means, providerId, { type: 'PauseCalendar', reason }, origin);

export const resumeCalendar = (
  means: Means,
  { providerId }: DataOf<'ResumeCalendar'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> => change(means, providerId, { type: 'ResumeCalendar' }, origin);

/** Stops the channels while a token is still there; that oauth forgets the permission follows from the event. */
export function endCalendarProvider(
  means: Means,
  type: 'DisconnectCalendar' | 'RemoveCalendar',
  { providerId, reason }: DataOf<'RemoveCalendar'>,
  origin: Origin,
): Promise<Reply<Acknowledged>> {
  const provider = { tenantId: origin.tenantId, providerId };
  return aloneWithChannels(means, provider, async () => {
    const state = await providerStateOf(means, provider);
    const grantedAt = await permissionSince(means, provider);
    if (isPresent(state) && isConnected(state, { grantedAt }))
      for (const calendarId of withChannels(state))
        await closeOthers(means, provider, calendarId, reason, origin, 'all');
    return change(means, providerId, { type, reason, grantedAt }, origin);
  });
}

const withChannels = ({ calendars }: PresentProvider): string[] =>
  Object.keys(calendars).filter((calendarId) => calendars[calendarId]!.channels.length > 0);

export async function getCalendarProvider(
  means: Means,
  { providerId }: DataOf<'GetCalendarProvider'>,
  origin: Origin,
): Promise<Reply<AnswerOf<'GetCalendarProvider'>>> {
  const state = await providerStateOf(means, { tenantId: origin.tenantId, providerId });
  if (!isPresent(state)) return notFound(providerId);
  const { settings, chosen, paused } = state;
  return accepted({ providerId, ...settings, calendars: chosen, paused: paused !== null });
}
