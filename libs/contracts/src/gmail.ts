import { z } from 'zod';
import { command, event, query, type EventOf } from './contract.js';
import { isNotificationMissing } from './gap-reasons.js';
import { provisionedTopic } from './gmail-provisioning.js';
import { problemShape } from './oauth.js';
import { mailboxWasReset, tellOfMailboxReset } from './reset.js';

const nothing = z.object({});
const instant = z.iso.datetime();
const ofProvider = z.object({ providerId: z.string() });
const acknowledged = z.object({ providerId: z.string() });

/** What of a mailbox becomes messages. */
export const mailboxFilter = z.object({
  /** Label names as people see them in Gmail; a message needs one of them. Empty: the whole mailbox. */
  labels: z.array(z.string()),
  /** Kinds that are left out unless asked for. */
  include: z.array(z.enum(['sent', 'drafts', 'spam', 'trash'])),
});
export type MailboxFilter = z.infer<typeof mailboxFilter>;

/** The host's own settings, kept and handed back untouched. */
export const mailboxDefaults = z.object({
  inboundTicketDefaultsId: z.string().nullable(),
  autoProcessEmails: z.boolean(),
});
export type MailboxDefaults = z.infer<typeof mailboxDefaults>;

const settings = { name: z.string(), address: z.string(), filter: mailboxFilter, defaults: mailboxDefaults };

export const AddMailbox = command('gmail', 'AddMailbox', {
  summary: 'Creates a Gmail provider, disconnected. Refused while the tenant’s Google app is incomplete.',
  data: ofProvider.extend({
    name: z.string().min(1).max(200),
    address: z.email().max(320),
    filter: mailboxFilter,
    defaults: mailboxDefaults,
  }),
  answer: acknowledged,
  refusals: ['google-app.incomplete', 'mailbox.address-taken'],
});

export const AlterMailbox = command('gmail', 'AlterMailbox', {
  summary:
    'Changes name, label filter or defaults. An unknown label is refused while the mailbox is connected.',
  data: ofProvider.extend({
    name: z.string().min(1).max(200).optional(),
    filter: mailboxFilter.optional(),
    defaults: mailboxDefaults.optional(),
  }),
  answer: acknowledged,
  refusals: ['mailbox.not-found', 'mailbox.label-unknown'],
});

export const ConnectMailbox = command('gmail', 'ConnectMailbox', {
  summary: 'Begins the consent for a mailbox and answers the address of Google’s page.',
  data: ofProvider.extend({ userId: z.string(), openerOrigin: z.string().nullable() }),
  answer: z.object({ authUrl: z.string(), state: z.string(), expiresAt: instant }),
  refusals: ['mailbox.not-found', 'google-app.incomplete'],
});

export const PauseMailbox = command('gmail', 'PauseMailbox', {
  summary: 'Reads nothing more until resumed; nothing is lost meanwhile.',
  data: ofProvider.extend({ reason: z.enum(['manual', 'tenant_cancelled', 'auth_failure']) }),
  answer: acknowledged,
  refusals: ['mailbox.not-found'],
});

export const ResumeMailbox = command('gmail', 'ResumeMailbox', {
  summary: 'Reads on from where the pause began.',
  data: ofProvider,
  answer: acknowledged,
  refusals: ['mailbox.not-found'],
});

export const DisconnectMailbox = command('gmail', 'DisconnectMailbox', {
  summary: 'Stops the watch and forgets the permission; the provider stays, disconnected.',
  data: ofProvider.extend({ reason: z.string() }),
  answer: acknowledged,
  refusals: ['mailbox.not-found'],
});

export const RemoveMailbox = command('gmail', 'RemoveMailbox', {
  summary: 'Disconnects and removes the provider. Its history stays.',
  data: ofProvider.extend({ reason: z.string() }),
  answer: acknowledged,
  refusals: ['mailbox.not-found'],
});

export const ProvisionTopic = command('gmail', 'ProvisionTopic', {
  summary:
    'Makes or repairs the tenant’s topic, publisher grant and push subscription, or verifies them in manual mode.',
  data: nothing,
  answer: z.object({ provisioned: z.boolean(), problem: problemShape.nullable() }),
});

