import { createHash } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import {
  AddCalendarProvider,
  ChooseCalendars,
  GetCalendarProvider,
  PauseCalendar,
} from '#contracts/calendar';
import { calendarActivityPublisher } from '#deliveries/calendar-notifications';
import { NOTIFICATIONS } from '#deliveries/streams';
import { calendarNotificationSubject } from '#deliveries/subjects';
import { accepted } from '#messaging/envelope';
import { days, minutes } from '#time/clock';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

const WEBHOOK = '/api/calendar/webhooks/google';
const TEAM = 'team@group.calendar.google.com';
const team = {
  calendarId: TEAM,
  summary: 'Team',
  timeZone: 'Europe/Berlin',
  primary: false,
  accessRole: 'owner',
};
const holidays = { ...team, calendarId: 'holidays@x', summary: 'Holidays', accessRole: 'reader' };
const channelId = '11111111-2222-4333-8444-555555555555';
const token = 'the channel’s own token';
const asciiToken = Buffer.from(token).toString('base64url');
const tokenHash = createHash('sha256').update(asciiToken).digest('hex');

let gateway: ComposedGateway;
let providers = 0;
let id: string;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => {
  id = `c${++providers}`;
});

const tell = async (type: string, data: Record<string, unknown>) => {
  gateway.clock.advance(1);
  await gateway.append(`calendar-t1+${id}`, type, data);
};
const seen = () => gateway.processors.caughtUp();
const authorized = {
  product: 'calendar',
  account: 'tina@acme.example',
  clientId: 'c',
  projectId: 'p',
  scopes: [],
  expiresAt: null,
};
const connect = async (...calendars: object[]) => {
  await tell('CalendarProviderAdded', {
    name: 'Tina',
    userId: 'tina',
    account: 'tina@acme.example',
    syncDirection: 'bidirectional',
  });
  await gateway.append(`grant-t1+${id}`, 'Authorized', authorized);
  if (calendars.length > 0) await tell('CalendarsChosen', { calendars });
};
const channelOf = () => channelId.replace(/^1{8}/, String(10_000_000 + providers));
const request = (calendarId = TEAM) =>
  tell('ChannelRequested', { calendarId, channelId: channelOf(), tokenHash, address: 'https://psa' });
const opened = (calendarId = TEAM) => {
  const expiresAt = new Date(gateway.clock.now().getTime() + days(7)).toISOString();
  const data = { calendarId, channelId: channelOf(), resourceId: 'r1', expiresAt, replaces: null };
  return tell('ChannelOpened', { ...data, renewAt: expiresAt });
};
const polled = (calendarId: string) =>
  tell('PollingChosen', {
    calendarId,
    channelId: null,
    problem: { code: 'calendar.not-watchable' },
    retryAt: null,
  });
const as = async (user: string, ...permissions: string[]) => ({
  headers: { authorization: `Bearer ${await gateway.token({ user, permissions })}` },
});
const status = async () => {
  await seen();
  const response = await gateway.fetch(`/api/calendar/providers/${id}/status`);
  return (await response.json()) as Record<string, unknown> & { calendars: Record<string, unknown>[] };
};

