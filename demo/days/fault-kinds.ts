import type { ProblemCode } from '#problems/problem';
import type { ConnectionKind } from './roster.js';

/** By what a fault is known to have been noticed. */
export type Sign =
  /** The status names this cause, as its problem or as a notice. */
  | { by: 'problem'; code: ProblemCode }
  /** The history tells it. */
  | { by: 'event'; type: string; mentions?: string }
  /** Whatever was sent meanwhile is delivered all the same, within the time. */
  | { by: 'delivery' };

/** By what it is known to be over. */
export type Ending =
  | { by: 'connected' }
  | { by: 'event'; type: string }
  /** Google notifies again. */
  | { by: 'watch' }
  | { by: 'delivery' };

export interface FaultKind {
  title: string;
  /** `installation`: all connections of all tenants, by a fault of ours. */
  strikes: 'google' | 'installation' | 'tenant' | 'mailbox' | 'calendar';
  /** Tenants that it can befall; any unless given. */
  onlyTenants?: string[];
  /** Connections that it can befall; any unless given. */
  only?: string[];
  /** Minutes until it is mended by people, or ends by itself. */
  lasts: number;
  /** What it leads to, for each kind of connection that it befalls. */
  shows: Partial<Record<ConnectionKind, Sign>>;
  /** Stated minutes from its beginning until it is noticed. */
  within: number;
  clears: Ending;
  /** Stated minutes from its end until that is noticed. */
  clearsWithin: number;
  /** What may be said besides, as it is a consequence. */
  besides?: ProblemCode[];
  /** It heals by itself, so that nobody is to be alarmed. */
  staysConnected?: boolean;
  /** Meanwhile Google may have ended the watch or the channels, and we may not or cannot open others. */
  mayLapse?: boolean;
}

const hour = 60;

const both = (code: (api: 'gmail' | 'calendar') => ProblemCode): FaultKind['shows'] => ({
  mailbox: { by: 'problem', code: code('gmail') },
  calendar: { by: 'problem', code: code('calendar') },
});
const all = (code: ProblemCode): FaultKind['shows'] => both(() => code);
const mailboxShows = (code: ProblemCode): FaultKind['shows'] => ({ mailbox: { by: 'problem', code } });
/** The first mail or change after it was not announced; so it is found by comparison, and told ten minutes later. */
const unannounced: Sign = { by: 'event', type: 'GapDetected', mentions: 'No notification came' };
const topicTrouble: ProblemCode[] = [
  'gmail.topic-not-found',
  'gmail.publisher-grant-missing',
  'mailbox.pushes-missing',
  'mailbox.no-first-notification',
];
const repaired = (mentions: string): FaultKind['shows'] => ({
  mailbox: { by: 'event', type: 'TopicProvisioned', mentions },
});
/** What was sent during a short trouble of ours comes late, and that is all that anybody sees of it. */
const nothingButDelay: Pick<FaultKind, 'shows' | 'clears'> = {
  shows: { mailbox: { by: 'delivery' }, calendar: { by: 'delivery' } },
  clears: { by: 'delivery' },
};

/**
 * Everything that can go wrong in these days, and what is promised for each: who tightens a promise of the product tightens it here.
 * Comparing a mailbox or calendar finds things within 10 to 15 minutes; an access token lives an hour, so a dead permission shows within
 * that; topics are looked at when a watch is renewed, daily.
 */