export const StartWatch = command('gmail', 'StartWatch', {
  summary: 'Lets Gmail notify about a mailbox. Never moves the cursor past mail that was not read.',
  // A watch that began before `since` is started anew; without it, one that is alive and right is left alone.
  data: ofProvider.extend({ since: instant.optional() }),
  answer: z.object({ watching: z.boolean(), problem: problemShape.nullable() }),
  refusals: ['mailbox.not-found', 'mailbox.not-connected', 'mailbox.paused'],
});

export const RenewWatch = command('gmail', 'RenewWatch', {
  summary: 'Renews the watch of a mailbox before Google ends it.',
  data: ofProvider,
  answer: z.object({
    watching: z.boolean(),
    expiresAt: instant.nullable(),
    problem: problemShape.nullable(),
  }),
  refusals: ['mailbox.not-found', 'mailbox.not-connected', 'mailbox.paused'],
});

export const CheckFirstNotification = command('gmail', 'CheckFirstNotification', {
  summary: 'Names the problem when a watch was started and its first notification never came.',
  data: ofProvider,
  answer: z.object({ proven: z.boolean() }),
  refusals: ['mailbox.not-found'],
});

export const SyncMailbox = command('gmail', 'SyncMailbox', {
  summary: 'Reads the mailbox from its cursor now, as if a notification had come.',
  data: ofProvider,
  answer: acknowledged,
  refusals: ['mailbox.not-found', 'mailbox.not-connected', 'mailbox.paused'],
});

export const mailboxView = ofProvider.extend({ ...settings, paused: z.boolean() });

export const GetMailbox = query('gmail', 'GetMailbox', {
  summary: 'A mailbox’s own settings.',
  data: ofProvider,
  answer: mailboxView,
  refusals: ['mailbox.not-found'],
});

export const parkedMessage = z.object({
  gmailId: z.string(),
  reason: z.string(),
  attempts: z.number().int(),
  parkedAt: instant,
  nextAttemptAt: instant.nullable(),
});

export const ListParkedMessages = query('gmail', 'ListParkedMessages', {
  summary: 'Messages of a mailbox that could not be processed, with the reason and the next attempt.',
  data: ofProvider,
  answer: z.object({ parked: z.array(parkedMessage) }),
  refusals: ['mailbox.not-found'],
});

export const RetryParkedMessage = command('gmail', 'RetryParkedMessage', {
  summary: 'Processes a parked message now.',
  data: ofProvider.extend({ gmailId: z.string() }),
  answer: z.object({ delivered: z.boolean() }),
  refusals: ['mailbox.not-found', 'parked.not-found'],
});

const failed = z.object({ problem: problemShape, attempt: z.number().int(), retryAt: instant.nullable() });

const minutesOf = (retryAt: string | null): string => (retryAt ? ` Next attempt at ${retryAt}.` : '');

export const topicEvents = {
  TopicProvisioned: event('gmail', 'topic', 'TopicProvisioned', provisionedTopic, ({ topic, repaired }) =>
    repaired.length > 0 ? `Pub/Sub is ready (${repaired.join(', ')}).` : `Pub/Sub is ready: ${topic}.`,
  ),
  TopicProvisioningFailed: event(
    'gmail',
    'topic',
    'TopicProvisioningFailed',
    failed,
    ({ problem, retryAt }) => `Pub/Sub could not be prepared: ${problem.code}.${minutesOf(retryAt)}`,
  ),
  TopicLeft: event(
    'gmail',
    'topic',
    'TopicLeft',
    nothing,
    () => 'No mailbox is connected: Pub/Sub stays as it is and is not looked after.',
  ),
};
export type TopicEvent = EventOf<typeof topicEvents>;

const watched = z.object({
  topic: z.string(),
  /** The mailbox’s position when the watch began. A decimal string. */
  historyId: z.string(),
  expiresAt: instant,
  labelIds: z.array(z.string()),
});
const span = z.object({ from: z.string(), to: z.string() });

