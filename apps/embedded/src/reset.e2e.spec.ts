import { randomUUID } from 'node:crypto';
import { notificationPublisher } from '#deliveries/notifications';
import { TenantAtWork } from './fixtures/tenant-at-work.js';

const support = 'support@acme.example';
const sales = 'sales@acme.example';

let tenant: TenantAtWork;
let mailbox: string;
let salesMailbox: string;
let calendars: string;
beforeAll(async () => {
  tenant = await TenantAtWork.open([support, sales]);
  mailbox = await tenant.addMailbox(support);
  salesMailbox = await tenant.addMailbox(sales);
  calendars = await tenant.addCalendars(support);
}, 120_000);
afterAll(() => tenant?.close(), 60_000);

const google = () => tenant.embedded.simulator.client;
const reason = 'cutover of spring';
const resetMailbox = () =>
  tenant.ask<Record<string, unknown>>('POST', `/api/email/providers/${mailbox}/reset`, { reason });
const resetCalendars = () =>
  tenant.ask<Record<string, unknown>>('POST', `/api/calendar/providers/${calendars}/reset`, { reason });
const connectMailbox = async () => {
  await tenant.connect('email', mailbox, support);
  await tenant.becomesConnected('email', mailbox);
};
const connectCalendars = async () => {
  await tenant.connect('calendar', calendars, support);
  const path = `/api/calendar/providers/${calendars}/calendars`;
  await tenant.until(async () => (await tenant.call('GET', path)).status === 200, 'calendars are listed');
  await tenant.ask('PUT', path, { calendarIds: ['primary'] });
  await tenant.becomesConnected('calendar', calendars);
};
const inDays = (day: number) => ({
  start: { dateTime: new Date(tenant.clock.now().getTime() + day * 86_400_000).toISOString() },
  end: { dateTime: new Date(tenant.clock.now().getTime() + day * 86_400_000 + 3_600_000).toISOString() },
});
/** What the calendars' owners did; that a problem came and went is delivered, too. */
const changes = async () =>
  (await tenant.deliveries())
    .filter(({ providerId, type }) => providerId === calendars && type.startsWith('calendar-event.'))
    .map(({ type }) => type);
const paths = async () => (await google().requests()).map(({ path }) => path);

