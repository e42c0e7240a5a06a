import {
  AddMailbox,
  AlterMailbox,
  DisconnectMailbox,
  GetMailbox,
  ListParkedMessages,
  PauseMailbox,
  RemoveMailbox,
  RenewWatch,
  ResumeMailbox,
  RetryParkedMessage,
} from '#contracts/gmail';
import { activityPublisher } from '#deliveries/activity';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { days } from '#time/clock';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

let gateway: ComposedGateway;
beforeAll(async () => {
  gateway = await composeGateway();
});
afterAll(() => gateway?.close());
beforeEach(() => gateway.services.asked.splice(0));

const post = (path: string, json?: unknown) => gateway.fetch(path, { method: 'POST', json });
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;

const added = (address: string) => ({
  name: 'Helpdesk',
  address,
  filter: { labels: ['Tickets'], include: [] },
  defaults: { inboundTicketDefaultsId: 'd1', autoProcessEmails: true },
});

async function connect(tenant: string, provider: string, address: string): Promise<void> {
  const { clock, processors } = gateway;
  const append = async (stream: string, type: string, data: Record<string, unknown>) => {
    clock.advance(1);
    await gateway.append(stream, type, data);
  };
  await append(`mailbox-${tenant}+${provider}`, 'MailboxAdded', added(address));
  await append(`grant-${tenant}+${provider}`, 'Authorized', {
    product: 'gmail',
    account: address,
    clientId: 'c',
    projectId: 'p',
    scopes: [],
    expiresAt: null,
  });
  await append(`mailbox-${tenant}+${provider}`, 'WatchStarted', {
    topic: 't',
    historyId: '1',
    expiresAt: new Date(clock.now().getTime() + days(7)).toISOString(),
    labelIds: [],
  });
  await append(`mailbox-${tenant}+${provider}`, 'NotificationProven', {});
  await processors.caughtUp();
}

it('adds a mailbox under an id of its own', async () => {
  gateway.services.answer(AddMailbox, ({ providerId }) => accepted({ providerId }));
  const response = await post('/api/email/providers', {
    name: 'Helpdesk',
    mailbox: 'help@acme.example',
    labels: ['Tickets'],
    inboundTicketDefaultsId: 'd1',
  });
  expect(response.status).toBe(201);
  const { id } = await json(response);
  expect(gateway.services.asked[0]).toMatchObject({
    type: 'AddMailbox',
    data: { providerId: id, ...added('help@acme.example') },
  });
});

it('changes what is named and keeps the rest', async () => {
  gateway.services.answer(GetMailbox, ({ providerId }) =>
    accepted({ providerId, paused: false, ...added('help@acme.example') }),
  );
  gateway.services.answer(AlterMailbox, ({ providerId }) => accepted({ providerId }));
  const patch = (body: unknown) => gateway.fetch('/api/email/providers/p1', { method: 'PATCH', json: body });
  await patch({ include: ['sent'] });
  await patch({ inboundTicketDefaultsId: null });
  const altered = gateway.services.asked.filter(({ type }) => type === 'AlterMailbox');
  expect(altered.map(({ data }) => data)).toEqual([
    { providerId: 'p1', filter: { labels: ['Tickets'], include: ['sent'] } },
    { providerId: 'p1', defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true } },
  ]);
});

