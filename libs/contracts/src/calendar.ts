import { z } from 'zod';
import { command, event, query, type EventOf } from './contract.js';
import { isNotificationMissing } from './gap-reasons.js';
import { problemShape } from './oauth.js';
import { calendarWasReset, tellOfCalendarReset } from './reset.js';

const nothing = z.object({});
const instant = z.iso.datetime();
const ofProvider = z.object({ providerId: z.string() });
const ofCalendar = ofProvider.extend({ calendarId: z.string() });
const acknowledged = z.object({ providerId: z.string() });

/** The host's own words for which way entries travel. */
export const syncDirection = z.enum(['bidirectional', 'to_external', 'from_external']);
export type SyncDirection = z.infer<typeof syncDirection>;

/** A calendar that is kept, by its real id: `primary` is never stored. */
export const chosenCalendar = z.object({
  calendarId: z.string(),
  summary: z.string(),
  /** IANA name. */
  timeZone: z.string(),
  primary: z.boolean(),
  /** As Google gives it, also one that is not known here. */
  accessRole: z.string(),
});
export type ChosenCalendar = z.infer<typeof chosenCalendar>;

export const AddCalendarProvider = command('calendar', 'AddCalendarProvider', {
  summary:
    'Creates a user’s calendar provider, disconnected and without calendars. Refused while the tenant’s Calendar credentials are incomplete.',
  data: ofProvider.extend({
    name: z.string().min(1).max(200),
    /** The PSA’s user who owns it. */
    userId: z.string(),
    /** The only account whose consent is accepted. */
    account: z.email().max(320),
    syncDirection,
  }),
  answer: acknowledged,
  refusals: ['google-app.incomplete', 'calendar-provider.exists'],
});

export const ConnectCalendar = command('calendar', 'ConnectCalendar', {
  summary: 'Begins the consent for an account’s calendars and answers the address of Google’s page.',
  data: ofProvider.extend({ userId: z.string(), openerOrigin: z.string().nullable() }),
  answer: z.object({ authUrl: z.string(), state: z.string(), expiresAt: instant }),
  refusals: ['calendar-provider.not-found', 'google-app.incomplete'],
});

export const ListAccountCalendars = query('calendar', 'ListAccountCalendars', {
  summary: 'The calendars of the connected account as Google lists them now; the primary is proposed.',
  data: ofProvider,
  answer: z.object({
    calendars: z.array(chosenCalendar.extend({ chosen: z.boolean(), proposed: z.boolean() })),
  }),
  refusals: ['calendar-provider.not-found', 'calendar-provider.not-connected'],
});

export const ChooseCalendars = command('calendar', 'ChooseCalendars', {
  summary:
    'Says which of the account’s calendars are kept, in place of those chosen before. `primary` stands for the real id. Each has to be in the account’s list.',
  data: ofProvider.extend({ calendarIds: z.array(z.string().min(1)).max(50) }),
  answer: z.object({ calendars: z.array(chosenCalendar) }),
  refusals: ['calendar-provider.not-found', 'calendar-provider.not-connected', 'calendar.unknown'],
});

export const calendarProviderView = z.object({
  providerId: z.string(),
  name: z.string(),
  userId: z.string(),
  account: z.string(),
  syncDirection,
  calendars: z.array(chosenCalendar),
  paused: z.boolean(),
});

export const GetCalendarProvider = query('calendar', 'GetCalendarProvider', {
  summary: 'A calendar provider’s own settings and chosen calendars.',
  data: ofProvider,
  answer: calendarProviderView,
  refusals: ['calendar-provider.not-found'],
});

export const RenameCalendarProvider = command('calendar', 'RenameCalendarProvider', {
  summary: 'Gives a calendar provider another name.',
  data: ofProvider.extend({ name: z.string().min(1).max(200) }),
  answer: acknowledged,
  refusals: ['calendar-provider.not-found'],
});

const channelAnswer = z.object({
  mode: z.enum(['push', 'polling', 'none']),
  expiresAt: instant.nullable(),
  problem: problemShape.nullable(),
});
const channelRefusals = [
  'calendar-provider.not-found',
  'calendar-provider.not-connected',
  'calendar-provider.paused',
] as const;

export const OpenChannel = command('calendar', 'OpenChannel', {
  summary:
    'Puts a calendar’s channel in order: opens one where a chosen calendar has none, and stops those that are not needed any more.',
  // A channel that was asked for before `since` is replaced; without it, one that is alive is left alone.
  data: ofCalendar.extend({ since: instant.optional() }),
  answer: channelAnswer,
  refusals: [...channelRefusals],
});

