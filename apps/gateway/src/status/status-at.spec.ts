import { days, hours, minutes } from '#time/clock';
import { problem } from '#problems/problem';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

const authorized = {
  account: 'help@acme.example',
  clientId: 'c',
  projectId: 'acme-psa',
  scopes: [],
  expiresAt: null,
};

describe('the status at a past moment', () => {
  let gateway: ComposedGateway;
  const begun = Date.now() - days(20);
  const at = (ms: number): Date => new Date(begun + ms);
  const asked = async (path: string, init?: Parameters<ComposedGateway['fetch']>[1]) => {
    const response = await gateway.fetch(path, init);
    return { code: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const mailboxAt = async (when: Date) =>
    (await asked(`/api/email/providers/p1/status?at=${when.toISOString()}`)).body;

  beforeAll(async () => {
    gateway = await composeGateway();
    const { append } = gateway;
    const watched = { topic: 't', historyId: '1', labelIds: [] };
    await append(
      'mailbox-t1+p1',
      'MailboxAdded',
      {
        name: 'Helpdesk',
        address: 'help@acme.example',
        filter: { labels: [], include: [] },
        defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
      },
      at(0),
    );
    await append('grant-t1+p1', 'Authorized', { product: 'gmail', ...authorized }, at(hours(1)));
    const expiresAt = at(days(7)).toISOString();
    await append('mailbox-t1+p1', 'WatchStarted', { ...watched, expiresAt }, at(hours(2)));
    await append('mailbox-t1+p1', 'NotificationProven', {}, at(hours(2) + minutes(1)));
    const lost = { problem: problem('authorization.revoked'), product: 'gmail' };
    await append('grant-t1+p1', 'AuthorizationLost', { ...lost, account: 'a' }, at(days(9)));
    await append('mailbox-t1+p1', 'Removed', { reason: 'removed by u1' }, at(days(10)));
    await append(
      'calendar-t1+c1',
      'CalendarProviderAdded',
      { name: 'Tina', userId: 'tina', account: 'tina@acme.example', syncDirection: 'bidirectional' },
      at(0),
    );
    await append('grant-t1+c1', 'Authorized', { product: 'calendar', ...authorized }, at(hours(1)));
    await append(
      'calendar-t1+c2',
      'CalendarProviderAdded',
      { name: 'Tina', userId: 'tina', account: 'tina@acme.example', syncDirection: 'bidirectional' },
      at(0),
    );
    await append('grant-t1+c2', 'Authorized', { product: 'calendar', ...authorized }, at(hours(1)));
    const kept = { summary: 'Tina', timeZone: 'UTC', primary: true, accessRole: 'owner' };
    const calendars = [{ calendarId: 'tina', ...kept }];
    await append('calendar-t1+c2', 'CalendarsChosen', { calendars }, at(hours(2)));
    const channel = { calendarId: 'tina', channelId: 'ch', resourceId: 'r', replaces: null };
    const ends = { expiresAt, renewAt: at(days(3)).toISOString() };
    await append('calendar-t1+c2', 'ChannelOpened', { ...channel, ...ends }, at(hours(2)));
    const proof = { calendarId: 'tina', renewAt: null };
    await append('calendar-t1+c2', 'NotificationProven', proof, at(hours(2) + minutes(1)));
    await gateway.processors.caughtUp();
  });
  afterAll(() => gateway.close());

  it('follows from the events up to then, by the rules of the present', async () => {
    expect(await mailboxAt(at(minutes(30)))).toMatchObject({ status: 'disconnected', tokenState: 'none' });
    expect(await mailboxAt(at(hours(1) + minutes(5)))).toMatchObject({ status: 'configuring' });
    expect(await mailboxAt(at(days(8)))).toMatchObject({
      status: 'error',
      problem: { code: 'mailbox.watch-expired' },
    });
    expect(await mailboxAt(at(days(9) + hours(1)))).toMatchObject({
      status: 'error',
      problem: { code: 'authorization.revoked' },
    });
  });

  it('makes no problem of what no event tells', async () => {
    expect(await mailboxAt(at(days(4)))).toMatchObject({
      status: 'connected',
      problem: null,
      notices: [],
      lastPushAt: null,
      lastSyncAt: null,
      asOf: at(days(4)).toISOString(),
      activityKnown: false,
    });
  });

  it('makes no problem of it for calendars either', async () => {
    const { body } = await asked(`/api/calendar/providers/c2/status?at=${at(days(4)).toISOString()}`);
    expect(body).toMatchObject({ status: 'connected', problem: null, activityKnown: false });
  });

  it('is there for a mailbox that was removed since, as long as it was there', async () => {
    expect((await asked('/api/email/providers/p1/status')).code).toBe(404);
    const removed = await asked(`/api/email/providers/p1/status?at=${at(days(11)).toISOString()}`);
    expect(removed.code).toBe(404);
  });

  it.each([
    ['yesterday', 'at: has to be an instant'],
    [new Date(Date.now() + days(1)).toISOString(), 'at: lies in the future'],
    [new Date(begun - days(1)).toISOString(), 'at: is before this provider was added'],
  ])('refuses %s and says why', async (when, sentence) => {
    for (const path of ['/api/email/providers/p1', '/api/calendar/providers/c1']) {
      const { code, body } = await asked(`${path}/status?at=${when}`);
      expect(code).toBe(400);
      expect(JSON.stringify(body)).toContain(sentence);
    }
  });

  it('is shown of calendars to whom their present status is shown', async () => {
    const path = `/api/calendar/providers/c1/status?at=${at(minutes(30)).toISOString()}`;
    const as = async (user: string) => ({
      headers: { authorization: `Bearer ${await gateway.token({ user, permissions: [] })}` },
    });
    expect(await asked(path, await as('tina'))).toMatchObject({
      code: 200,
      body: { status: 'disconnected', activityKnown: false, calendars: [] },
    });
    expect((await asked(path, await as('ted'))).code).toBe(404);
    expect((await asked(path, { tenant: 't2' })).code).toBe(404);
    const now = await asked('/api/calendar/providers/c1/status', await as('tina'));
    expect(now.body).toMatchObject({ status: 'configuring', activityKnown: true });
  });
});