// The tests of this file are the chapters of one story: each goes on where the one before ended.
describe('resetting what is connected', () => {
  it('says why, or is refused', async () => {
    const { status, text } = await tenant.call('POST', `/api/email/providers/${mailbox}/reset`, {});
    expect({ status, text }).toMatchObject({ status: 400, text: expect.stringContaining('reason') });
  });

  it('of a mailbox stops its watch and spares the permission of a sibling', async () => {
    await connectMailbox();
    await connectCalendars();
    await tenant.connect('email', salesMailbox, sales);
    await tenant.becomesConnected('email', salesMailbox);
    await tenant.mail(support, 'before the reset');
    await tenant.until(async () => (await tenant.subjects()).length === 1, 'the mail is delivered');

    await google().clearRequests();
    expect(await resetMailbox()).toMatchObject({
      id: mailbox,
      outcome: 'reset',
      watch: 'stopped',
      parkedForgotten: 0,
      permission: { account: support, revoked: false },
    });
    expect(await paths()).toContain('/gmail/v1/users/me/stop');
    expect(await paths()).not.toContain('/revoke');
    expect((await google().gmail.mailbox(support)).watches).toEqual([]);
    await tenant.embedded.caughtUp();
    expect(await tenant.status('email', mailbox)).toMatchObject({
      status: 'disconnected',
      problem: { code: 'authorization.missing' },
      tokenState: 'none',
    });

    await google().calendar.insertEvent(support, { summary: 'Meeting', ...inDays(1) });
    await tenant.until(async () => (await changes()).length === 1, 'the calendar goes on');
  }, 120_000);

  it('of the last connection of an account stops the channels and then revokes', async () => {
    await google().clearRequests();
    expect(await resetCalendars()).toMatchObject({
      outcome: 'reset',
      channelsStopped: 1,
      channelsLeft: 0,
      permission: { account: support, revoked: true },
    });
    const asked = await paths();
    const stopped = asked.findIndex((path) => path.endsWith('/channels/stop'));
    expect(stopped).toBeGreaterThanOrEqual(0);
    expect(asked.indexOf('/revoke')).toBeGreaterThan(stopped);
    expect((await google().calendar.calendar(support)).channels).toEqual([]);
    await tenant.embedded.caughtUp();
    expect(await tenant.status('calendar', calendars)).toMatchObject({ status: 'disconnected' });
  });

  it('is done once: asking again answers the same', async () => {
    const [first, second] = [await resetMailbox(), await resetCalendars()];
    expect([await resetMailbox(), await resetCalendars()]).toEqual([first, second]);
    const told = await tenant.history('email', mailbox);
    expect(told.filter(({ type }) => type === 'Reset')).toMatchObject([{ by: 'admin' }]);
  });

  it('ends a consent that is on its way', async () => {
    const back = await tenant.consent('email', mailbox, support);
    await tenant.embedded.caughtUp();
    expect(await tenant.status('email', mailbox)).toMatchObject({ status: 'configuring' });
    await resetMailbox();
    await google().clearRequests();
    expect((await fetch(back)).status).toBe(400);
    expect(await paths()).toEqual([]);
    await tenant.embedded.caughtUp();
    expect(await tenant.status('email', mailbox)).toMatchObject({ status: 'disconnected' });
  });

  it('is undone by no clock, no notification and no event that is told again', async () => {
    await google().clearRequests();
    await tenant.mail(support, 'while it was reset');
    await google().calendar.insertEvent(support, { summary: 'While it was reset', ...inDays(2) });
    await tenant.redeliverEverything(['oauth', 'gmail', 'calendar', 'maintenance']);
    await notificationPublisher(tenant.nats)({
      tenantId: 'acme',
      emailAddress: support,
      historyId: '999999',
      pushedAt: tenant.clock.now().toISOString(),
      pubsubMessageId: randomUUID(),
    });
    await tenant.advanceDays(21);
    expect(await tenant.askedOfGoogleBy(support)).toEqual([]);
    expect(await tenant.status('email', mailbox)).toMatchObject({ status: 'disconnected' });
    expect(await tenant.status('calendar', calendars)).toMatchObject({ status: 'disconnected' });
    const { rows: due } = await tenant.database.query(
      'SELECT command FROM maintenance.due_work WHERE provider_id = ANY ($1) AND due_at IS NOT NULL',
      [[mailbox, calendars]],
    );
    expect(due).toEqual([]);
    const { rows: parked } = await tenant.database.query(
      `SELECT processor, reason FROM gmail.parked_events UNION ALL SELECT processor, reason FROM calendar.parked_events
       UNION ALL SELECT processor, reason FROM gateway.parked_events UNION ALL SELECT processor, reason FROM maintenance.parked_events`,
    );
    expect(parked).toEqual([]);
  }, 180_000);

  it('begins anew when somebody connects again: mail from then on, of calendars what is different', async () => {
    await connectMailbox();
    await connectCalendars();
    await tenant.mail(support, 'after the reset');
    await tenant.until(async () => (await tenant.subjects()).includes('after the reset'), 'mail comes in');
    expect(await tenant.subjects()).toEqual(['before the reset', 'after the reset']);
    await tenant.until(async () => (await changes()).length === 2, 'what came meanwhile is told');
    expect(await changes()).toEqual(['calendar-event.created', 'calendar-event.created']);
    const ids = (await tenant.deliveries()).map(({ deliveryId }) => deliveryId);
    expect(new Set(ids).size).toBe(ids.length);
  }, 120_000);

  it('does not wait for Google where the permission is dead', async () => {
    await google().removeApp(support, 'acme-psa-2026');
    await google().clearRequests();
    await google().addFault({
      match: { pathPattern: '/stop$' },
      effect: { kind: 'delay', delayMs: 600_000 },
    });
    await tenant.mail(support, 'nobody may read it');
    await tenant.until(
      async () => (await tenant.status('email', mailbox)).status === 'error',
      'the end of the permission is known',
    );
    expect(await resetMailbox()).toMatchObject({ outcome: 'reset', watch: 'left' });
    expect((await google().requests()).filter(({ path }) => path.endsWith('/stop'))).toEqual([]);
    await tenant.embedded.caughtUp();
    expect(await tenant.status('email', mailbox)).toMatchObject({ status: 'disconnected' });
    await google().clearFaults();
  }, 120_000);

  it('of the whole tenant goes on after a restart, keeps the Google app, and says what is left at Google', async () => {
    await connectMailbox();
    const requested = await tenant.ask<Record<string, unknown>>('POST', '/api/google/reset', { reason });
    expect(requested).toMatchObject({ status: 'running', reason, requestedBy: 'admin' });
    await tenant.embedded.restart('maintenance');
    const state = () => tenant.ask<Record<string, unknown>>('GET', '/api/google/reset');
    await tenant.until(async () => (await state())['status'] === 'completed', 'all of it is reset');
    expect(await state()).toMatchObject({
      result: {
        mailboxes: 2,
        calendars: 1,
        leftAlone: [],
        // Its permission had died before anybody could stop them.
        leftAtGoogle: [{ providerId: calendars, what: 'channels' }],
      },
    });
    await tenant.embedded.caughtUp();
    for (const id of [mailbox, salesMailbox])
      expect(await tenant.status('email', id)).toMatchObject({ status: 'disconnected' });
    expect(await tenant.ask('GET', '/api/google/config')).toMatchObject({ gmail: { configured: true } });
    const told = (await tenant.history('email', salesMailbox)).map(({ type }) => type);
    expect(told).toEqual(expect.arrayContaining(['TenantResetRequested', 'Reset', 'TenantResetCompleted']));
  }, 120_000);
});
