import { problem } from '#problems/problem';
import { days, hours, minutes } from '#time/clock';
import { deriveStatus, type Facets } from './derive-status.js';
import type { Trouble } from './trouble.js';

const now = new Date('2026-11-23T12:00:00.000Z');
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();
const ahead = (milliseconds: number) => ago(-milliseconds);

const connected: Facets = {
  mailbox: {
    name: 'Helpdesk',
    address: 'help@acme.example',
    filter: { labels: [], include: [] },
    defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
    addedAt: ago(days(10)),
    watch: { topic: 't', startedAt: ago(days(9)), renewedAt: ago(days(1)), expiresAt: ahead(days(6)) },
    watchTrouble: null,
    provenAt: ago(days(9)),
    missed: null,
    syncTrouble: null,
    gapSince: null,
    gapLeft: null,
    paused: null,
    disconnected: null,
    removed: false,
  },
  grant: {
    product: 'gmail',
    permission: { account: 'help@acme.example', since: ago(days(9)), expiresAt: null, limitedBy: null },
    ended: null,
    refused: null,
    startedAt: null,
    attemptFailed: null,
  },
  app: { stored: true, projectId: 'acme-psa', provisioning: 'key', since: ago(days(10)) },
  topic: {
    provisioned: { projectId: 'acme-psa', subscription: 's', endpoint: 'e', mode: 'key' },
    trouble: null,
  },
  activity: { lastPushAt: ago(minutes(5)), lastSyncAt: ago(minutes(5)), parked: 0 },
};

interface Changes {
  mailbox?: Partial<Facets['mailbox']>;
  grant?: Partial<NonNullable<Facets['grant']>> | null;
  app?: Partial<NonNullable<Facets['app']>> | null;
  topic?: Partial<NonNullable<Facets['topic']>> | null;
  activity?: Partial<NonNullable<Facets['activity']>> | null;
}

const but = ({ mailbox, grant, app, topic, activity }: Changes): Facets => ({
  mailbox: { ...connected.mailbox, ...mailbox },
  grant: grant === null ? null : { ...connected.grant!, ...grant },
  app: app === null ? null : { ...connected.app!, ...app },
  topic: topic === null ? null : { ...connected.topic!, ...topic },
  activity: activity === null ? null : { ...connected.activity!, ...activity },
});

const trouble = (code: Trouble['problem']['code'], age: number): Trouble => ({
  problem: problem(code),
  since: ago(age),
  attempt: 3,
  retryAt: ahead(minutes(5)),
});
const failure = (code: Trouble['problem']['code'], age: number) => ({
  problem: problem(code),
  since: ago(age),
});
const justPermitted = {
  permission: { ...connected.grant!.permission!, since: ago(minutes(14)) },
};
const unwatched = { watch: null, provenAt: null };
const unproven = { provenAt: null, watch: { ...connected.mailbox.watch!, startedAt: ago(minutes(1)) } };