export const RenewChannel = command('calendar', 'RenewChannel', {
  summary: 'Opens a calendar’s next channel before its present one ends, and then stops the present one.',
  data: ofCalendar,
  answer: channelAnswer,
  refusals: [...channelRefusals],
});

export const SyncCalendar = command('calendar', 'SyncCalendar', {
  summary: 'Compares a calendar with Google’s now, as if a notification had come.',
  data: ofCalendar,
  answer: acknowledged,
  refusals: [...channelRefusals, 'calendar.not-chosen'],
});

export const PauseCalendar = command('calendar', 'PauseCalendar', {
  summary: 'Reads nothing more until resumed; nothing is lost meanwhile.',
  data: ofProvider.extend({ reason: z.enum(['manual', 'tenant_cancelled', 'auth_failure']) }),
  answer: acknowledged,
  refusals: ['calendar-provider.not-found'],
});

export const ResumeCalendar = command('calendar', 'ResumeCalendar', {
  summary: 'Compares all calendars again and goes on.',
  data: ofProvider,
  answer: acknowledged,
  refusals: ['calendar-provider.not-found'],
});

export const DisconnectCalendar = command('calendar', 'DisconnectCalendar', {
  summary: 'Stops the channels and forgets the permission; the provider and its choice stay, disconnected.',
  data: ofProvider.extend({ reason: z.string() }),
  answer: acknowledged,
  refusals: ['calendar-provider.not-found'],
});

export const RemoveCalendar = command('calendar', 'RemoveCalendar', {
  summary: 'Disconnects and removes the provider. Its history stays.',
  data: ofProvider.extend({ reason: z.string() }),
  answer: acknowledged,
  refusals: ['calendar-provider.not-found'],
});

const calendarId = z.string();
const aboutCalendar = z.object({ calendarId });
const failure = { problem: problemShape, attempt: z.number().int(), retryAt: instant.nullable() };
const nextAttempt = (retryAt: string | null): string => (retryAt ? ` Next attempt at ${retryAt}.` : '');

const told = <Type extends string, Data>(
  type: Type,
  data: z.ZodType<Data>,
  tell: (data: Data) => string,
): ReturnType<typeof event<Type, Data>> => event('calendar', 'calendar', type, data, tell);