describe('the status of a calendar provider', () => {
  it('asks for a choice once the account is connected', async () => {
    await connect();
    expect(await status()).toMatchObject({
      status: 'configuring',
      problem: { code: 'calendar-provider.nothing-chosen' },
    });
  });

  it('is connected only when every calendar is proven, each in its own way', async () => {
    await connect(team, holidays);
    await request();
    await opened();
    await polled('holidays@x');
    expect(await status()).toMatchObject({ status: 'configuring' });
    await tell('NotificationProven', { calendarId: TEAM, renewAt: null });
    expect(await status()).toMatchObject({
      status: 'configuring',
      calendars: [{ status: 'connected' }, { status: 'configuring' }],
    });
    await tell('FirstSyncCompleted', { calendarId: 'holidays@x', mode: 'polling' });
    expect(await status()).toMatchObject({
      status: 'connected',
      problem: null,
      calendars: [
        { mode: 'push', channelExpiresAt: expect.any(String) as string },
        { mode: 'polling', notices: [{ code: 'calendar.not-watchable' }] },
      ],
    });
  });

  it('names the missing first notification after ten minutes', async () => {
    await connect(team);
    await request();
    await opened();
    gateway.clock.advance(minutes(11));
    expect(await status()).toMatchObject({
      status: 'error',
      problem: { code: 'calendar.no-first-notification' },
    });
  });

  it('takes the proof back while notifications are missing, until one comes', async () => {
    await connect(team);
    await request();
    await opened();
    await tell('NotificationProven', { calendarId: TEAM, renewAt: null });
    const from = gateway.clock.now().toISOString();
    await tell('GapDetected', { calendarId: TEAM, from, reason: 'notification-missing' });
    expect(await status()).toMatchObject({
      status: 'configuring',
      problem: { code: 'calendar.pushes-missing' },
      calendars: [{ provenAt: null }],
    });
    await tell('NotificationProven', { calendarId: TEAM, renewAt: null });
    expect(await status()).toMatchObject({ status: 'connected', problem: null });
  });

  it('is not in error for what could not be read during a pause', async () => {
    await connect(team);
    await request();
    await opened();
    await tell('NotificationProven', { calendarId: TEAM, renewAt: null });
    await tell('Paused', { reason: 'manual' });
    gateway.clock.advance(days(1));
    await tell('Resumed', {});
    expect(await status()).toMatchObject({ status: 'connected', problem: null });
    gateway.clock.advance(minutes(45));
    expect(await status()).toMatchObject({ status: 'error', problem: { code: 'calendar.not-read' } });
  });

  it('names a calendar that is gone, and lets it be found again', async () => {
    await connect(holidays);
    await polled('holidays@x');
    await tell('FirstSyncCompleted', { calendarId: 'holidays@x', mode: 'polling' });
    await tell('CalendarLost', {
      calendarId: 'holidays@x',
      problem: { code: 'calendar.gone', params: { calendarId: 'holidays@x' } },
    });
    expect(await status()).toMatchObject({ status: 'error', problem: { code: 'calendar.gone' } });
    await tell('SyncRecovered', { calendarId: 'holidays@x' });
    expect(await status()).toMatchObject({ status: 'connected' });
  });

  it('shows no calendar as connected while the permission is gone', async () => {
    await connect(holidays);
    await polled('holidays@x');
    await tell('FirstSyncCompleted', { calendarId: 'holidays@x', mode: 'polling' });
    gateway.clock.advance(1);
    const lost = { product: 'calendar', problem: { code: 'authorization.revoked' } };
    await gateway.append(`grant-t1+${id}`, 'AuthorizationLost', lost);
    expect(await status()).toMatchObject({
      status: 'error',
      problem: { code: 'authorization.revoked' },
      calendars: [{ status: 'error' }],
    });
  });

  it('shows when each calendar was notified and read last', async () => {
    await connect(team);
    const at = gateway.clock.now().toISOString();
    await calendarActivityPublisher(gateway.nats)({
      tenantId: 't1',
      providerId: id,
      calendarId: TEAM,
      lastNotificationAt: at,
      lastSyncAt: at,
    });
    let shown = await status();
    while (shown.calendars[0]?.['lastSyncAt'] === null) shown = await status();
    expect(shown).toMatchObject({ lastSyncAt: at, calendars: [{ lastNotificationAt: at, lastSyncAt: at }] });
  });
});

describe('whose calendars they are', () => {
  it('makes the caller the owner, whatever else they may', async () => {
    gateway.services.answer(AddCalendarProvider, ({ providerId }) => accepted({ providerId }));
    const response = await gateway.fetch('/api/calendar/providers', {
      method: 'POST',
      json: { name: 'Tina', account: 'tina@acme.example', syncDirection: 'from_external' },
      headers: { ...(await as('tina')).headers, 'content-type': 'application/json' },
    });
    expect(response.status).toBe(201);
    expect(gateway.services.asked.at(-1)).toMatchObject({
      type: 'AddCalendarProvider',
      data: { userId: 'tina', account: 'tina@acme.example', syncDirection: 'from_external' },
    });
  });

  it('shows them to the owner and to who may read the settings, and to nobody else', async () => {
    await connect();
    await seen();
    const path = `/api/calendar/providers/${id}`;
    const codes = [
      (await gateway.fetch(path, await as('tina'))).status,
      (await gateway.fetch(path, await as('ted', 'system_settings:read'))).status,
      (await gateway.fetch(path, await as('ted'))).status,
      (await gateway.fetch(path, { tenant: 't2' })).status,
    ];
    expect(codes).toEqual([200, 200, 404, 404]);
  });

  it('lets the owner and administrators change them, and nobody else', async () => {
    const view = {
      name: 'Tina',
      userId: 'tina',
      account: 'tina@acme.example',
      syncDirection: 'bidirectional' as const,
      calendars: [],
      paused: false,
    };
    gateway.services.answer(GetCalendarProvider, ({ providerId }) => accepted({ providerId, ...view }));
    gateway.services.answer(PauseCalendar, ({ providerId }) => accepted({ providerId }));
    const pause = async (user: string, ...permissions: string[]) => {
      const { headers } = await as(user, ...permissions);
      const path = `/api/calendar/providers/${id}/pause`;
      const init = { method: 'POST', json: {}, headers: { ...headers, 'content-type': 'application/json' } };
      return (await gateway.fetch(path, init)).status;
    };
    expect(await pause('tina')).toBe(200);
    expect(await pause('ada', 'system_settings:update')).toBe(200);
    expect(await pause('ted', 'system_settings:read')).toBe(403);
    expect(await pause('ted')).toBe(404);
  });

  it('takes the choice of calendars', async () => {
    gateway.services.answer(ChooseCalendars, () => accepted({ calendars: [team] }));
    const path = `/api/calendar/providers/${id}/calendars`;
    const response = await gateway.fetch(path, { method: 'PUT', json: { calendarIds: [TEAM] } });
    expect(response.status).toBe(200);
    expect(gateway.services.asked.at(-1)).toMatchObject({ data: { providerId: id, calendarIds: [TEAM] } });
  });
});

