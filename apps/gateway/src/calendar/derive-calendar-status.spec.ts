import { problem } from '#problems/problem';
import { days, hours, minutes } from '#time/clock';
import type { Trouble } from '../status/trouble.js';
import type { KeptCalendarFacet } from './calendar-facet.js';
import { type CalendarFacets, deriveCalendarStatus } from './derive-calendar-status.js';

const now = new Date('2026-11-23T12:00:00.000Z');
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();
const ahead = (milliseconds: number) => ago(-milliseconds);

const kept: KeptCalendarFacet = {
  calendarId: 'tina@acme.example',
  summary: 'Tina',
  timeZone: 'Europe/Berlin',
  primary: true,
  accessRole: 'owner',
  mode: 'push',
  polledBecause: null,
  channel: { channelId: 'c1', openedAt: ago(days(2)), expiresAt: ahead(days(5)) },
  channelTrouble: null,
  provenAt: ago(days(9)),
  unprovenSince: null,
  firstSyncedAt: ago(days(9)),
  syncTrouble: null,
  lost: null,
  gapSince: null,
  chosenAt: ago(days(9)),
};

interface Changes {
  calendar?: Partial<KeptCalendarFacet>;
  lastSyncAt?: string | null;
  resumedAt?: string;
}

const facets = ({ calendar, lastSyncAt = ago(minutes(12)), resumedAt }: Changes): CalendarFacets => ({
  calendar: {
    name: 'Tina',
    userId: 'u1',
    account: 'tina@acme.example',
    syncDirection: 'bidirectional',
    addedAt: ago(days(10)),
    calendars: [{ ...kept, ...calendar }],
    paused: null,
    ...(resumedAt !== undefined && { resumedAt }),
    disconnected: null,
    removed: false,
  },
  grant: {
    product: 'calendar',
    permission: { account: 'tina@acme.example', since: ago(days(9)), expiresAt: null, limitedBy: null },
    ended: null,
    refused: null,
    startedAt: null,
    attemptFailed: null,
  },
  app: { stored: true, projectId: 'acme-psa', provisioning: 'key', since: ago(days(10)) },
  activity: { [kept.calendarId]: { lastNotificationAt: ago(hours(1)), lastSyncAt } },
});

const trouble = (code: Trouble['problem']['code'], age: number): Trouble => ({
  problem: problem(code),
  since: ago(age),
  attempt: 3,
  retryAt: ahead(minutes(5)),
});
const channel = (openedAt: string, expiresAt: string) => ({ channelId: 'c1', openedAt, expiresAt });
const unopened = { channel: null, mode: 'undecided' as const, provenAt: null };
const unannounced = (age: number) => ({
  provenAt: null,
  unprovenSince: ago(age),
  unannounced: { since: ago(age) },
});

