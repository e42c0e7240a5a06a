import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';
import { minutes } from '#time/clock';

const SUPPORT = 'support@tenant.example';

const invoice = Buffer.from(
  [
    'From: Ann <ann@example.com>',
    'To: support@tenant.example',
    'Subject: Invoice',
    'Message-ID: <invoice-1@example.com>',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'See attachment.',
    '--b',
    'Content-Type: application/pdf; name=invoice.pdf',
    'Content-Disposition: attachment; filename=invoice.pdf',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('%PDF-1.7 invoice').toString('base64'),
    '--b--',
    '',
  ].join('\r\n'),
);

describe('messages of a simulated mailbox', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users: [{ email: SUPPORT }] });
  });
  afterEach(() => google.close());

  const deliver = (subject: string) => google.client.gmail.deliver(SUPPORT, { subject });
  const get = async (id: string, format: string, more: object = {}) =>
    (await tenant.gmailOf(SUPPORT).users.messages.get({ userId: 'me', id, format, ...more })).data;

  it('are what was delivered, byte for byte, in the raw format', async () => {
    const { id } = await google.client.gmail.deliver(SUPPORT, invoice);
    const { raw, payload } = await get(id, 'raw');
    expect(Buffer.from(raw ?? '', 'base64url').equals(invoice)).toBe(true);
    expect(payload).toBeUndefined();
  });

  it('carry labels, thread, history id, size and the time of arrival as strings', async () => {
    const { id, threadId, historyId } = await google.client.gmail.deliver(SUPPORT, invoice);
    const message = await get(id, 'minimal');
    expect(message).toEqual({
      id,
      threadId,
      historyId,
      labelIds: ['INBOX', 'UNREAD'],
      snippet: 'See attachment.',
      sizeEstimate: invoice.length,
      internalDate: expect.stringMatching(/^\d{13}$/),
    });
  });

  it('show their part tree in the full format, with text inline and attachments to be fetched', async () => {
    const { id } = await google.client.gmail.deliver(SUPPORT, invoice);
    const { payload } = await get(id, 'full');
    const [text, attachment] = payload?.parts ?? [];
    expect(Buffer.from(text?.body?.data ?? '', 'base64url').toString()).toBe('See attachment.');
    expect(attachment).toMatchObject({ partId: '1', filename: 'invoice.pdf', body: { size: 16 } });
    expect(attachment?.body).not.toHaveProperty('data');

    const fetched = await tenant.gmailOf(SUPPORT).users.messages.attachments.get({
      userId: 'me',
      messageId: id,
      id: attachment?.body?.attachmentId ?? '',
    });
    expect(Buffer.from(fetched.data.data ?? '', 'base64url').toString()).toBe('%PDF-1.7 invoice');
    expect(fetched.data.size).toBe(16);
  });

  it('give another attachment id each time, and the content behind either', async () => {
    const { id } = await google.client.gmail.deliver(SUPPORT, invoice);
    const ids = [await get(id, 'full'), await get(id, 'full')].map(
      ({ payload }) => payload?.parts?.[1]?.body?.attachmentId ?? '',
    );
    expect(ids[0]).not.toBe(ids[1]);
    const sizes = await Promise.all(
      ids.map((attachment) =>
        tenant
          .gmailOf(SUPPORT)
          .users.messages.attachments.get({ userId: 'me', messageId: id, id: attachment }),
      ),
    );
    expect(sizes.map(({ data }) => data.size)).toEqual([16, 16]);
  });

  it('show only the wanted headers in the metadata format', async () => {
    const { id } = await google.client.gmail.deliver(SUPPORT, invoice);
    const { payload } = await get(id, 'metadata', { metadataHeaders: ['message-id', 'Subject'] });
    expect(payload?.headers).toEqual([
      { name: 'Subject', value: 'Invoice' },
      { name: 'Message-ID', value: '<invoice-1@example.com>' },
    ]);
    expect(payload).not.toHaveProperty('body');
  });

  it('that are gone or never were answer 404, and malformed ids 400', async () => {
    const { id } = await deliver('short-lived');
    await google.client.gmail.deleteForever(SUPPORT, id);
    expect(await refusalOf(get(id, 'minimal'))).toEqual({
      code: 404,
      reason: 'notFound',
      message: 'Requested entity was not found.',
    });
    expect(await refusalOf(get('nonsense', 'minimal'))).toMatchObject({
      code: 400,
      message: 'Invalid id value',
    });
  });

  it('are listed newest first, page by page', async () => {
    const ids = [await deliver('1'), await deliver('2'), await deliver('3')].map(({ id }) => id);
    const first = await tenant.gmailOf(SUPPORT).users.messages.list({ userId: 'me', maxResults: 2 });
    await deliver('arrives between the pages');
    const second = await tenant.gmailOf(SUPPORT).users.messages.list({
      userId: 'me',
      maxResults: 2,
      pageToken: first.data.nextPageToken ?? '',
    });
    expect(first.data.messages?.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(second.data.messages?.map(({ id }) => id)).toEqual([ids[0]]);
    expect(second.data.nextPageToken).toBeUndefined();
  });

  it('are found by arrival time and by label', async () => {
    const early = await deliver('early');
    await google.client.advance(minutes(10));
    const boundary = Math.floor((await google.client.now()).getTime() / 1_000);
    await google.client.advance(minutes(10));
    const late = await deliver('late');
    const search = async (query: object) => {
      const { data } = await tenant.gmailOf(SUPPORT).users.messages.list({ userId: 'me', ...query });
      return data.messages?.map(({ id }) => id);
    };
    expect(await search({ q: `after:${boundary}` })).toEqual([late.id]);
    expect(await search({ q: `before:${boundary}` })).toEqual([early.id]);
    expect(await search({ q: 'newer_than:1h' })).toEqual([late.id, early.id]);
    const label = await google.client.gmail.createLabel(SUPPORT, 'Tickets');
    await google.client.gmail.changeLabels(SUPPORT, early.id, { add: [label.id] });
    expect(await search({ labelIds: [label.id] })).toEqual([early.id]);
    expect(await search({ q: 'label:Tickets in:inbox' })).toEqual([early.id]);
    expect(await search({ q: 'label:none' })).toBeUndefined();
  });

  it('in Spam and Trash are listed only when asked for', async () => {
    const spam = await google.client.gmail.deliver(SUPPORT, { subject: 'win' }, ['SPAM', 'UNREAD']);
    const trashed = await deliver('old');
    await google.client.gmail.move(SUPPORT, trashed.id, 'TRASH');
    const list = async (query: object) =>
      (await tenant.gmailOf(SUPPORT).users.messages.list({ userId: 'me', ...query })).data.messages?.map(
        ({ id }) => id,
      );
    expect(await list({})).toBeUndefined();
    expect(await list({ includeSpamTrash: true })).toEqual([trashed.id, spam.id]);
    expect(await list({ labelIds: ['SPAM'] })).toEqual([spam.id]);
    expect(await list({ q: 'in:trash' })).toEqual([trashed.id]);
  });

  it('that reply to one another share a thread', async () => {
    const question = await google.client.gmail.deliver(SUPPORT, invoice);
    const answer = await google.client.gmail.deliver(SUPPORT, { inReplyTo: '<invoice-1@example.com>' });
    const other = await deliver('unrelated');
    expect(answer.threadId).toBe(question.threadId);
    expect(other.threadId).not.toBe(question.threadId);
  });

  it('can be marked as read by who may modify', async () => {
    const { id } = await deliver('unread');
    const modify = (scopes: string[]) =>
      tenant
        .gmailOf(SUPPORT, scopes)
        .users.messages.modify({ userId: 'me', id, requestBody: { removeLabelIds: ['UNREAD'] } });
    expect(await refusalOf(modify(['gmail.readonly']))).toMatchObject({
      code: 403,
      reason: 'insufficientPermissions',
    });
    expect((await modify(['gmail.modify'])).data.labelIds).toEqual(['INBOX']);
  });

  it('are counted in the profile, and all arrivals are remembered with their Message-ID', async () => {
    const kept = await google.client.gmail.deliver(SUPPORT, invoice);
    const deleted = await deliver('deleted');
    await google.client.gmail.deleteForever(SUPPORT, deleted.id);
    const { data } = await tenant.gmailOf(SUPPORT).users.getProfile({ userId: SUPPORT });
    expect(data).toMatchObject({ emailAddress: SUPPORT, messagesTotal: 1, threadsTotal: 1 });
    expect((await google.client.gmail.arrivals(SUPPORT)).map(({ id }) => id)).toEqual([kept.id, deleted.id]);
    expect((await google.client.gmail.arrivals(SUPPORT))[0]?.rfc822MessageId).toBe('<invoice-1@example.com>');
  });

  it('of 35 MB are taken and given back', async () => {
    const head = Buffer.from('Subject: big\r\n\r\n');
    const big = Buffer.concat([head, Buffer.alloc(35 * 1024 * 1024 - head.length, 'x')]);
    const { id } = await google.client.gmail.deliver(SUPPORT, big);
    const { raw, sizeEstimate } = await get(id, 'raw');
    expect(sizeEstimate).toBe(big.length);
    expect(Buffer.from(raw ?? '', 'base64url').equals(big)).toBe(true);
  });

  it('have labels that are listed with ids and names', async () => {
    await google.client.gmail.createLabel(SUPPORT, 'Tickets');
    const { data } = await tenant.gmailOf(SUPPORT).users.labels.list({ userId: 'me' });
    expect(data.labels).toContainEqual({ id: 'INBOX', name: 'INBOX', type: 'system' });
    expect(data.labels).toContainEqual({ id: 'Label_1', name: 'Tickets', type: 'user' });
    const one = await tenant.gmailOf(SUPPORT).users.labels.get({ userId: 'me', id: 'Label_1' });
    expect(one.data).toMatchObject({ name: 'Tickets', messagesTotal: 0 });
  });
});
