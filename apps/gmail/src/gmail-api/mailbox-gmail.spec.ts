import { hours } from '#time/clock';
import { GmailWorld, SUPPORT } from '../fixtures/gmail-world.js';
import { gmailFor } from './mailbox-gmail.js';

describe('Gmail, asked about one mailbox', () => {
  let world: GmailWorld;
  beforeAll(async () => {
    world = await GmailWorld.open();
  });
  beforeEach(async () => {
    await world.google.client.clearFaults();
    world.asked.length = 0;
  });
  afterAll(() => world.close());

  const gmail = (signal?: AbortSignal) =>
    gmailFor(world.means, { tenantId: 't1', providerId: 'p1' }, world.origin(), signal ? { signal } : {});

  it('says whose it is and where it stands', async () => {
    const { historyId } = await world.google.client.gmail.mailbox(SUPPORT);
    expect(await gmail().profile()).toEqual({ ok: true, value: { address: SUPPORT, historyId } });
  });

  it('lists what was added, page by page, and gives it raw', async () => {
    const start = (await world.google.client.gmail.mailbox(SUPPORT)).historyId;
    const raw = Buffer.from(
      'Subject: =?utf-8?q?caf=C3=A9?=\r\nFrom: a@b.example\r\n\r\nHello \xff\r\n',
      'latin1',
    );
    const first = await world.google.client.gmail.deliver(SUPPORT, raw, ['INBOX']);
    const second = await world.google.client.gmail.deliver(SUPPORT, { subject: 'two' });
    const request = { startHistoryId: start, historyTypes: ['messageAdded' as const], maxResults: 1 };
    const page = await gmail().history(request);
    expect(page).toMatchObject({
      ok: true,
      value: { records: [{ messagesAdded: [{ id: first.id, labelIds: ['INBOX'] }] }] },
    });
    const pageToken = page.ok ? (page.value.nextPageToken ?? '') : '';
    expect(await gmail().history({ ...request, pageToken })).toMatchObject({
      value: {
        records: [{ messagesAdded: [{ id: second.id }] }],
        nextPageToken: null,
        historyId: second.historyId,
      },
    });
    const got = await gmail().rawMessage(first.id);
    expect(got).toMatchObject({
      ok: true,
      value: { id: first.id, threadId: first.threadId, labelIds: ['INBOX'] },
    });
    expect(got.ok && got.value.raw.equals(raw)).toBe(true);
    expect(await gmail().list({ maxResults: 1 })).toMatchObject({ ok: true, value: { ids: [second.id] } });
  });

  it('has an empty page when nothing changed', async () => {
    const { historyId } = await world.google.client.gmail.mailbox(SUPPORT);
    expect(
      await gmail().history({ startHistoryId: historyId, historyTypes: ['messageAdded', 'labelAdded'] }),
    ).toEqual({
      ok: true,
      value: { records: [], nextPageToken: null, historyId },
    });
  });

  it('tells which labels were added to which message later', async () => {
    const label = await world.google.client.gmail.createLabel(SUPPORT, 'Later');
    const { id, historyId } = await world.google.client.gmail.deliver(SUPPORT, { subject: 'plain' });
    await world.google.client.gmail.changeLabels(SUPPORT, id, { add: [label.id] });
    const page = await gmail().history({ startHistoryId: historyId, historyTypes: ['labelAdded'] });
    expect(page).toMatchObject({
      value: { records: [{ labelsAdded: [{ message: { id }, labelIds: [label.id] }] }] },
    });
  });

  it('knows nothing of what is gone, or older than it remembers', async () => {
    expect(await gmail().rawMessage('ffff')).toEqual({ ok: false, problem: { code: 'gmail.not-found' } });
    const { historyId } = await world.google.client.gmail.mailbox(SUPPORT);
    await world.google.client.gmail.deliver(SUPPORT, { subject: 'newer' });
    await world.google.client.gmail.expireHistory(SUPPORT);
    expect(await gmail().history({ startHistoryId: historyId, historyTypes: ['messageAdded'] })).toEqual({
      ok: false,
      problem: { code: 'gmail.not-found' },
    });
  });

  it('says how long to wait', async () => {
    await world.google.client.addFault({
      match: { pathPattern: '/labels$' },
      effect: {
        kind: 'error',
        code: 403,
        reason: 'userRateLimitExceeded',
        domain: 'usageLimits',
        retryAfter: '7',
      },
    });
    expect(await gmail().labels()).toEqual({
      ok: false,
      problem: { code: 'gmail.rate-limited' },
      retryAfterMs: 7_000,
    });
  });

  it('is asked once only, whatever goes wrong', async () => {
    await world.google.client.addFault({
      match: { pathPattern: '/profile$' },
      effect: { kind: 'error', code: 503, reason: 'backendError', message: 'Backend Error' },
    });
    await world.google.client.clearRequests();
    expect(await gmail().profile()).toMatchObject({ ok: false, problem: { code: 'gmail.unavailable' } });
    expect(await world.google.client.requests()).toHaveLength(1);
  });

  it('is asked with one token until it ends, and with another one then', async () => {
    const one = gmail();
    await one.labels();
    await one.profile();
    expect(world.asked.filter(({ type }) => type === 'GetAccessToken')).toHaveLength(1);
    await world.advance(hours(1));
    expect(await one.profile()).toMatchObject({ ok: true });
    expect(world.asked.filter(({ type }) => type === 'GetAccessToken')).toHaveLength(2);
  });

  it('is left alone as soon as the work is called off', async () => {
    expect(await gmail(AbortSignal.abort()).profile()).toMatchObject({
      ok: false,
      problem: { code: 'gmail.unavailable' },
    });
  });
});