it.each<[string, Changes, string, string | null]>([
  ['works in every part', {}, 'connected', null],
  [
    'cannot be read during an outage of Google’s',
    { calendar: { syncTrouble: trouble('calendar.unavailable', minutes(119)) }, lastSyncAt: ago(hours(2)) },
    'connected',
    null,
  ],
  [
    'cannot be read for two hours',
    { calendar: { syncTrouble: trouble('calendar.unavailable', hours(2)) } },
    'error',
    'calendar.unavailable',
  ],
  [
    'has a channel that lives while its renewal fails',
    { calendar: { channelTrouble: trouble('calendar.unavailable', days(1)) } },
    'connected',
    null,
  ],
  [
    'has little left of its channel, whose renewal goes on to fail',
    {
      calendar: {
        channel: channel(ago(days(5)), ahead(days(2) - 1)),
        channelTrouble: trouble('calendar.unavailable', days(1)),
      },
    },
    'error',
    'calendar.unavailable',
  ],
  [
    'has little left of its channel, which nobody renews',
    { calendar: { channel: channel(ago(days(6)), ahead(days(1))) } },
    'error',
    'calendar.channel-not-renewed',
  ],
  [
    'has a channel that ended',
    { calendar: { channel: channel(ago(days(7)), ago(1)) } },
    'error',
    'calendar.channel-not-renewed',
  ],
  [
    'waits for its channel',
    { calendar: { ...unopened, chosenAt: ago(minutes(14)) }, lastSyncAt: null },
    'configuring',
    null,
  ],
  ['waits for a channel that nobody asks for', { calendar: unopened }, 'error', 'calendar.not-watched'],
  [
    'waits for Google, which is away',
    { calendar: { ...unopened, channelTrouble: trouble('calendar.unavailable', minutes(29)) } },
    'configuring',
    'calendar.unavailable',
  ],
  [
    'waits for Google, which is away for long',
    { calendar: { ...unopened, channelTrouble: trouble('calendar.unavailable', minutes(30)) } },
    'error',
    'calendar.unavailable',
  ],
  ['was last read 44 minutes ago', { lastSyncAt: ago(minutes(44)) }, 'connected', null],
  ['nobody has read for 45 minutes', { lastSyncAt: ago(minutes(45)) }, 'error', 'calendar.not-read'],
  [
    'was not read during a pause that is over',
    { lastSyncAt: ago(days(3)), resumedAt: ago(minutes(1)) },
    'connected',
    null,
  ],
  [
    'changed without a notification a moment ago, and is proven anew',
    { calendar: unannounced(minutes(1)) },
    'configuring',
    'calendar.pushes-missing',
  ],
  [
    'changed without a notification, and whose new channel nothing came through',
    { calendar: unannounced(minutes(10)) },
    'error',
    'calendar.no-first-notification',
  ],
])('a calendar that %s', (_, changes, status, code) => {
  const derived = deriveCalendarStatus(facets(changes), now);
  expect({ status: derived.status, code: derived.problem?.code ?? null }).toEqual({ status, code });
});

it('tells of a renewal that fails, while the calendar stays connected', () => {
  const channelTrouble = trouble('calendar.unavailable', minutes(10));
  const { calendars } = deriveCalendarStatus(facets({ calendar: { channelTrouble } }), now);
  expect(calendars[0]).toMatchObject({ status: 'connected', notices: [{ code: 'calendar.unavailable' }] });
});

it('does not say that nobody reads a calendar, or that nothing notifies, while the account’s permission has ended', () => {
  const known = facets({ calendar: unannounced(hours(1)), lastSyncAt: ago(hours(3)) });
  const ended = { problem: problem('authorization.revoked'), since: ago(hours(3)) };
  const { problem: of, calendars } = deriveCalendarStatus(
    { ...known, grant: { ...known.grant!, permission: null, ended } },
    now,
  );
  expect(of?.code).toBe('authorization.revoked');
  expect(calendars).toMatchObject([{ status: 'error', problem: null }]);
});

describe('a permission that ended', () => {
  const revoked = (age: number) => trouble('authorization.revoked', age);
  const endedFor = (age: number): CalendarFacets => {
    const known = facets({ calendar: { syncTrouble: revoked(age), channelTrouble: revoked(age) } });
    const ended = { problem: problem('authorization.revoked'), since: ago(age) };
    return { ...known, grant: { ...known.grant!, permission: null, ended } };
  };

  it('is told of the account, and not of each of its calendars again', () => {
    const { problem: of, notices, calendars } = deriveCalendarStatus(endedFor(hours(1)), now);
    expect([of?.code, notices]).toEqual(['authorization.revoked', []]);
    expect(calendars).toMatchObject([{ status: 'error', problem: null, notices: [] }]);
  });

  it('says nothing of the one that was given after it', () => {
    const known = endedFor(hours(1));
    const permission = { ...facets({}).grant!.permission!, since: ago(minutes(1)) };
    const { status, calendars } = deriveCalendarStatus(
      { ...known, grant: { ...known.grant!, permission, ended: null } },
      now,
    );
    // Until the calendar is read again it stands still, for no other reason.
    expect(status).toBe('configuring');
    expect(calendars).toMatchObject([{ status: 'configuring', problem: null, notices: [] }]);
  });
});
