import { OpenChannel } from '#contracts/calendar';
import { answer } from '#messaging/handler';
import { problem } from '#problems/problem';
import { days, hours, minutes } from '#time/clock';
import { calendarFor } from '../calendar-api/account-calendar.js';
import { CalendarWorld, TECHNICIAN } from '../fixtures/calendar-world.js';
import {
  forgetGrantWhenDisconnected,
  openWhenAuthorized,
  openWhenChosen,
  openWhenNotificationsMissing,
  openWhenReadAgain,
  openWhenResumed,
} from '../follow-ups/provider.reactors.js';
import { changeProvider } from '../provider/change-provider.js';
import {
  addCalendarProvider,
  chooseCalendars,
  connectCalendar,
  endCalendarProvider,
  getCalendarProvider,
  listAccountCalendars,
  pauseCalendar,
  resumeCalendar,
} from '../provider/settings-handlers.js';
import { keepChannel } from './channel-handlers.js';
import { proveNotification } from './prove-notification.js';

const TEAM = 'team@group.calendar.google.com';
const HOLIDAYS = 'holidays@group.v.calendar.google.com';

describe('a calendar provider at Google', () => {
  let world: CalendarWorld;
  beforeEach(async () => {
    world = await CalendarWorld.open();
    const { calendar } = world.google.client;
    await calendar.createCalendar({ id: TEAM, summary: 'Team', owner: TECHNICIAN });
    await calendar.createCalendar({
      id: HOLIDAYS,
      summary: 'Holidays',
      owner: TECHNICIAN,
      unwatchable: true,
    });
    world.handlers = [answer(OpenChannel, (data, origin) => keepChannel(world.means, 'open', data, origin))];
  });
  afterEach(() => world.close());

  const settle = () =>
    world.settle([
      openWhenChosen(world.means),
      openWhenAuthorized(world.means),
      openWhenResumed(world.means),
      openWhenReadAgain(world.means),
      openWhenNotificationsMissing(world.means),
      forgetGrantWhenDisconnected(world.means),
    ]);
  const add = () => {
    const settings = {
      name: 'Tina',
      userId: 'u1',
      account: TECHNICIAN,
      syncDirection: 'bidirectional' as const,
    };
    return addCalendarProvider(world.means, { providerId: 'p1', ...settings }, world.origin());
  };
  const choose = (...calendarIds: string[]) =>
    chooseCalendars(world.means, { providerId: 'p1', calendarIds }, world.origin());
  const keep = (purpose: 'open' | 'renew', calendarId = TEAM) =>
    keepChannel(world.means, purpose, { providerId: 'p1', calendarId }, world.origin());
  const prove = (calendarId = TEAM) =>
    proveNotification(world.means, { tenantId: 't1', providerId: 'p1', calendarId }, world.origin());
  const connected = async (...calendarIds: string[]) => {
    await add();
    await world.grant('Authorized');
    if (calendarIds.length > 0) await choose(...calendarIds);
    await settle();
  };
  const channelsAtGoogle = async (calendarId = TEAM) =>
    (await world.google.client.calendar.calendar(calendarId)).channels;
  const last = async (type: string) => (await world.story()).findLast((event) => event.type === type)?.data;

  it('is not added while the tenant’s Calendar credentials are incomplete', async () => {
    world.configured = false;
    expect(await add()).toMatchObject({ ok: false, problem: { code: 'google-app.incomplete' } });
    expect(await world.told()).toEqual([]);
  });

  it('asks for the consent of its own account only', async () => {
    await add();
    const data = { providerId: 'p1', userId: 'u1', openerOrigin: null };
    expect(await connectCalendar(world.means, data, world.origin())).toMatchObject({ ok: true });
    expect(world.asked.at(-1)).toMatchObject({
      type: 'StartAuthorization',
      data: { product: 'calendar', expectedAccount: TECHNICIAN },
    });
  });

  it('proposes the primary calendar and chooses nothing by itself', async () => {
    await connected();
    const listed = await listAccountCalendars(world.means, { providerId: 'p1' }, world.origin());
    const calendars = listed.ok ? listed.value.calendars : [];
    expect(calendars.map(({ calendarId }) => calendarId).sort()).toEqual([HOLIDAYS, TEAM, TECHNICIAN].sort());
    expect(calendars.filter(({ proposed }) => proposed).map(({ calendarId }) => calendarId)).toEqual([
      TECHNICIAN,
    ]);
    expect(await world.told()).toEqual(['CalendarProviderAdded']);
  });

  it('stores real ids, and none that the account does not have', async () => {
    await connected();
    expect(await choose('primary', TEAM)).toMatchObject({
      ok: true,
      value: { calendars: [{ calendarId: TECHNICIAN, primary: true }, { calendarId: TEAM }] },
    });
    expect(await choose('primary', 'nobody@x')).toMatchObject({
      ok: false,
      problem: { code: 'calendar.unknown', params: { calendarIds: 'nobody@x' } },
    });
    const view = await getCalendarProvider(world.means, { providerId: 'p1' }, world.origin());
    expect(view).toMatchObject({ value: { calendars: [{ calendarId: TECHNICIAN }, { calendarId: TEAM }] } });
  });

  it('is told of a channel before Google is, and believes the end that Google names', async () => {
    await connected(TEAM);
    expect(await world.told()).toEqual([
      'CalendarProviderAdded',
      'CalendarsChosen',
      'ChannelRequested',
      'ChannelOpened',
    ]);
    const requested = await last('ChannelRequested');
    expect(requested).toMatchObject({
      calendarId: TEAM,
      tokenHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      address: 'https://psa.example.com/api/calendar/webhooks/google',
    });
    expect(await channelsAtGoogle()).toMatchObject([{ id: requested!['channelId'] }]);
    const { expiresAt } = (await last('ChannelOpened')) as { expiresAt: string };
    const life = Date.parse(expiresAt) - world.clock.now().getTime();
    expect(life).toBeGreaterThan(days(7) - minutes(5));
    expect(life).toBeLessThanOrEqual(days(7) + minutes(5));
  });

  it('is renewed before half of its life by a new channel first, the old one then stopped', async () => {
    await connected(TEAM);
    await prove();
    const renewAt = (await last('NotificationProven'))!['renewAt'] as string;
    const wait = Date.parse(renewAt) - world.clock.now().getTime();
    expect(wait).toBeLessThan(days(3.5) + minutes(5));
    const before = (await last('ChannelOpened'))!['channelId'];
    await world.advance(wait);
    expect(await keep('renew')).toMatchObject({ ok: true, value: { mode: 'push', problem: null } });
    const opened = await last('ChannelOpened');
    expect(opened).toMatchObject({ replaces: before });
    expect((await world.told()).slice(-3)).toEqual(['ChannelRequested', 'ChannelOpened', 'ChannelClosed']);
    expect(await last('ChannelClosed')).toMatchObject({ channelId: before, stopped: true });
    expect(await channelsAtGoogle()).toMatchObject([{ id: opened!['channelId'] }]);
  });

  it('is not renewed twice when it is asked twice', async () => {
    await connected(TEAM);
    await prove();
    await world.advance(days(3));
    await keep('renew');
    const events = (await world.told()).length;
    await keep('renew');
    await keep('open');
    expect(await world.told()).toHaveLength(events);
  });

  it('is tried again soon when nothing came through its channel, and each time later', async () => {
    await connected(TEAM);
    const waitOf = async () =>
      Date.parse((await last('ChannelOpened'))!['renewAt'] as string) - world.clock.now().getTime();
    expect(await waitOf()).toBeLessThanOrEqual(minutes(10));
    await world.advance(minutes(10));
    await keep('renew');
    expect(await waitOf()).toBeGreaterThan(minutes(50));
    expect(await channelsAtGoogle()).toHaveLength(1);
  });

  it('stops the channel that a crash left between the request and Google’s answer', async () => {
    await add();
    await world.grant('Authorized');
    await choose(TEAM);
    const channelId = '00000000-0000-4000-8000-000000000000';
    const address = 'https://psa.example.com/api/calendar/webhooks/google';
    const provider = { tenantId: 't1', providerId: 'p1' };
    await changeProvider(
      world.means,
      provider,
      {
        type: 'RequestChannel',
        purpose: 'open',
        calendarId: TEAM,
        channelId,
        tokenHash: '0'.repeat(64),
        address: { url: address },
        grantedAt: world.clock.now().toISOString(),
      },
      world.origin(),
    );
    // Google opened it, and the process ended before that was recorded.
    const google = calendarFor(world.means, provider, world.origin());
    expect(await google.watch({ calendarId: TEAM, channelId, token: 't', address })).toMatchObject({
      ok: true,
    });
    await settle();
    expect(await last('ChannelClosed')).toMatchObject({ channelId, stopped: true });
    expect(await channelsAtGoogle()).toMatchObject([{ id: (await last('ChannelOpened'))!['channelId'] }]);
  });

  it('is only compared where Google cannot watch', async () => {
    await connected(HOLIDAYS);
    expect(await last('PollingChosen')).toMatchObject({
      calendarId: HOLIDAYS,
      problem: { code: 'calendar.not-watchable' },
      retryAt: null,
    });
    const events = (await world.told()).length;
    expect(await keep('open', HOLIDAYS)).toMatchObject({ ok: true, value: { mode: 'polling' } });
    expect(await world.told()).toHaveLength(events);
  });

  it('tries again when Google cannot be reached, and stops what Google may have opened meanwhile', async () => {
    // Google opens the channel, but its answer is lost on the way.
    await world.google.client.addFault({
      match: { pathPattern: '/events/watch$' },
      effect: { kind: 'drop', afterwards: true },
      times: 1,
    });
    await connected(TEAM);
    expect(await last('ChannelFailed')).toMatchObject({
      problem: { code: 'calendar.unavailable' },
      attempt: 1,
      retryAt: expect.any(String) as string,
    });
    expect(await channelsAtGoogle()).toHaveLength(1);
    await keep('open');
    expect((await world.told()).slice(-3)).toEqual(['ChannelRequested', 'ChannelOpened', 'ChannelClosed']);
    expect(await channelsAtGoogle()).toHaveLength(1);
  });

  it('is tried again ever sooner as the channel that it has nears its end', async () => {
    await connected(TEAM);
    const fault = await world.google.client.addFault({
      match: { pathPattern: '/events/watch$' },
      effect: { kind: 'error', code: 503 },
    });
    const pauseAfter = async (attempts: number) => {
      for (let attempt = 1; attempt <= attempts; attempt++) await keep(attempt === 1 ? 'renew' : 'open');
      const { retryAt } = (await last('ChannelFailed')) as { retryAt: string };
      return Date.parse(retryAt) - world.clock.now().getTime();
    };
    await world.advance(days(3.5));
    expect(await pauseAfter(8)).toBeGreaterThan(minutes(14));
    await world.advance(days(3.5) - minutes(20));
    expect(await pauseAfter(1)).toBeLessThan(minutes(3));
    await world.google.client.removeFault(fault.id);
    await keep('open');
    expect((await world.told()).slice(-2)).toEqual(['ChannelOpened', 'ChannelClosed']);
  });

  it('gets a new channel when notifications are missing, which has to prove itself', async () => {
    await connected(TEAM);
    await prove();
    await world.advance(minutes(20));
    const { id, tenantId, correlationId, by } = world.origin();
    const at = world.clock.now().toISOString();
    const metadata = { id, tenantId, correlationId, causationId: id, at, by };
    const data = { calendarId: TEAM, from: at, reason: 'notification-missing' };
    await world.store.append('calendar-t1+p1', [{ type: 'GapDetected', data, metadata }], 'any');
    await settle();
    expect((await world.told()).slice(-3)).toEqual(['ChannelRequested', 'ChannelOpened', 'ChannelClosed']);
    await prove();
    expect((await world.told()).at(-1)).toBe('NotificationProven');
  });

  it('stops the channel of a calendar that leaves the choice', async () => {
    await connected(TEAM, TECHNICIAN);
    expect(await channelsAtGoogle()).toHaveLength(1);
    await choose('primary');
    await settle();
    expect(await channelsAtGoogle()).toHaveLength(0);
    expect(await channelsAtGoogle(TECHNICIAN)).toHaveLength(1);
  });

  it('opens anew after a pause, and nothing during it', async () => {
    await connected(TEAM);
    await pauseCalendar(world.means, { providerId: 'p1', reason: 'manual' }, world.origin());
    expect(await keep('renew')).toMatchObject({ ok: false, problem: { code: 'calendar-provider.paused' } });
    await world.advance(hours(1));
    const before = (await last('ChannelOpened'))!['channelId'];
    await resumeCalendar(world.means, { providerId: 'p1' }, world.origin());
    await settle();
    const after = (await last('ChannelOpened'))!['channelId'];
    expect(after).not.toBe(before);
    expect(await channelsAtGoogle()).toMatchObject([{ id: after }]);
  });

  it('stops everything while it still may when it is disconnected, and then gives the permission back', async () => {
    await connected(TEAM, TECHNICIAN);
    await endCalendarProvider(
      world.means,
      'DisconnectCalendar',
      { providerId: 'p1', reason: 'left' },
      world.origin(),
    );
    await settle();
    expect(await channelsAtGoogle()).toHaveLength(0);
    expect(await channelsAtGoogle(TECHNICIAN)).toHaveLength(0);
    expect((await world.told()).slice(-3)).toEqual(['ChannelClosed', 'ChannelClosed', 'Disconnected']);
    expect(world.asked.at(-1)).toMatchObject({ type: 'ForgetGrant', data: { providerId: 'p1' } });
  });

  it('can be removed although the permission is gone', async () => {
    await connected(TEAM);
    world.noAccess = problem('authorization.revoked');
    await endCalendarProvider(
      world.means,
      'RemoveCalendar',
      { providerId: 'p1', reason: 'left' },
      world.origin(),
    );
    expect((await world.told()).slice(-3)).toEqual(['ChannelClosed', 'Disconnected', 'Removed']);
    expect(await last('ChannelClosed')).toMatchObject({ stopped: false });
  });

  it('tells that a calendar is gone, once', async () => {
    await connected(TEAM);
    await world.google.client.calendar.deleteCalendar(TEAM);
    await world.advance(minutes(10));
    await keep('renew');
    await keep('renew');
    expect((await world.told()).filter((type) => type === 'CalendarLost')).toHaveLength(1);
    expect(await last('ChannelFailed')).toMatchObject({ problem: { code: 'calendar.gone' }, retryAt: null });
  });

  it('never records a channel’s token', async () => {
    await connected(TEAM);
    const secret = 'the-token-that-only-google-knows';
    const request = {
      type: 'RequestChannel' as const,
      purpose: 'open' as const,
      calendarId: TEAM,
      channelId: 'c2',
      tokenHash: '0'.repeat(64),
      address: { url: 'https://psa.example.com/elsewhere' },
      grantedAt: world.clock.now().toISOString(),
    };
    const provider = { tenantId: 't1', providerId: 'p1' };
    await changeProvider(world.means, provider, request, world.origin());
    const open = { type: 'OpenRequestedChannel' as const, calendarId: TEAM, channelId: 'c2' };
    await changeProvider(world.means, provider, open, world.origin(), secret);
    expect(await last('ChannelOpened')).toMatchObject({ channelId: 'c2' });
    expect(JSON.stringify(await world.story())).not.toContain(secret);
  });
});
