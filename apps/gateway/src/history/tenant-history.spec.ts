import { randomUUID } from 'node:crypto';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';
import type { CauseChain } from './causes.js';
import type { TenantHappening } from './tenant-history.js';

const authorized = {
  product: 'gmail',
  account: 'help@acme.example',
  clientId: 'c',
  projectId: 'acme-psa',
  scopes: [],
  expiresAt: null,
};
const watched = (day: number) => ({
  topic: 't',
  historyId: '1',
  expiresAt: `2026-12-${String(day).padStart(2, '0')}T08:00:00.000Z`,
  labelIds: [],
});
const mailbox = {
  name: 'Helpdesk',
  address: 'help@acme.example',
  filter: { labels: [], include: [] },
  defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
};

describe('the history of a tenant', () => {
  let gateway: ComposedGateway;
  let renewed: string[];
  const request = randomUUID();

  /** Appends an event that the named one led to. */
  async function happened(
    stream: string,
    type: string,
    data: Record<string, unknown>,
    { cause, by }: { cause: string; by: string },
  ): Promise<string> {
    const id = randomUUID();
    const metadata = {
      ...{ id, tenantId: 't1', correlationId: 'from-the-form', causationId: cause, by },
      at: gateway.clock.now().toISOString(),
    };
    await gateway.store.append(stream, [{ type, data, metadata }], 'any');
    return id;
  }
  const get = async <Body>(path: string, init?: Parameters<ComposedGateway['fetch']>[1]): Promise<Body> => {
    const response = await gateway.fetch(path, init);
    expect(response.status).toBe(200);
    return (await response.json()) as Body;
  };
  const page = (query = '') =>
    get<{ history: TenantHappening[]; earlier: number | null }>(`/api/google/history${query}`);
  const types = async (query = '') => (await page(query)).history.map(({ type }) => type);

  beforeAll(async () => {
    gateway = await composeGateway();
    await happened('mailbox-t1+p1', 'MailboxAdded', mailbox, { cause: randomUUID(), by: 'ada' });
    const permission = await happened('grant-t1+p1', 'Authorized', authorized, { cause: request, by: 'ada' });
    let cause = await happened('mailbox-t1+p1', 'WatchStarted', watched(1), {
      cause: permission,
      by: 'gmail.connect-when-authorized',
    });
    renewed = [];
    for (const day of [2, 3, 4]) {
      cause = await happened('mailbox-t1+p1', 'WatchRenewed', watched(day), {
        cause,
        by: 'timer:RenewWatch',
      });
      renewed.push(cause);
    }
    await happened(
      'mailbox-t1+p2',
      'MailboxAdded',
      { ...mailbox, address: 'two@acme.example' },
      { cause: randomUUID(), by: 'bob' },
    );
    await happened('mailbox-t1+p2', 'Paused', { reason: 'manual' }, { cause: randomUUID(), by: 'bob' });
    await gateway.append('mailbox-t2+p1', 'MailboxAdded', mailbox);
    await gateway.processors.caughtUp();
  });
  afterAll(() => gateway.close());

  it('answers why a watch was renewed, back to the person who connected the mailbox', async () => {
    const chain = await get<CauseChain>(`/api/email/providers/p1/history/${renewed[2]}/causes`);
    expect(chain.causes.map(({ type, times, followed }) => [type, times, followed])).toEqual([
      ['WatchRenewed', 3, 'The timer asked for RenewWatch, because it had been set by this:'],
      ['WatchStarted', 1, 'gmail.connect-when-authorized acted by itself, because of this:'],
      ['Authorized', 1, 'ada asked for it.'],
    ]);
    expect(chain.causes[0]!.sentence).toContain('2026-12-04');
    expect(chain.began).toEqual({
      sentence: 'It began with a request by ada.',
      by: 'ada',
      requestId: request,
      correlationId: 'from-the-form',
    });
  });

  it('finds causes in the streams of other providers of the tenant, and never in another tenant’s', async () => {
    const elsewhere = await happened(
      'grant-t1+p2',
      'AuthorizationLost',
      { product: 'gmail', account: 'two@acme.example', problem: { code: 'authorization.revoked' } },
      { cause: randomUUID(), by: 'timer:CheckGrant' },
    );
    await gateway.processors.caughtUp();
    const id = await happened(
      'grant-t1+p1',
      'AuthorizationLost',
      { product: 'gmail', account: 'help@acme.example', problem: { code: 'authorization.revoked' } },
      { cause: elsewhere, by: 'oauth.name-cause-for-all' },
    );
    const { causes } = await get<CauseChain>(`/api/email/providers/p1/history/${id}/causes`);
    expect(causes.map(({ providerId }) => providerId)).toEqual(['p1', 'p2']);
    const path = `/api/email/providers/p1/history/${id}/causes`;
    expect((await gateway.fetch(path, { tenant: 't2' })).status).toBe(404);
    expect((await gateway.fetch('/api/email/providers/p1/history/nonsense/causes')).status).toBe(400);
  });

  it('answers it of calendar providers, too', async () => {
    const settings = {
      name: 'Tina',
      userId: 'tina',
      account: 'tina@acme.example',
      syncDirection: 'bidirectional',
    };
    const added = await happened('calendar-t1+c1', 'CalendarProviderAdded', settings, {
      cause: request,
      by: 'tina',
    });
    const paused = await happened(
      'calendar-t1+c1',
      'Paused',
      { reason: 'auth_failure' },
      {
        cause: added,
        by: 'calendar.some-follow-up',
      },
    );
    const path = (id: string) => `/api/calendar/providers/c1/history/${id}/causes`;
    const { causes, began } = await get<CauseChain>(path(paused));
    expect(causes.map(({ type, reason }) => [type, reason])).toEqual([
      ['Paused', 'auth_failure'],
      ['CalendarProviderAdded', null],
    ]);
    expect(began.by).toBe('tina');
    expect((await gateway.fetch(path(renewed[0]!))).status).toBe(404);
    expect((await gateway.fetch(`/api/calendar/providers/c9/history/${renewed[0]}/causes`)).status).toBe(404);
  });

  it('is told as it was stored, newest last, in pages', async () => {
    const latest = await page('?limit=3&until=2999-01-01T00:00:00Z&about=mailbox');
    expect(latest.history.map(({ type, providerId }) => [type, providerId])).toEqual([
      ['WatchRenewed', 'p1'],
      ['MailboxAdded', 'p2'],
      ['Paused', 'p2'],
    ]);
    expect(latest.history[0]!.causedBy).toContain('2026-12-03');
    expect(latest.history[2]).toMatchObject({ by: 'bob', reason: 'manual' });
    expect(await types(`?limit=3&about=mailbox&before=${latest.earlier}`)).toEqual([
      'WatchStarted',
      'WatchRenewed',
      'WatchRenewed',
    ]);
  });

  it('is filtered by type, by whom, by provider and by time', async () => {
    expect(await types('?type=WatchRenewed')).toHaveLength(3);
    expect(await types('?by=bob')).toEqual(['MailboxAdded', 'Paused']);
    expect(await types('?providerId=p2&about=mailbox')).toEqual(['MailboxAdded', 'Paused']);
    expect(await types('?from=2999-01-01T00:00:00Z')).toEqual([]);
    expect((await gateway.fetch('/api/google/history?from=yesterday')).status).toBe(400);
  });

  it('is for nobody without the permission, and shows no other tenant’s', async () => {
    const authorization = `Bearer ${await gateway.token({ permissions: [] })}`;
    expect((await gateway.fetch('/api/google/history', { headers: { authorization } })).status).toBe(403);
    const theirs = await get<{ history: unknown[] }>('/api/google/history', { tenant: 't2' });
    expect(theirs.history).toHaveLength(1);
  });
});