it('passes on what is to be done with a mailbox', async () => {
  const acknowledge = ({ providerId }: { providerId: string }) => accepted({ providerId });
  for (const contract of [PauseMailbox, ResumeMailbox, DisconnectMailbox, RemoveMailbox])
    gateway.services.answer(contract as typeof ResumeMailbox, acknowledge);
  gateway.services.answer(RetryParkedMessage, () => accepted({ delivered: true }));
  gateway.services.answer(ListParkedMessages, () => accepted({ parked: [] }));
  expect((await post('/api/email/providers/p1/pause', {})).status).toBe(200);
  expect((await post('/api/email/providers/p1/resume')).status).toBe(200);
  expect((await post('/api/email/providers/p1/disconnect')).status).toBe(200);
  expect((await gateway.fetch('/api/email/providers/p1', { method: 'DELETE' })).status).toBe(200);
  expect(await json(await gateway.fetch('/api/email/providers/p1/parked-messages'))).toEqual({ parked: [] });
  expect(await json(await post('/api/email/providers/p1/parked-messages/18c/retry'))).toEqual({
    delivered: true,
  });
  expect(gateway.services.asked.map(({ type, data }) => [type, data])).toEqual([
    ['PauseMailbox', { providerId: 'p1', reason: 'manual' }],
    ['ResumeMailbox', { providerId: 'p1' }],
    ['DisconnectMailbox', { providerId: 'p1', reason: 'disconnected by u1' }],
    ['RemoveMailbox', { providerId: 'p1', reason: 'removed by u1' }],
    ['ListParkedMessages', { providerId: 'p1' }],
    ['RetryParkedMessage', { providerId: 'p1', gmailId: '18c' }],
  ]);
});

describe('renewing a watch by hand', () => {
  const refresh = (body: unknown = { providerId: 'p1' }) => post('/api/email/refresh-watch', body);

  it('answers until when Gmail notifies', async () => {
    const expiresAt = '2026-11-30T12:00:00.000Z';
    gateway.services.answer(RenewWatch, () => accepted({ watching: true, expiresAt, problem: null }));
    expect(await json(await refresh())).toEqual({ success: true, watching: true, expiresAt });
  });

  it('says why a renewal failed, also while the watch of before lives on', async () => {
    const expiresAt = '2026-11-30T12:00:00.000Z';
    gateway.services.answer(RenewWatch, () =>
      accepted({ watching: true, expiresAt, problem: problem('gmail.publisher-grant-missing') }),
    );
    const response = await refresh();
    expect(response.status).toBe(409);
    expect(await json(response)).toMatchObject({ code: 'gmail.publisher-grant-missing' });
  });

  it('has the host’s answers for what is wrong', async () => {
    expect((await refresh({})).status).toBe(400);
    expect((await fetch(`${gateway.url}/api/email/refresh-watch`, { method: 'POST' })).status).toBe(401);
    gateway.services.answer(RenewWatch, () => refused(problem('mailbox.not-found', { providerId: 'p1' })));
    expect((await refresh()).status).toBe(404);
    gateway.services.answer(RenewWatch, () => refused(problem('mailbox.not-connected')));
    expect((await refresh()).status).toBe(409);
    gateway.services.answer(RenewWatch, () =>
      accepted({ watching: false, expiresAt: null, problem: problem('gmail.api-disabled') }),
    );
    const response = await refresh();
    expect([response.status, (await json(response))['code']]).toEqual([409, 'gmail.api-disabled']);
  });
});

