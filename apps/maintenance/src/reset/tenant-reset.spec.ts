import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { RequestContract } from '#contracts/contract';
import { GetTenantReset, ResetTenant, type TenantReset } from '#contracts/maintenance';
import { openDatabase } from '#database/database';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import { scenariosOf } from '#event-sourcing/scenarios';
import type { Ask } from '#messaging/ask';
import { accepted, beginning, refused, type Reply } from '#messaging/envelope';
import { problem } from '#problems/problem';
import type { Reaction } from '#processors/processor';
import { projectionScenario } from '#processors/projection-scenario';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { createTestDatabase } from '#servers/test-database';
import { minutes, MovableClock } from '#time/clock';
import { KnownProviders1764300000000, knownProviders } from './known-providers.projection.js';
import { resetWhenRequested } from './reset-when-requested.reactor.js';
import { resultOf } from './result-of.js';
import { tenantResetDecider, type TenantResets, type TimedTenantResetEvent } from './tenant-reset.decider.js';
import { tenantResetHandlers } from './tenant-resets.js';

const migrations = [ProcessorTables1760000000000, KnownProviders1764300000000];
const result = { mailboxes: 1, calendars: 0, leftAlone: [], leftAtGoogle: [] };

describe('the resets of a tenant', () => {
  const { given } = scenariosOf<TenantResets>(tenantResetDecider);
  const at = '2026-03-01T07:00:00.000Z';
  const requested: TimedTenantResetEvent = {
    type: 'TenantResetRequested',
    data: { reason: 'spring' },
    metadata: { at, by: 'u1' },
  };
  const completed: TimedTenantResetEvent = { type: 'TenantResetCompleted', data: result };

  it('come one after the other', () => {
    const ask = { type: 'ResetTenant' as const, reason: 'again' };
    const again: TimedTenantResetEvent = { type: 'TenantResetRequested', data: { reason: 'again' } };
    given().when(ask).then(again);
    given(requested).when(ask).then();
    given(requested, completed).when(ask).then(again);
  });

  it('are completed once, each by its own end', () => {
    const end = { type: 'CompleteTenantReset' as const, requestedAt: at, result };
    given(requested).when(end).then(completed);
    given(requested, completed).when(end).then();
    given(requested)
      .when({ ...end, requestedAt: '2026-02-01T07:00:00.000Z' })
      .then();
  });
});

describe('what came of a tenant’s reset', () => {
  const mailbox = (providerId: string, revoked: boolean, watch: 'stopped' | 'left' = 'stopped') => ({
    product: 'gmail' as const,
    providerId,
    outcome: 'reset' as const,
    resetAt: null,
    watch,
    parkedForgotten: 0,
    permission: { account: 'Support@acme.example', projectId: 'p', revoked },
  });
  const calendar = (providerId: string, account: string, channelsLeft = 0) => ({
    product: 'calendar' as const,
    providerId,
    outcome: 'reset' as const,
    resetAt: null,
    channelsStopped: 1,
    channelsLeft,
    permission: { account, projectId: 'p', revoked: false },
  });

  it('counts a permission as ended when it was with the account’s last provider', () => {
    const steps = [calendar('c1', 'support@acme.example'), mailbox('m1', true)];
    expect(resultOf(steps)).toEqual({ mailboxes: 1, calendars: 1, leftAlone: [], leftAtGoogle: [] });
  });

  it('names what lives on at Google, and who was left alone', () => {
    const steps = [
      mailbox('m1', true, 'left'),
      calendar('c1', 'tina@acme.example', 2),
      { ...mailbox('m2', true), outcome: 'connected-since' as const },
      { product: 'gmail' as const, providerId: 'm3', outcome: 'gone' as const },
    ];
    expect(resultOf(steps)).toEqual({
      mailboxes: 1,
      calendars: 1,
      leftAlone: ['m2', 'm3'],
      leftAtGoogle: [
        { providerId: 'm1', what: 'watch' },
        { providerId: 'c1', what: 'channels' },
        { providerId: 'c1', what: 'permission' },
      ],
    });
  });
});

describe('the known providers', () => {
  const { rowsAfter } = projectionScenario(knownProviders, {
    schema: 'maintenance',
    entities: [],
    migrations,
  });

  it('are those that were added and not removed, mailboxes and calendars apart', async () => {
    const rows = await rowsAfter([
      { stream: 'mailbox-t1+p1', type: 'MailboxAdded' },
      { stream: 'mailbox-t1+p1', type: 'Reset' },
      { stream: 'calendar-t1+p1', type: 'CalendarProviderAdded' },
      { stream: 'mailbox-t1+p2', type: 'MailboxAdded' },
      { stream: 'mailbox-t1+p2', type: 'Removed' },
      { stream: 'tenantReset-t1', type: 'TenantResetRequested' },
    ]);
    expect(rows['known_providers']!.filter(({ present }) => present)).toMatchObject([
      { product: 'calendar', provider_id: 'p1' },
      { product: 'gmail', provider_id: 'p1' },
    ]);
    expect(rows['seen_tenant_resets']).toEqual([{ tenant_id: 't1', revision: 0 }]);
  });
});