export const calendarEvents = {
  CalendarProviderAdded: told(
    'CalendarProviderAdded',
    z.object({
      name: z.string(),
      userId: z.string(),
      account: z.string(),
      syncDirection,
      /** Where a cutover took it over from. */
      importedFrom: z.string().optional(),
      /** The calendar that was kept there: chosen as soon as somebody connects. */
      formerCalendarId: z.string().optional(),
    }),
    ({ name, account, importedFrom }) =>
      `The calendars of ${account} were added as "${name}"${importedFrom ? `, taken over from ${importedFrom}` : ''}.`,
  ),
  ProviderRenamed: told(
    'ProviderRenamed',
    z.object({ name: z.string() }),
    ({ name }) => `Renamed to "${name}".`,
  ),
  CalendarsChosen: told(
    'CalendarsChosen',
    z.object({ calendars: z.array(chosenCalendar) }),
    ({ calendars }) =>
      calendars.length > 0
        ? `Kept from now on: ${calendars.map(({ summary }) => summary).join(', ')}.`
        : 'No calendar is kept any more.',
  ),
  ChannelRequested: told(
    'ChannelRequested',
    z.object({
      calendarId,
      channelId: z.string(),
      /** SHA-256 in hex of the channel’s 256 random bits; they themselves are kept nowhere. */
      tokenHash: z.string(),
      /** Where Google is asked to notify. */
      address: z.string(),
    }),
    ({ calendarId }) => `Google is asked to notify about ${calendarId}.`,
  ),
  ChannelOpened: told(
    'ChannelOpened',
    z.object({
      calendarId,
      channelId: z.string(),
      /** Google’s name of what is watched; notifications carry it and stopping needs it. */
      resourceId: z.string(),
      /** As Google answered, whatever was asked for. */
      expiresAt: instant,
      /** The channel that is stopped next. */
      replaces: z.string().nullable(),
      /** Earlier than usual while no notification has come yet. */
      renewAt: instant,
    }),
    ({ calendarId, expiresAt }) => `Google notifies about ${calendarId} until ${expiresAt}.`,
  ),
  ChannelFailed: told(
    'ChannelFailed',
    z.object({ calendarId, channelId: z.string(), ...failure }),
    ({ calendarId, problem, retryAt }) =>
      `Google could not be asked to notify about ${calendarId}: ${problem.code}.${nextAttempt(retryAt)}`,
  ),
  ChannelClosed: told(
    'ChannelClosed',
    z.object({ calendarId, channelId: z.string(), reason: z.string(), stopped: z.boolean() }),
    ({ calendarId, reason, stopped }) =>
      `A channel of ${calendarId} was ${stopped ? 'stopped' : 'given up; Google ends it by itself'} (${reason}).`,
  ),
  ChannelStopFailed: told(
    'ChannelStopFailed',
    z.object({ calendarId, channelId: z.string(), ...failure }),
    ({ calendarId, problem, retryAt }) =>
      `A channel of ${calendarId} could not be stopped: ${problem.code}.${nextAttempt(retryAt)}`,
  ),
  PollingChosen: told(
    'PollingChosen',
    z.object({
      calendarId,
      channelId: z.string().nullable(),
      problem: problemShape,
      retryAt: instant.nullable(),
    }),
    ({ calendarId, problem }) => `${calendarId} is compared every few minutes instead: ${problem.code}.`,
  ),
  NotificationProven: told(
    'NotificationProven',
    z.object({
      calendarId,
      /** When the channel that is open now is renewed; null when none is. */
      renewAt: instant.nullable(),
    }),
    ({ calendarId }) =>
      `The first notification about ${calendarId} arrived: the whole way from Google to here works.`,
  ),
  FirstSyncCompleted: told(
    'FirstSyncCompleted',
    z.object({ calendarId, mode: z.enum(['push', 'polling']) }),
    ({ calendarId }) => `${calendarId} was read completely for the first time.`,
  ),
  SyncTokenInvalidated: told(
    'SyncTokenInvalidated',
    z.object({ calendarId, reason: z.string() }),
    ({ calendarId, reason }) => `${calendarId} has to be read completely again (${reason}).`,
  ),
  GapDetected: told(
    'GapDetected',
    z.object({
      calendarId,
      /** The last moment at which everything was known. */
      from: instant,
      reason: z.string(),
    }),
    ({ calendarId, from, reason }) =>
      isNotificationMissing({ reason })
        ? `No notification came of what changed in ${calendarId} since ${from}; it was found by comparison and read.`
        : `Google no longer tells what changed in ${calendarId} since ${from}; everything is compared instead.`,
  ),
  GapRecovered: told(
    'GapRecovered',
    z.object({
      calendarId,
      created: z.number().int(),
      updated: z.number().int(),
      deleted: z.number().int(),
    }),
    ({ calendarId, created, updated, deleted }) =>
      `The gap in ${calendarId} is closed: ${created} created, ${updated} updated, ${deleted} deleted.`,
  ),
  SyncFailed: told(
    'SyncFailed',
    z.object({ calendarId, ...failure }),
    ({ calendarId, problem, retryAt }) =>
      `${calendarId} could not be read: ${problem.code}.${nextAttempt(retryAt)}`,
  ),
  SyncRecovered: told('SyncRecovered', aboutCalendar, ({ calendarId }) => `${calendarId} is read again.`),
  CalendarLost: told(
    'CalendarLost',
    z.object({ calendarId, problem: problemShape }),
    ({ calendarId }) => `${calendarId} is gone at Google, or not visible to the account any more.`,
  ),
  Paused: told('Paused', z.object({ reason: z.string() }), ({ reason }) => `Paused (${reason}).`),
  Resumed: told('Resumed', nothing, () => 'Resumed.'),
  Disconnected: told(
    'Disconnected',
    z.object({ reason: z.string() }),
    ({ reason }) => `Disconnected (${reason}).`,
  ),
  Reset: told('Reset', calendarWasReset, tellOfCalendarReset),
  Removed: told('Removed', z.object({ reason: z.string() }), ({ reason }) => `Removed (${reason}).`),
};
export type CalendarEvent = EventOf<typeof calendarEvents>;

/**
 * What a calendar did lately, on JetStream subject `activity.calendar.<tenant>.<provider>.<key of the calendar id>`, newest wins: the status
 * shows it, history does not.
 */
export const calendarActivity = z.object({
  tenantId: z.string(),
  providerId: z.string(),
  calendarId: z.string(),
  lastNotificationAt: instant.nullable(),
  lastSyncAt: instant.nullable(),
});
export type CalendarActivity = z.infer<typeof calendarActivity>;