describe('a connected mailbox', () => {
  beforeAll(async () => {
    await connect('t1', 'p1', 'help@acme.example');
    await connect('t2', 'p1', 'other@neighbour.example');
  });

  it('is shown to its tenant with settings and status, also under the host’s names', async () => {
    const provider = await json(await gateway.fetch('/api/email/providers/p1'));
    expect(provider).toMatchObject({
      id: 'p1',
      provider: 'google',
      name: 'Helpdesk',
      mailbox: 'help@acme.example',
      labels: ['Tickets'],
      inboundTicketDefaultsId: 'd1',
      status: 'connected',
      problem: null,
      error_message: null,
    });
    expect(provider['watch_expiration']).toBe(provider['watchExpiresAt']);
  });

  it('is not shown to another tenant', async () => {
    const { providers } = await json(await gateway.fetch('/api/email/providers', { tenant: 't2' }));
    expect((providers as { mailbox: string }[]).map(({ mailbox }) => mailbox)).toEqual([
      'other@neighbour.example',
    ]);
    for (const path of ['', '/status', '/history'])
      expect((await gateway.fetch(`/api/email/providers/p1${path}`, { tenant: 't3' })).status).toBe(404);
  });

  it('shows when it last heard of Google, newest report only, and messages that are parked', async () => {
    const report = activityPublisher(gateway.nats);
    const about = { tenantId: 't1', providerId: 'p1', lastMessageAt: null, delivered: 3 };
    const at = '2026-11-23T10:00:00.000Z';
    await report({ ...about, lastPushAt: null, lastSyncAt: null, parked: 0 });
    await report({ ...about, lastPushAt: at, lastSyncAt: at, parked: 2 });
    const status = await eventually(
      async () => json(await gateway.fetch('/api/email/providers/p1/status')),
      ({ lastPushAt }) => lastPushAt !== null,
    );
    expect(status).toMatchObject({
      providerId: 'p1',
      status: 'connected',
      lastPushAt: at,
      lastSyncAt: at,
      last_push_received_at: at,
      notices: [{ code: 'mailbox.messages-parked' }],
    });
  });

  it('tells its history in plain words: who, when and why', async () => {
    await gateway.append('googleApp-t1', 'ConfigCleared', {});
    const { history, total, earlier } = await json(await gateway.fetch('/api/email/providers/p1/history'));
    expect((history as { sentence: string }[]).map(({ sentence }) => sentence)).toEqual([
      'The mailbox help@acme.example was added as "Helpdesk".',
      'help@acme.example gave the permission.',
      expect.stringMatching(/^Gmail notifies about the mailbox until/),
      'The first notification arrived: the whole way from Gmail to here works.',
      'The Google app was removed.',
    ]);
    expect([total, earlier]).toEqual([5, null]);
    expect((history as object[])[0]).toMatchObject({ by: 'u1', about: 'mailbox', type: 'MailboxAdded' });
  });

  it('tells its history in pages, the latest first', async () => {
    const page = async (query: string) => {
      const found = await json(await gateway.fetch(`/api/email/providers/p1/history?${query}`));
      return [(found['history'] as { type: string }[]).map(({ type }) => type), found['earlier']];
    };
    expect(await page('limit=2')).toEqual([['NotificationProven', 'ConfigCleared'], 3]);
    expect(await page('limit=2&before=3')).toEqual([['Authorized', 'WatchStarted'], 1]);
    expect(await page('limit=2&before=1')).toEqual([['MailboxAdded'], null]);
  });

  it('is an error as soon as its tenant’s app is gone or its watch has ended, without any further event', async () => {
    await gateway.processors.caughtUp();
    expect(await json(await gateway.fetch('/api/email/providers/p1'))).toMatchObject({
      status: 'error',
      problem: { code: 'google-app.incomplete' },
    });
    gateway.clock.advance(days(7));
    expect(await json(await gateway.fetch('/api/email/providers/p1', { tenant: 't2' }))).toMatchObject({
      status: 'error',
      problem: { code: 'mailbox.watch-expired' },
    });
  });

  it('that is removed is gone, and keeps its history', async () => {
    await gateway.append('mailbox-t2+p1', 'Removed', { reason: 'x' });
    await gateway.processors.caughtUp();
    expect((await gateway.fetch('/api/email/providers/p1', { tenant: 't2' })).status).toBe(404);
    expect(await json(await gateway.fetch('/api/email/providers', { tenant: 't2' }))).toEqual({
      providers: [],
    });
    expect((await gateway.fetch('/api/email/providers/p1/history', { tenant: 't2' })).status).toBe(200);
  });
});

it('shows to a tenant its own events that could not be taken in, and tries them again', async () => {
  const stream = 'mailbox-t5+p5';
  await gateway.append(stream, 'MailboxPainted', { colour: 'red' });
  await gateway.processors.caughtUp();
  const parked = async (tenant: string) =>
    (await json(await gateway.fetch('/api/processing/parked', { tenant })))['parked'] as { id: string }[];
  const [found] = await parked('t5');
  expect(found).toMatchObject({ processor: 'gateway.statuses', stream, type: 'MailboxPainted' });
  expect((await parked('t1')).length).toBe(0);
  const retry = (tenant: string) =>
    gateway.fetch(`/api/processing/parked/${found!.id}/retry`, { tenant, method: 'POST' });
  expect((await retry('t1')).status).toBe(404);
  expect((await retry('t5')).status).toBe(202);
});

async function eventually<Value>(
  look: () => Promise<Value>,
  enough: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await look();
    if (enough(value)) return value;
  }
}