export const faultKinds = {
  'google-unavailable': {
    title: 'Google answers 503 to Gmail and Calendar',
    strikes: 'google',
    lasts: hour,
    shows: both((api) => `${api}.unavailable`),
    within: 25,
    clears: { by: 'connected' },
    clearsWithin: 25,
    staysConnected: true,
  },
  'rate-limits': {
    title: 'Google answers 429: fewer requests, please',
    strikes: 'tenant',
    lasts: hour,
    shows: both((api) => `${api}.rate-limited`),
    within: 25,
    clears: { by: 'connected' },
    clearsWithin: 25,
    staysConnected: true,
  },
  'pushes-lost': {
    title: 'Gmail’s notifications get lost',
    strikes: 'mailbox',
    lasts: 6 * hour,
    shows: { mailbox: unannounced },
    within: 30,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: ['mailbox.pushes-missing', 'mailbox.no-first-notification'],
  },
  'posts-lost': {
    title: 'Calendar’s notifications get lost',
    strikes: 'calendar',
    lasts: 6 * hour,
    shows: { calendar: unannounced },
    within: 35,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: ['calendar.pushes-missing', 'calendar.no-first-notification'],
  },
  'watch-forgotten': {
    title: 'Google forgets the watch',
    strikes: 'mailbox',
    lasts: hour,
    shows: { mailbox: unannounced },
    within: 30,
    clears: { by: 'watch' },
    clearsWithin: 5,
    besides: ['mailbox.pushes-missing'],
    mayLapse: true,
  },
  'sync-token-expired': {
    title: 'Google refuses the sync token (410)',
    strikes: 'calendar',
    lasts: hour,
    shows: { calendar: { by: 'event', type: 'GapDetected', mentions: 'no longer tells' } },
    within: 20,
    clears: { by: 'event', type: 'GapRecovered' },
    clearsWithin: 5,
    besides: ['calendar.gap-compared', 'calendar.pushes-missing', 'calendar.no-first-notification'],
  },
  'history-expired': {
    title: 'Google refuses the history id (404)',
    strikes: 'mailbox',
    lasts: hour,
    shows: { mailbox: { by: 'event', type: 'GapDetected', mentions: 'no longer knows' } },
    within: 15,
    clears: { by: 'event', type: 'GapRecovered' },
    clearsWithin: 5,
    besides: ['mailbox.gap-searched', 'mailbox.pushes-missing', 'mailbox.no-first-notification'],
  },
  'app-removed': {
    title: 'The owner removes the app from the account',
    strikes: 'mailbox',
    only: ['helpdesk@harbor-it.com', 'billing@harbor-it.com', 'desk@atlas-works.com'],
    lasts: 8 * hour,
    shows: mailboxShows('authorization.revoked'),
    within: hour,
    clears: { by: 'connected' },
    clearsWithin: 15,
    mayLapse: true,
  },
  'calendar-app-removed': {
    title: 'A technician removes the app from the account',
    strikes: 'calendar',
    only: ['calendar of tina@harbor-it.com', 'calendar of mia@atlas-works.com'],
    lasts: 8 * hour,
    shows: { calendar: { by: 'problem', code: 'authorization.revoked' } },
    within: hour,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: ['calendar.no-first-notification'],
    mayLapse: true,
  },
  'password-changed': {
    title: 'The owner changes the password',
    strikes: 'mailbox',
    // Whose calendar goes on, which tells why the mailbox stands still.
    only: ['field@atlas-works.com'],
    lasts: 4 * hour,
    // The permission is known to have ended within the hour; why, an hour later, when the calendar was seen to go on.
    shows: mailboxShows('authorization.password-changed'),
    within: 2 * hour + 15,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: ['authorization.revoked'],
    mayLapse: true,
  },
  'testing-ended': {
    title: 'Google ends the permissions of the app in Testing',
    strikes: 'tenant',
    onlyTenants: ['nordlicht'],
    lasts: 4 * hour,
    shows: all('authorization.testing-expired'),
    within: hour + 30,
    clears: { by: 'connected' },
    clearsWithin: 20,
    besides: ['calendar.no-first-notification'],
    mayLapse: true,
  },
  'grant-broken': {
    title: 'An admin takes Gmail’s right to publish, and ours to give it back',
    strikes: 'tenant',
    lasts: 2 * hour,
    shows: mailboxShows('pubsub.permission-denied'),
    within: 45,
    clears: { by: 'connected' },
    clearsWithin: hour + 15,
    besides: ['gmail.publisher-grant-missing', 'mailbox.pushes-missing', 'mailbox.no-first-notification'],
  },
  'topic-deleted': {
    title: 'An admin deletes the topic',
    strikes: 'tenant',
    lasts: hour,
    shows: repaired('topic created'),
    within: 45,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: topicTrouble,
  },
  'subscription-deleted': {
    title: 'An admin deletes the subscription',
    strikes: 'tenant',
    lasts: hour,
    shows: repaired('push subscription created'),
    within: 45,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: topicTrouble,
  },
  'endpoint-drifted': {
    title: 'Somebody points the subscription elsewhere',
    strikes: 'tenant',
    lasts: hour,
    shows: repaired('push address and identity'),
    within: 45,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: topicTrouble,
  },
  'secret-rotated': {
    title: 'The client secret is replaced and the old one disabled',
    strikes: 'tenant',
    lasts: 3 * hour,
    shows: all('oauth-client.secret-refused'),
    within: hour,
    clears: { by: 'connected' },
    clearsWithin: 15,
  },
  'session-control': {
    title: 'The organisation’s session control ends the permission',
    strikes: 'tenant',
    onlyTenants: ['atlas'],
    lasts: 5 * hour,
    shows: mailboxShows('authorization.session-control'),
    within: hour,
    clears: { by: 'connected' },
    clearsWithin: 15,
    mayLapse: true,
  },
  'app-blocked': {
    title: 'The Workspace’s administrator blocks the app',
    strikes: 'tenant',
    onlyTenants: ['atlas'],
    lasts: 5 * hour,
    shows: all('authorization.admin-policy'),
    within: hour,
    clears: { by: 'connected' },
    clearsWithin: 15,
    besides: ['calendar.no-first-notification'],
    mayLapse: true,
  },
  'gmail-killed': {
    title: 'The gmail service is killed (SIGKILL) and stays away',
    strikes: 'installation',
    lasts: 2 * hour,
    shows: mailboxShows('mailbox.not-read'),
    within: 75,
    clears: { by: 'connected' },
    clearsWithin: 20,
  },
  'services-restarted': {
    title: 'Every service is restarted, one after the other',
    strikes: 'installation',
    lasts: 20,
    ...nothingButDelay,
    within: 20,
    clearsWithin: 20,
  },
  'machine-restarted': {
    title: 'Services, PostgreSQL and NATS are ended and started again',
    strikes: 'installation',
    lasts: 20,
    ...nothingButDelay,
    within: 40,
    clearsWithin: 20,
  },
  'nats-away': {
    title: 'NATS is away',
    strikes: 'installation',
    lasts: 20,
    ...nothingButDelay,
    within: 40,
    clearsWithin: 20,
  },
  'postgres-away': {
    title: 'PostgreSQL is away',
    strikes: 'installation',
    lasts: 20,
    ...nothingButDelay,
    within: 40,
    clearsWithin: 20,
  },
} as const satisfies Record<string, FaultKind>;

export type FaultKindName = keyof typeof faultKinds;

export const kindOf = (name: FaultKindName): FaultKind => faultKinds[name];
