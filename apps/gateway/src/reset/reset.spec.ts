import { GetTenantReset, ResetTenant, type TenantReset } from '#contracts/maintenance';
import { ResetCalendarProvider, ResetMailbox } from '#contracts/reset';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { minutes } from '#time/clock';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

let gateway: ComposedGateway;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => gateway.services.asked.splice(0));

const post = (path: string, json?: unknown) => gateway.fetch(path, { method: 'POST', json });
const tell = async (stream: string, type: string, data: Record<string, unknown>) => {
  gateway.clock.advance(1);
  await gateway.append(stream, type, data);
};
const status = async (path: string) => {
  await gateway.processors.caughtUp();
  return (await (await gateway.fetch(path)).json()) as Record<string, unknown>;
};
const permission = { account: 'help@acme.example', projectId: 'p', revoked: false };

describe('the routes of resets', () => {
  it('answer what was reset and what is left at Google', async () => {
    const resetAt = '2026-03-01T08:00:00.000Z';
    gateway.services.answer(ResetMailbox, ({ providerId }) =>
      accepted({ providerId, outcome: 'reset', resetAt, watch: 'left', parkedForgotten: 1, permission }),
    );
    const response = await post('/api/email/providers/p1/reset', { reason: ' spring ' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: 'p1',
      outcome: 'reset',
      resetAt,
      watch: 'left',
      parkedForgotten: 1,
      permission,
    });
    expect(gateway.services.asked).toMatchObject([{ data: { providerId: 'p1', reason: 'spring' } }]);
  });

  it('relay that there is no such calendar provider', async () => {
    gateway.services.answer(ResetCalendarProvider, ({ providerId }) =>
      refused(problem('calendar-provider.not-found', { providerId })),
    );
    const response = await post('/api/calendar/providers/c1/reset', { reason: 'spring' });
    expect(response.status).toBe(404);
  });

  it.each(['/api/email/providers/p1/reset', '/api/calendar/providers/c1/reset', '/api/google/reset'])(
    '%s wants a reason and the permission to change settings',
    async (path) => {
      for (const body of [{}, { reason: '  ' }, { reason: 'x'.repeat(501) }, { reason: 'x', force: true }]) {
        const response = await post(path, body);
        expect(response.status).toBe(400);
      }
      const token = await gateway.token({ permissions: ['system_settings:read'] });
      const headers = { authorization: `Bearer ${token}` };
      const response = await gateway.fetch(path, { method: 'POST', json: { reason: 'spring' }, headers });
      expect(response.status).toBe(403);
      expect(gateway.services.asked).toEqual([]);
    },
  );

  it('accept the reset of the tenant, and tell how far it is', async () => {
    const state: TenantReset = {
      status: 'running',
      reason: 'spring',
      requestedAt: '2026-03-01T08:00:00.000Z',
      requestedBy: 'u1',
      completedAt: null,
      result: null,
    };
    gateway.services.answer(ResetTenant, () => accepted(state));
    gateway.services.answer(GetTenantReset, () => accepted(state));
    const response = await post('/api/google/reset', { reason: 'spring' });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual(state);
    expect(await (await gateway.fetch('/api/google/reset')).json()).toEqual(state);
    expect(gateway.services.asked[0]).toMatchObject({
      data: { reason: 'spring' },
      origin: { tenantId: 't1' },
    });
  });
});

const failed = { problem: problem('authorization.wrong-account', { account: 'a', expectedAccount: 'b' }) };
const authorized = {
  account: 'help@acme.example',
  clientId: 'c',
  projectId: 'p',
  scopes: [],
  expiresAt: null,
};

describe('the status after a reset', () => {
  const started = { expectedAccount: 'x', clientId: 'c', scopes: [] };

  it('of a mailbox is disconnected, whatever its consents came to before', async () => {
    const [mailbox, grant, path] = ['mailbox-t1+r1', 'grant-t1+r1', '/api/email/providers/r1/status'];
    await tell(mailbox, 'MailboxAdded', {
      name: 'Help',
      address: 'help@acme.example',
      filter: { labels: [], include: [] },
      defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
    });
    await tell(mailbox, 'Paused', { reason: 'manual' });
    await tell(grant, 'AuthorizationFailed', { product: 'gmail', ...failed });
    await tell(grant, 'AuthorizationStarted', { product: 'gmail', ...started });
    await tell(mailbox, 'Reset', { reason: 'spring', watch: 'none', parkedForgotten: 0 });
    expect(await status(path)).toMatchObject({
      status: 'disconnected',
      problem: { code: 'authorization.missing' },
      notices: [],
      paused: false,
      tokenState: 'none',
    });
    await tell(grant, 'AuthorizationStarted', { product: 'gmail', ...started });
    expect(await status(path)).toMatchObject({ status: 'configuring', problem: null });
    await tell(grant, 'Authorized', { product: 'gmail', ...authorized });
    expect(await status(path)).toMatchObject({ tokenState: 'valid', account: 'help@acme.example' });
  });

  it('of a calendar provider is disconnected while its permission is still being given back', async () => {
    const [calendar, grant, path] = ['calendar-t1+r2', 'grant-t1+r2', '/api/calendar/providers/r2/status'];
    await tell(calendar, 'CalendarProviderAdded', {
      name: 'Tina',
      userId: 'tina',
      account: 'tina@acme.example',
      syncDirection: 'bidirectional',
    });
    await tell(grant, 'Authorized', { product: 'calendar', ...authorized });
    const team = { summary: 'Team', timeZone: 'Europe/Berlin', primary: false, accessRole: 'owner' };
    await tell(calendar, 'CalendarsChosen', { calendars: [{ calendarId: 'team', ...team }] });
    await tell(calendar, 'Reset', { reason: 'spring', channelsStopped: 1, channelsLeft: 0 });
    gateway.clock.advance(minutes(1));
    expect(await status(path)).toMatchObject({
      status: 'disconnected',
      tokenState: 'none',
      calendars: [{ calendarId: 'team', mode: 'undecided' }],
    });
  });
});