describe('resetting a tenant', () => {
  const clock = new MovableClock();
  let store: InMemoryEventStore;
  let database: DataSource;
  let drop: () => Promise<void>;
  /** What gmail and calendar were asked for, in order. */
  let asked: { type: string; data: { providerId: string; requestedAt?: string }; by: string }[];
  let replies: Record<string, () => Reply<unknown>>;
  beforeEach(async () => {
    const server = await createTestDatabase();
    drop = server.drop;
    database = await openDatabase({
      url: server.url,
      schema: 'maintenance',
      entities: [],
      migrations,
      poolSize: 2,
    });
    store = new InMemoryEventStore();
    asked = [];
    replies = {};
    for (const stream of ['mailbox-t1+m1', 'mailbox-t1+m2', 'mailbox-t9+x'])
      await happened(stream, 'MailboxAdded');
    await happened('calendar-t1+c1', 'CalendarProviderAdded');
  });
  afterEach(async () => {
    await database.destroy();
    await drop();
  });

  const happened = async (stream: string, type: string): Promise<void> => {
    const tenantId = stream.split('-')[1]!.split('+')[0]!;
    const id = randomUUID();
    const metadata = { id, tenantId, correlationId: id, causationId: id, by: 'spec' };
    const at = clock.now().toISOString();
    await store.append(stream, [{ type, data: {}, metadata: { ...metadata, at } }], 'any');
  };
  const ask: Ask = (contract, data, { by }) => {
    const { providerId } = data as { providerId: string };
    asked.push({ type: contract.type, data: data as never, by });
    const reply = replies[providerId]?.() ?? accepted(outcomeOf(contract.type, providerId));
    return Promise.resolve(reply as never);
  };
  const outcomeOf = (type: string, providerId: string) => ({
    providerId,
    outcome: 'reset',
    resetAt: clock.now().toISOString(),
    permission: null,
    ...(type === 'ResetMailbox'
      ? { watch: 'none', parkedForgotten: 0 }
      : { channelsStopped: 0, channelsLeft: 0 }),
  });
  const request = async <Answer>(
    contract: RequestContract<never, Answer>,
    data: object,
  ): Promise<TenantReset> => {
    const handler = tenantResetHandlers({ store, clock }).find(
      (each) => each.contract.type === contract.type,
    )!;
    const reply = (await handler.handle(data, beginning('t1', 'u1'))) as Reply<TenantReset>;
    if (!reply.ok) throw new Error(reply.problem.code);
    return reply.value;
  };
  const reset = () => request(ResetTenant as never, { reason: 'spring' });
  const state = () => request(GetTenantReset as never, {});
  const project = async (): Promise<void> => {
    const events = await store.readAll({ after: null, limit: 100 });
    await database.transaction((manager) => knownProviders.project(events, manager));
  };
  /** A process that takes the tenant's request, or takes it again. */
  const react = async (): Promise<Reaction> => {
    const [event] = await store.readStream('tenantReset-t1');
    return resetWhenRequested({ ask, store, clock, database }).react(event!);
  };
  const providers = () => asked.map(({ data }) => data.providerId);

  it('resets each of its providers in the name of who asked, and tells', async () => {
    expect(await state()).toMatchObject({ status: 'never' });
    const requested = await reset();
    expect(requested).toMatchObject({ status: 'running', reason: 'spring', requestedBy: 'u1' });
    await project();
    expect(await react()).toBe('done');
    expect(providers()).toEqual(['c1', 'm1', 'm2']);
    expect(asked.every(({ by, data }) => by === 'u1' && data.requestedAt === requested.requestedAt)).toBe(
      true,
    );
    expect(await state()).toMatchObject({
      status: 'completed',
      result: { mailboxes: 2, calendars: 1, leftAlone: [], leftAtGoogle: [] },
    });
  });

  it('does not begin before every provider is known that was there', async () => {
    await reset();
    expect(await react()).toEqual({ retry: expect.any(String) as string });
    expect(asked).toEqual([]);
  });

  it('goes on after a crash in the middle, and completes once', async () => {
    await reset();
    await project();
    let crashes = 1;
    replies['m1'] = () => {
      if (crashes-- > 0) throw new Error('the process died');
      return accepted(outcomeOf('ResetMailbox', 'm1'));
    };
    await expect(react()).rejects.toThrow('died');
    expect(await state()).toMatchObject({ status: 'running' });
    clock.advance(minutes(5));
    expect(await react()).toBe('done');
    expect(await react()).toBe('done');
    expect((await store.readStream('tenantReset-t1')).map(({ type }) => type)).toEqual([
      'TenantResetRequested',
      'TenantResetCompleted',
    ]);
    expect(await state()).toMatchObject({ result: { mailboxes: 2, calendars: 1 } });
  });

  it('tries again while a service does not answer, and passes over what was removed', async () => {
    await reset();
    await project();
    replies['c1'] = () => refused(problem('service.unavailable', { service: 'calendar' }));
    expect(await react()).toEqual({ retry: 'service.unavailable' });
    replies['c1'] = () => refused(problem('calendar-provider.not-found', { providerId: 'c1' }));
    expect(await react()).toBe('done');
    expect(await state()).toMatchObject({ result: { mailboxes: 2, calendars: 0, leftAlone: ['c1'] } });
  });
});
