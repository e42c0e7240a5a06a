import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';
import { days } from '#time/clock';

const SUPPORT = 'support@tenant.example';

describe('the history of a simulated mailbox', () => {
  let google: Simulator;
  let tenant: TenantClients;
  let start: string;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users: [{ email: SUPPORT }] });
    start = (await google.client.gmail.mailbox(SUPPORT)).historyId;
  });
  afterEach(() => google.close());

  const list = async (query: object = {}) =>
    (await tenant.gmailOf(SUPPORT).users.history.list({ userId: 'me', startHistoryId: start, ...query }))
      .data;
  const deliver = (subject: string) => google.client.gmail.deliver(SUPPORT, { subject });

  it('has no history key at all when nothing changed', async () => {
    expect(await list()).toEqual({ historyId: start });
  });

  it('tells each change in its typed array, ids rising and not contiguous', async () => {
    const message = await deliver('one');
    await google.client.gmail.changeLabels(SUPPORT, message.id, { add: ['STARRED'] });
    await google.client.gmail.changeLabels(SUPPORT, message.id, { remove: ['UNREAD'] });
    await google.client.gmail.deleteForever(SUPPORT, message.id);
    const { history = [], historyId } = await list();
    const { id, threadId } = message;
    expect(history.map(({ id: _, ...change }) => change)).toEqual([
      {
        messages: [{ id, threadId }],
        messagesAdded: [{ message: { id, threadId, labelIds: ['INBOX', 'UNREAD'] } }],
      },
      {
        messages: [{ id, threadId }],
        labelsAdded: [
          { message: { id, threadId, labelIds: ['INBOX', 'UNREAD', 'STARRED'] }, labelIds: ['STARRED'] },
        ],
      },
      {
        messages: [{ id, threadId }],
        labelsRemoved: [{ message: { id, threadId, labelIds: ['INBOX', 'STARRED'] }, labelIds: ['UNREAD'] }],
      },
      {
        messages: [{ id, threadId }],
        messagesDeleted: [{ message: { id, threadId, labelIds: ['INBOX', 'STARRED'] } }],
      },
    ]);
    const ids = history.map((record) => Number(record.id));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(Math.max(...ids) - Math.min(...ids)).toBeGreaterThan(ids.length - 1);
    expect(historyId).toBe(history.at(-1)?.id);
  });

  it('shows a move to the trash as labels, not as a deletion', async () => {
    const message = await deliver('one');
    await google.client.gmail.move(SUPPORT, message.id, 'TRASH');
    const { history = [] } = await list();
    expect(
      history.flatMap(({ labelsAdded }) => labelsAdded?.flatMap(({ labelIds }) => labelIds) ?? []),
    ).toEqual(['TRASH']);
    expect(history.some(({ messagesDeleted }) => messagesDeleted !== undefined)).toBe(false);
  });

  it('is narrowed to the wanted types and label', async () => {
    const message = await deliver('one');
    await google.client.gmail.changeLabels(SUPPORT, message.id, { add: ['STARRED'] });
    await google.client.gmail.deliver(SUPPORT, { subject: 'sent' }, ['SENT']);
    const added = await list({ historyTypes: ['messageAdded'] });
    const starred = await list({ historyTypes: ['messageAdded', 'labelAdded'], labelId: 'STARRED' });
    const inInbox = await list({ historyTypes: ['messageAdded'], labelId: 'INBOX' });
    expect([added, starred, inInbox].map(({ history }) => history?.length)).toEqual([2, 1, 1]);
  });

  it('comes in pages that together hold every change once', async () => {
    const delivered: string[] = [];
    for (let n = 0; n < 5; n += 1) delivered.push((await deliver(`${n}`)).id);
    const seen: (string | null | undefined)[] = [];
    let pageToken: string | undefined;
    do {
      const page = await list({ maxResults: 2, ...(pageToken && { pageToken }) });
      seen.push(...(page.history ?? []).flatMap(({ messages }) => messages?.map(({ id }) => id) ?? []));
      pageToken = page.nextPageToken ?? undefined;
    } while (pageToken);
    expect(seen).toEqual(delivered);
  });

  it('refuses a start id that has aged with 404, and takes a present one', async () => {
    await deliver('old');
    await google.client.advance(days(8));
    const recent = await deliver('new');
    expect(await refusalOf(list())).toEqual({
      code: 404,
      reason: 'notFound',
      message: 'Requested entity was not found.',
    });
    expect(await list({ startHistoryId: recent.historyId })).toEqual({ historyId: recent.historyId });
  });

  it('can be expired on demand', async () => {
    const last = await deliver('one');
    await google.client.gmail.expireHistory(SUPPORT);
    expect(await refusalOf(list())).toMatchObject({ code: 404 });
    expect(await list({ startHistoryId: last.historyId })).toEqual({ historyId: last.historyId });
  });

  it('refuses a start id that it never gave out, a malformed one, and none', async () => {
    expect(await refusalOf(list({ startHistoryId: '99999999' }))).toMatchObject({ code: 404 });
    expect(await refusalOf(list({ startHistoryId: 'abc' }))).toMatchObject({
      code: 400,
      reason: 'invalidArgument',
    });
    expect(await refusalOf(tenant.gmailOf(SUPPORT).users.history.list({ userId: 'me' }))).toMatchObject({
      code: 400,
    });
  });
});