const table: [string, Changes, string, string | null][] = [
  ['works in every part', {}, 'connected', null],

  [
    'was added and never connected',
    { grant: null, mailbox: unwatched },
    'disconnected',
    'authorization.missing',
  ],
  [
    'has its consent page open',
    { grant: { permission: null, startedAt: ago(minutes(2)) }, mailbox: unwatched },
    'configuring',
    null,
  ],
  [
    'had its consent page open, which nobody answered',
    { grant: { permission: null, startedAt: ago(minutes(11)) }, mailbox: unwatched },
    'disconnected',
    'authorization.missing',
  ],
  [
    'was refused on the consent page',
    { grant: { permission: null, ended: failure('authorization.denied', 60) }, mailbox: unwatched },
    'error',
    'authorization.denied',
  ],
  [
    'lost its permission',
    { grant: { permission: null, ended: failure('authorization.revoked', 60) } },
    'error',
    'authorization.revoked',
  ],
  [
    'lost its permission while somebody has the consent page open',
    { grant: { permission: null, ended: failure('authorization.revoked', 60), startedAt: ago(60) } },
    'error',
    'authorization.revoked',
  ],
  [
    'failed to be connected anew while the former permission works',
    { grant: { attemptFailed: failure('authorization.denied', 60) } },
    'connected',
    null,
  ],
  ['lost its tenant’s Google app', { app: { stored: false } }, 'error', 'google-app.incomplete'],
  [
    'was disconnected before its tenant’s Google app was removed',
    { app: { stored: false }, grant: { permission: null } },
    'disconnected',
    'google-app.incomplete',
  ],
  [
    'had lost its permission before the Google app was removed behind its back',
    { app: { stored: false }, grant: { permission: null, ended: failure('authorization.revoked', 1) } },
    'error',
    'google-app.incomplete',
  ],
  [
    'gets no token for a wrong client secret',
    { grant: { refused: failure('oauth-client.secret-refused', 60) } },
    'error',
    'oauth-client.secret-refused',
  ],
  [
    'gets no token for a moment',
    { grant: { refused: failure('google.sign-in-unavailable', minutes(119)) } },
    'connected',
    null,
  ],
  [
    'gets no token for two hours',
    { grant: { refused: failure('google.sign-in-unavailable', hours(2)) } },
    'error',
    'google.sign-in-unavailable',
  ],

  [
    'was disconnected',
    { mailbox: { ...unwatched, disconnected: { reason: 'x', since: ago(60) } } },
    'disconnected',
    'authorization.missing',
  ],
  [
    'was disconnected and connected again',
    {
      mailbox: { ...unwatched, disconnected: { reason: 'x', since: ago(days(10)) } },
      grant: justPermitted,
    },
    'configuring',
    null,
  ],
  [
    'is paused by hand',
    { mailbox: { paused: { reason: 'manual', since: ago(60) } } },
    'disconnected',
    'mailbox.paused',
  ],
  [
    'is paused after failed sign-ins',
    { mailbox: { paused: { reason: 'auth_failure', since: ago(60) } } },
    'error',
    'mailbox.paused',
  ],
  [
    'is paused and lost its permission',
    {
      mailbox: { paused: { reason: 'manual', since: ago(60) } },
      grant: { permission: null, ended: failure('authorization.revoked', 60) },
    },
    'error',
    'authorization.revoked',
  ],

  ['waits for its topic', { mailbox: unwatched, topic: null, grant: justPermitted }, 'configuring', null],
  [
    'waits for a watch that nobody asks for, as when the service that would is down',
    { mailbox: unwatched, topic: null },
    'error',
    'mailbox.not-watched',
  ],
  [
    'waits for Pub/Sub, which is away',
    { mailbox: unwatched, topic: { provisioned: null, trouble: trouble('pubsub.unavailable', minutes(1)) } },
    'configuring',
    'pubsub.unavailable',
  ],
  [
    'waits for Pub/Sub, which is away for long',
    { mailbox: unwatched, topic: { provisioned: null, trouble: trouble('pubsub.unavailable', minutes(31)) } },
    'error',
    'pubsub.unavailable',
  ],
  [
    'cannot get a topic without a role',
    { mailbox: unwatched, topic: { provisioned: null, trouble: trouble('pubsub.permission-denied', 60) } },
    'error',
    'pubsub.permission-denied',
  ],
  [
    'waits until Google acts on a fresh grant to publish',
    { mailbox: { ...unwatched, watchTrouble: trouble('gmail.publisher-grant-missing', minutes(9)) } },
    'configuring',
    'gmail.publisher-grant-missing',
  ],
  [
    'never got the grant to publish',
    { mailbox: { ...unwatched, watchTrouble: trouble('gmail.publisher-grant-missing', minutes(10)) } },
    'error',
    'gmail.publisher-grant-missing',
  ],
  [
    'has a label filter that names nothing',
    { mailbox: { ...unwatched, watchTrouble: trouble('mailbox.label-unknown', 60) } },
    'error',
    'mailbox.label-unknown',
  ],

  [
    'is watched and waits for the first notification',
    { mailbox: unproven, activity: null },
    'configuring',
    null,
  ],
  [
    'is provisioned by hand and waits for the first notification',
    {
      mailbox: unproven,
      activity: null,
      topic: { provisioned: { ...connected.topic!.provisioned!, mode: 'manual' } },
    },
    'configuring',
    'pubsub.not-proven',
  ],
  [
    'waits in vain for the first notification',
    { mailbox: { ...unproven, missed: failure('mailbox.no-first-notification', 60) }, activity: null },
    'error',
    'mailbox.no-first-notification',
  ],
  ['had pushes only before its watch began', { mailbox: unproven }, 'configuring', null],
  [
    'had a push since its watch began',
    { mailbox: unproven, activity: { lastPushAt: ago(minutes(0.5)) } },
    'connected',
    null,
  ],

  [
    'has a watch that ended this moment',
    { mailbox: { watch: { ...connected.mailbox.watch!, expiresAt: ago(0) } } },
    'error',
    'mailbox.watch-expired',
  ],
  [
    'has a watch that ended because renewing fails',
    {
      mailbox: {
        watch: { ...connected.mailbox.watch!, expiresAt: ago(1) },
        watchTrouble: trouble('gmail.api-disabled', days(2)),
      },
    },
    'error',
    'gmail.api-disabled',
  ],
  [
    'has a watch that lives while renewing fails',
    { mailbox: { watchTrouble: trouble('gmail.api-disabled', days(2)) } },
    'connected',
    null,
  ],
  [
    'has more than two days left in which renewing has failed',
    {
      mailbox: {
        watch: { ...connected.mailbox.watch!, renewedAt: ago(days(5)), expiresAt: ahead(days(2) + 1) },
        watchTrouble: trouble('gmail.unavailable', days(4)),
      },
      activity: { lastPushAt: ago(minutes(5)) },
    },
    'connected',
    null,
  ],
  [
    'has two days left in which renewing goes on to fail, for a reason that may pass',
    {
      mailbox: {
        watch: { ...connected.mailbox.watch!, renewedAt: ago(days(5)), expiresAt: ahead(days(2)) },
        watchTrouble: trouble('gmail.unavailable', days(4)),
      },
    },
    'error',
    'gmail.unavailable',
  ],
  [
    'nobody renews, as when the service that would is down',
    {
      mailbox: { watch: { ...connected.mailbox.watch!, renewedAt: ago(days(6)), expiresAt: ahead(days(1)) } },
    },
    'error',
    'mailbox.watch-not-renewed',
  ],
  [
    'has a short watch that will be renewed in time',
    {
      mailbox: {
        watch: { ...connected.mailbox.watch!, renewedAt: ago(hours(1)), expiresAt: ahead(hours(1)) },
      },
    },
    'connected',
    null,
  ],
  [
    'another system of the project watches now',
    { mailbox: { watchTrouble: trouble('gmail.watch-held-elsewhere', 60) } },
    'error',
    'gmail.watch-held-elsewhere',
  ],
  [
    'has no topic any more, as its renewal told',
    { mailbox: { watchTrouble: trouble('gmail.topic-not-found', 60) } },
    'error',
    'gmail.topic-not-found',
  ],
  [
    'lost the grant to publish, which is being given again',
    { mailbox: { watchTrouble: trouble('gmail.publisher-grant-missing', minutes(9)) } },
    'connected',
    null,
  ],
  [
    'lost the grant to publish for good',
    { mailbox: { watchTrouble: trouble('gmail.publisher-grant-missing', minutes(10)) } },
    'error',
    'gmail.publisher-grant-missing',
  ],
  [
    'had mail that nobody announced a moment ago, and is proven anew',
    {
      mailbox: { provenAt: null, unannounced: { since: ago(minutes(1)) } },
      activity: { lastPushAt: ago(minutes(30)) },
    },
    'configuring',
    'mailbox.pushes-missing',
  ],
  [
    'had mail that nobody announced, and a push since',
    {
      mailbox: { provenAt: null, unannounced: { since: ago(minutes(40)) } },
      activity: { lastPushAt: ago(minutes(39)) },
    },
    'connected',
    null,
  ],
  [
    'had mail that nobody announced, and no push for half an hour',
    {
      mailbox: { provenAt: null, unannounced: { since: ago(minutes(30)) } },
      activity: { lastPushAt: ago(minutes(50)) },
    },
    'error',
    'mailbox.pushes-missing',
  ],
  [
    'had mail that nobody announced, and whose new watch nothing came through',
    {
      mailbox: {
        provenAt: null,
        unannounced: { since: ago(minutes(6)) },
        missed: failure('mailbox.no-first-notification', 60),
      },
      activity: { lastPushAt: ago(minutes(30)) },
    },
    'error',
    'mailbox.no-first-notification',
  ],

  [
    'cannot be read during an outage of Google’s',
    { mailbox: { syncTrouble: trouble('gmail.unavailable', minutes(119)) } },
    'connected',
    null,
  ],
  [
    'cannot be read for two hours',
    { mailbox: { syncTrouble: trouble('gmail.unavailable', hours(2)) } },
    'error',
    'gmail.unavailable',
  ],
  [
    'cannot be read because the API is off',
    { mailbox: { syncTrouble: trouble('gmail.api-disabled', 60) } },
    'error',
    'gmail.api-disabled',
  ],

  ['was last read 44 minutes ago', { activity: { lastSyncAt: ago(minutes(44)) } }, 'connected', null],
  [
    'nobody has read for 45 minutes, as when the service that reads is down',
    { activity: { lastSyncAt: ago(minutes(45)) } },
    'error',
    'mailbox.not-read',
  ],
  [
    'nobody has read since it was watched, and nothing is told of it',
    { mailbox: unproven, activity: null },
    'configuring',
    null,
  ],
  ['was proven and never read, and nothing is told of it', { activity: null }, 'error', 'mailbox.not-read'],
  [
    'was not read during a long pause and is watched again',
    {
      mailbox: { watch: { ...connected.mailbox.watch!, startedAt: ago(minutes(1)) } },
      activity: { lastSyncAt: ago(days(3)) },
    },
    'connected',
    null,
  ],
  [
    'nobody reads, for a reason that is known',
    {
      mailbox: { syncTrouble: trouble('gmail.unavailable', minutes(49)) },
      activity: { lastSyncAt: ago(minutes(50)) },
    },
    'connected',
    null,
  ],

  [
    'lost its subscription for good',
    { topic: { trouble: trouble('pubsub.permission-denied', minutes(1)) } },
    'error',
    'pubsub.permission-denied',
  ],
  [
    'gets pushes although its topic cannot be checked',
    { topic: { trouble: trouble('pubsub.permission-denied', minutes(10)) } },
    'connected',
    null,
  ],
  [
    'cannot have its topic looked at because the key was deleted',
    { topic: { trouble: trouble('service-account.key-refused', minutes(1)) } },
    'connected',
    null,
  ],
  [
    'has Pub/Sub away for a moment',
    { topic: { trouble: trouble('pubsub.unavailable', minutes(1)) } },
    'connected',
    null,
  ],
];