describe('Google’s notifications about calendars', () => {
  const post = (change: Record<string, string> = {}) =>
    fetch(`${gateway.url}${WEBHOOK}`, {
      method: 'POST',
      headers: {
        'x-goog-channel-id': channelOf(),
        'x-goog-channel-token': asciiToken,
        'x-goog-resource-id': 'r1',
        'x-goog-resource-state': 'exists',
        'x-goog-message-number': '7',
        ...change,
      },
    });
  const kept = async () => {
    const manager = await jetstreamManager(gateway.nats);
    const subject = calendarNotificationSubject({ tenantId: 't1', providerId: id, calendarId: TEAM });
    const message = await manager.streams
      .getMessage(NOTIFICATIONS, { last_by_subj: subject })
      .catch(() => null);
    return message?.json() ?? null;
  };

  it('are kept when channel, token and resource are right', async () => {
    await connect(team);
    await request();
    await opened();
    await seen();
    const response = await post();
    expect([response.status, await response.json()]).toEqual([200, { success: true, accepted: true }]);
    expect(await kept()).toMatchObject({
      providerId: id,
      calendarId: TEAM,
      state: 'exists',
      messageNumber: 7,
    });
  });

  it('are believed before Google’s answer is recorded, even when they overtake the record of the request', async () => {
    await connect(team);
    const early = post({ 'x-goog-resource-state': 'sync' });
    await request();
    expect((await early).status).toBe(200);
    expect(await kept()).toMatchObject({ state: 'sync' });
  });

  it.each([
    ['the token', { 'x-goog-channel-token': 'another' }],
    ['the resource', { 'x-goog-resource-id': 'r2' }],
    ['the channel', { 'x-goog-channel-id': '99999999-2222-4333-8444-555555555555' }],
    ['any sense in the channel', { 'x-goog-channel-id': 'x' }],
  ])('teach nothing to whoever lacks %s', async (_, change) => {
    await connect(team);
    await request();
    await opened();
    await seen();
    const response = await post(change);
    expect([response.status, await response.text()]).toEqual([404, '']);
    expect(await kept()).toBeNull();
  });

  it('are believed no more once the channel is closed', async () => {
    await connect(team);
    await request();
    await opened();
    await tell('ChannelClosed', {
      calendarId: TEAM,
      channelId: channelOf(),
      reason: 'replaced',
      stopped: true,
    });
    await seen();
    expect((await post()).status).toBe(404);
  });

  it('leave the host’s probes answered', async () => {
    const probe = await fetch(`${gateway.url}${WEBHOOK}?validationToken=${encodeURIComponent('<b>')}`);
    expect([probe.status, probe.headers.get('content-type'), await probe.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      '<b>',
    ]);
    expect((await fetch(`${gateway.url}${WEBHOOK}`, { method: 'OPTIONS' })).status).toBe(200);
  });
});

it('has Google send again while notifications cannot be kept', async () => {
  const other = await composeGateway();
  try {
    const at = (type: string, data: Record<string, unknown>) => other.append('calendar-t1+x', type, data);
    const settings = { name: 'T', userId: 'u', account: 'a@b.c', syncDirection: 'bidirectional' };
    await at('CalendarProviderAdded', settings);
    await at('CalendarsChosen', { calendars: [team] });
    await at('ChannelRequested', { calendarId: TEAM, channelId, tokenHash, address: 'https://psa' });
    await other.processors.caughtUp();
    await other.loseNats();
    const headers = {
      'x-goog-channel-id': channelId,
      'x-goog-channel-token': asciiToken,
      'x-goog-resource-id': 'r1',
    };
    expect((await fetch(`${other.url}${WEBHOOK}`, { method: 'POST', headers })).status).toBe(503);
  } finally {
    await other.close();
  }
});