export const mailboxEvents = {
  MailboxAdded: event(
    'gmail',
    'mailbox',
    'MailboxAdded',
    // `importedFrom`: where a cutover took it over from.
    z.object({ ...settings, importedFrom: z.string().optional() }),
    ({ name, address, importedFrom: from }) =>
      `The mailbox ${address} was added as "${name}"${from ? `, taken over from ${from}` : ''}.`,
  ),
  MailboxRenamed: event(
    'gmail',
    'mailbox',
    'MailboxRenamed',
    z.object({ name: z.string() }),
    ({ name }) => `The mailbox was renamed to "${name}".`,
  ),
  FilterSet: event('gmail', 'mailbox', 'FilterSet', z.object({ filter: mailboxFilter }), ({ filter }) =>
    filter.labels.length > 0
      ? `Only messages labelled ${filter.labels.join(', ')} are taken.`
      : 'Messages of the whole mailbox are taken.',
  ),
  DefaultsSet: event(
    'gmail',
    'mailbox',
    'DefaultsSet',
    z.object({ defaults: mailboxDefaults }),
    () => 'The defaults for tickets were changed.',
  ),
  WatchStarted: event(
    'gmail',
    'mailbox',
    'WatchStarted',
    watched,
    ({ expiresAt }) => `Gmail notifies about the mailbox until ${expiresAt}.`,
  ),
  WatchFailed: event(
    'gmail',
    'mailbox',
    'WatchFailed',
    failed,
    ({ problem, retryAt }) => `Gmail could not be asked to notify: ${problem.code}.${minutesOf(retryAt)}`,
  ),
  WatchRenewed: event(
    'gmail',
    'mailbox',
    'WatchRenewed',
    watched,
    ({ expiresAt }) => `The watch was renewed until ${expiresAt}.`,
  ),
  WatchRenewalFailed: event(
    'gmail',
    'mailbox',
    'WatchRenewalFailed',
    failed,
    ({ problem, retryAt }) => `The watch could not be renewed: ${problem.code}.${minutesOf(retryAt)}`,
  ),
  NotificationProven: event(
    'gmail',
    'mailbox',
    'NotificationProven',
    nothing,
    () => 'The first notification arrived: the whole way from Gmail to here works.',
  ),
  NotificationMissed: event(
    'gmail',
    'mailbox',
    'NotificationMissed',
    z.object({ problem: problemShape }),
    () => 'The first notification has not arrived in time.',
  ),
  SyncFailed: event(
    'gmail',
    'mailbox',
    'SyncFailed',
    failed,
    ({ problem, retryAt }) => `The mailbox could not be read: ${problem.code}.${minutesOf(retryAt)}`,
  ),
  SyncRecovered: event('gmail', 'mailbox', 'SyncRecovered', nothing, () => 'The mailbox is read again.'),
  GapDetected: event(
    'gmail',
    'mailbox',
    'GapDetected',
    span.extend({ reason: z.string() }),
    ({ from, to, reason }) =>
      isNotificationMissing({ reason })
        ? `No notification came of what happened between ${from} and ${to}; it was found by comparison and read.`
        : `Google no longer knows the history between ${from} and ${to}; the mailbox is searched instead.`,
  ),
  GapRecovered: event(
    'gmail',
    'mailbox',
    'GapRecovered',
    span.extend({
      recovered: z.number().int(),
      /** The search went back to this moment. */
      since: instant,
      /** False when the search’s limit was reached before everything was looked at. */
      complete: z.boolean(),
    }),
    ({ recovered, since, complete }) =>
      `The gap was searched back to ${since}: ${recovered} message(s) recovered${complete ? '' : ', but the limit was reached'}.`,
  ),
  Paused: event(
    'gmail',
    'mailbox',
    'Paused',
    z.object({ reason: z.string() }),
    ({ reason }) => `Paused (${reason}).`,
  ),
  Resumed: event('gmail', 'mailbox', 'Resumed', nothing, () => 'Resumed.'),
  Disconnected: event(
    'gmail',
    'mailbox',
    'Disconnected',
    z.object({ reason: z.string(), watchStopped: z.boolean() }),
    ({ reason }) => `Disconnected (${reason}).`,
  ),
  Reset: event('gmail', 'mailbox', 'Reset', mailboxWasReset, tellOfMailboxReset),
  Removed: event(
    'gmail',
    'mailbox',
    'Removed',
    z.object({ reason: z.string() }),
    ({ reason }) => `Removed (${reason}).`,
  ),
};
export type MailboxEvent = EventOf<typeof mailboxEvents>;

/**
 * What a mailbox did lately, on JetStream subject `activity.<tenant>.<provider>`, newest wins: the status shows it, history does not.
 */
export const mailboxActivity = z.object({
  tenantId: z.string(),
  providerId: z.string(),
  lastPushAt: instant.nullable(),
  lastSyncAt: instant.nullable(),
  lastMessageAt: instant.nullable(),
  delivered: z.number().int(),
  parked: z.number().int(),
});
export type MailboxActivity = z.infer<typeof mailboxActivity>;