it.each(table)('a mailbox that %s', (_, changes, status, code) => {
  const derived = deriveStatus(but(changes), now);
  expect({ status: derived.status, code: derived.problem?.code ?? null }).toEqual({ status, code });
});

it('says who must act, how, since when, and when it is tried next', () => {
  const since = trouble('gmail.api-disabled', days(2));
  const watch = { ...connected.mailbox.watch!, expiresAt: ago(1) };
  expect(deriveStatus(but({ mailbox: { watch, watchTrouble: since } }), now).problem).toEqual({
    code: 'gmail.api-disabled',
    sentence: 'The Gmail API is not enabled in the tenant’s Google project.',
    actor: 'tenant-admin',
    remedy: 'Open the link and press Enable, then wait a few minutes.',
    kind: 'configuration',
    cause: 'known',
    link: 'https://console.cloud.google.com/apis/library/gmail.googleapis.com?project=acme-psa',
    since: ago(days(2)),
    nextAttemptAt: ahead(minutes(5)),
  });
});

const notices: [string, Changes, string][] = [
  [
    'an app in Testing',
    { grant: { permission: { ...connected.grant!.permission!, expiresAt: ahead(days(2)) } } },
    'authorization.testing-mode',
  ],
  [
    'a permission given for a limited time',
    {
      grant: {
        permission: { ...connected.grant!.permission!, expiresAt: ahead(days(2)), limitedBy: 'person' },
      },
    },
    'authorization.time-limited',
  ],
  ['parked messages', { activity: { parked: 2 } }, 'mailbox.messages-parked'],
  [
    'a renewal that no push followed within half an hour',
    {
      mailbox: { watch: { ...connected.mailbox.watch!, renewedAt: ago(minutes(30)) } },
      activity: { lastPushAt: ago(minutes(32)) },
    },
    'mailbox.pushes-missing',
  ],
  [
    'a renewal that fails while the watch lives',
    { mailbox: { watchTrouble: trouble('gmail.api-disabled', 60) } },
    'gmail.api-disabled',
  ],
  [
    'reading that fails for a moment',
    { mailbox: { syncTrouble: trouble('gmail.unavailable', 60) } },
    'gmail.unavailable',
  ],
  ['a gap that is being searched', { mailbox: { gapSince: ago(60) } }, 'mailbox.gap-searched'],
  [
    'a gap that was not searched to its end',
    { mailbox: { gapLeft: { at: ago(60), since: ago(days(20)) } } },
    'mailbox.gap-left',
  ],
  [
    'an attempt to connect anew that failed',
    { grant: { attemptFailed: failure('authorization.denied', 60) } },
    'authorization.denied',
  ],
];

it.each(notices)('%s is told, while the mailbox stays connected', (_, changes, code) => {
  const { status, notices: told } = deriveStatus(but(changes), now);
  expect({ status, told: told.map((one) => one.code) }).toEqual({ status: 'connected', told: [code] });
});

it.each([
  ['whose push may still come', ago(minutes(29)), ago(days(1))],
  ['that was pushed at once', ago(minutes(30)), ago(minutes(30))],
  ['that was pushed before, by the clock of another machine', ago(minutes(30)), ago(minutes(30.5))],
])('a renewal %s is no news', (_, renewedAt, lastPushAt) => {
  const watch = { ...connected.mailbox.watch!, renewedAt };
  expect(deriveStatus(but({ mailbox: { watch }, activity: { lastPushAt } }), now).notices).toEqual([]);
});

it('tells of parked messages also before the mailbox was read to its end', () => {
  const derived = deriveStatus(but({ activity: { lastSyncAt: null, parked: 1 } }), now);
  expect(derived.notices.map(({ code }) => code)).toContain('mailbox.messages-parked');
});

it('names no next attempt that is past', () => {
  const syncTrouble = { ...trouble('gmail.api-disabled', days(1)), retryAt: ago(minutes(1)) };
  expect(deriveStatus(but({ mailbox: { syncTrouble } }), now).problem!.nextAttemptAt).toBeNull();
});

it('tells nothing twice', () => {
  const changes = { mailbox: { syncTrouble: trouble('gmail.api-disabled', 60) } };
  expect(deriveStatus(but(changes), now).notices).toEqual([]);
});

it('says what is stored and what works in the host’s words', () => {
  expect(deriveStatus(connected, now)).toMatchObject({ configState: 'stored', tokenState: 'valid' });
  const lost = but({ app: null, grant: { permission: null, ended: failure('authorization.revoked', 1) } });
  expect(deriveStatus(lost, now)).toMatchObject({
    configState: 'missing',
    tokenState: 'lost',
    account: null,
  });
});

it('warns while a replaced client secret stands in for one that Google does not take', () => {
  const since = ago(minutes(90));
  const codes = (pair: 'gmail' | 'calendar') =>
    deriveStatus(but({ app: { formerSecretUsed: { [pair]: since } } }), now).notices.map(({ code }) => code);
  expect(codes('gmail')).toEqual(['oauth-client.new-secret-refused']);
  expect(codes('calendar')).toEqual([]);
});
