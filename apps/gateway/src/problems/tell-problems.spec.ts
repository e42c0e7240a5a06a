import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { ProviderProblemChanged } from '#contracts/provider-problem';
import { DELIVERIES } from '#deliveries/streams';
import { rebuild } from '#processors/rebuild';
import { problem, type ProblemCode } from '#problems/problem';
import { days, hours, minutes, seconds } from '#time/clock';
import { statuses } from '../status/statuses.projection.js';
import { providerGauges } from './provider-gauges.js';
import { tellingOffice, type Replica, type TellingOffice } from './fixtures/telling-office.js';
import { wakeLooksAfterActivity } from './wake-looks.js';

let office: TellingOffice;
let replica: Replica;
beforeAll(async () => {
  office = await tellingOffice();
  replica = await office.replica();
});
afterAll(() => office?.close());

let providers = 0;
let tenant: string;
let provider: string;
beforeEach(async () => {
  await (await jetstreamManager(office.nats)).streams.purge(DELIVERIES);
  provider = `p${++providers}`;
  tenant = `t${providers}`;
  await office.connected(tenant, provider);
});
afterEach(async () => {
  await replica.stop();
  await office.happens(`mailbox-${tenant}+${provider}`, 'Removed', { reason: 'spec' });
  await office.look(replica);
  await office.database.query('TRUNCATE outbox');
});

const words = (told: ProviderProblemChanged[]): string[] =>
  told
    .filter(({ providerId }) => providerId === provider)
    .map(
      ({ type, severity, problem: { code }, status }) =>
        `${type} ${severity} ${code} ${status.before} -> ${status.after}`,
    );
const fails = (code: ProblemCode, attempt = 1): Promise<void> =>
  office.happens(`mailbox-${tenant}+${provider}`, 'SyncFailed', {
    problem: problem(code),
    attempt,
    retryAt: null,
  });
const written = async (): Promise<ProviderProblemChanged[]> => {
  const rows: { payload: string }[] = await office.database.query('SELECT payload FROM outbox ORDER BY id');
  return rows.map(({ payload }) => JSON.parse(payload) as ProviderProblemChanged);
};

it('delivers a problem once over many attempts, and once that it is over', async () => {
  replica.run();
  await office.look(replica);
  for (let attempt = 1; attempt <= 5; attempt++) {
    await fails('gmail.api-disabled', attempt);
    await office.look(replica);
  }
  const [raised] = await office.deliveredOnce(1);
  expect(raised).toMatchObject({
    type: 'provider.problem-raised',
    version: 1,
    tenantId: tenant,
    providerId: provider,
    product: 'gmail',
    calendarId: null,
    severity: 'error',
    problem: { code: 'gmail.api-disabled', actor: 'tenant-admin', kind: 'configuration', cause: 'known' },
    status: { before: 'connected', after: 'error' },
  });
  office.clock.advance(minutes(10));
  await office.active(tenant, provider);
  await office.happens(`mailbox-${tenant}+${provider}`, 'SyncRecovered');
  const told = await office.deliveredOnce(2);
  expect(words(told)).toEqual([
    'provider.problem-raised error gmail.api-disabled connected -> error',
    'provider.problem-cleared error gmail.api-disabled error -> connected',
  ]);
  expect(told[1]).toMatchObject({ problemId: raised!.problemId, since: raised!.since });
  const { lastedSeconds } = told[1] as Extract<ProviderProblemChanged, { lastedSeconds: number }>;
  expect(lastedSeconds).toBeGreaterThanOrEqual(600);
});

it('tells what only time makes a problem: a watch that ends, and its warning before', async () => {
  await office.happens(`grant-${tenant}+${provider}`, 'Authorized', {
    ...{ product: 'gmail', account: 'a@acme.example', clientId: 'c', projectId: 'p', scopes: [] },
    ...{ expiresAt: new Date(office.clock.now().getTime() + days(7)).toISOString(), limitedBy: 'testing' },
  });
  await office.look(replica);
  for (let hour = 0; hour < 7 * 24 - 1; hour += 0.5) {
    office.clock.advance(minutes(30));
    await office.active(tenant, provider);
    await office.look(replica);
  }
  expect(words(await written())).toEqual([
    'provider.problem-raised error mailbox.watch-not-renewed connected -> error',
    'provider.problem-raised warning authorization.testing-mode connected -> error',
  ]);
  office.clock.advance(hours(1));
  await office.active(tenant, provider);
  await office.look(replica);
  expect(words(await written()).slice(2)).toEqual([
    // Its date is over, and what follows from that is for others to tell.
    'provider.problem-cleared warning authorization.testing-mode error -> error',
    'provider.problem-cleared error mailbox.watch-not-renewed error -> error',
    'provider.problem-raised error mailbox.watch-expired error -> error',
  ]);
});

it('tells a transient problem only when it lasts, and then at the minute', async () => {
  await office.look(replica);
  await fails('gmail.unavailable');
  await office.look(replica);
  office.clock.advance(minutes(119));
  await office.active(tenant, provider);
  await office.look(replica);
  expect(words(await written())).toEqual([]);
  office.clock.advance(minutes(1));
  await office.look(replica);
  expect(words(await written())).toEqual([
    'provider.problem-raised error gmail.unavailable connected -> error',
  ]);
});

it('tells which calendar waits for its first notification in vain', async () => {
  const calendar = `calendar-${tenant}+c-${provider}`;
  await office.happens(calendar, 'CalendarProviderAdded', {
    ...{ name: 'Ann', userId: 'u1', account: 'ann@acme.example', syncDirection: 'from_external' },
  });
  await office.happens(`grant-${tenant}+c-${provider}`, 'Authorized', {
    ...{ product: 'calendar', account: 'ann@acme.example', clientId: 'c', projectId: 'p', scopes: [] },
    ...{ expiresAt: null },
  });
  const kept = { summary: 'Ann', timeZone: 'UTC', primary: true, accessRole: 'owner' };
  await office.happens(calendar, 'CalendarsChosen', { calendars: [{ calendarId: 'ann', ...kept }] });
  const expiresAt = new Date(office.clock.now().getTime() + days(7)).toISOString();
  await office.happens(calendar, 'ChannelOpened', {
    ...{ calendarId: 'ann', channelId: 'ch', resourceId: 'r', replaces: null },
    ...{ expiresAt, renewAt: expiresAt },
  });
  await office.look(replica);
  expect(await written()).toEqual([]);
  office.clock.advance(minutes(10));
  await office.look(replica);
  expect(await written()).toMatchObject([
    {
      ...{ providerId: `c-${provider}`, product: 'calendar', calendarId: 'ann', severity: 'error' },
      problem: { code: 'calendar.no-first-notification' },
      status: { before: 'configuring', after: 'error' },
    },
  ]);
  await office.happens(calendar, 'NotificationProven', { calendarId: 'ann', renewAt: null });
  await office.look(replica);
  expect((await written()).slice(1)).toMatchObject([
    { type: 'provider.problem-cleared', calendarId: 'ann', status: { before: 'error', after: 'connected' } },
  ]);
  await office.happens(calendar, 'Removed', { reason: 'spec' });
});

it('tells of parked messages when the mailbox reports them, and when it reports none any more', async () => {
  await office.look(replica);
  for (const parked of [1, 3, 0]) {
    office.clock.advance(minutes(1));
    await office.active(tenant, provider, { parked });
    await wakeLooksAfterActivity(office.database, [{ tenantId: tenant, providerId: provider, parked }]);
    await office.look(replica);
  }
  expect(words(await written())).toEqual([
    'provider.problem-raised warning mailbox.messages-parked connected -> connected',
    'provider.problem-cleared warning mailbox.messages-parked connected -> connected',
  ]);
});

it('counts providers, problems and what is left of watches for operators', async () => {
  await office.look(replica);
  await fails('gmail.api-disabled');
  await office.look(replica);
  const read = async (name: string) =>
    providerGauges({ ...office })
      .find((one) => one.name === name)!
      .read();
  const { clock } = office;
  expect(await read('providers')).toContainEqual({ labels: { product: 'gmail', status: 'error' }, value: 1 });
  expect(await read('problems')).toEqual([
    { labels: { code: 'gmail.api-disabled', severity: 'error' }, value: 1 },
  ]);
  const ofGmail = async (name: string) =>
    (await read(name))
      .filter(({ labels }) => labels!.product === 'gmail')
      .map(({ labels, value }) => [labels!.left, value]);
  expect(await ofGmail('watches')).toEqual([
    ['ended', 0],
    ['under 12 h', 0],
    ['under 48 h', 0],
    ['48 h or more', 1],
  ]);
  clock.advance(days(6));
  expect(await ofGmail('watches')).toContainEqual(['under 48 h', 1]);
  const [[, hoursLeft]] = (await ofGmail('watch_least_hours_left')) as [[undefined, number]];
  expect(Math.round(hoursLeft)).toBe(24);
  clock.advance(days(2));
  expect(await ofGmail('watches')).toContainEqual(['ended', 1]);
});

it('looks at nobody while nothing happens, and at one alone when something happened to it', async () => {
  await office.look(replica);
  expect(await office.look(replica)).toBe(0);
  office.clock.advance(minutes(5));
  expect(await office.look(replica)).toBe(0);
  await wakeLooksAfterActivity(office.database, [{ tenantId: tenant, providerId: provider, parked: 0 }]);
  expect(await office.look(replica)).toBe(0);
  await fails('gmail.api-disabled');
  expect(await office.look(replica)).toBe(1);
});

it('concerns every provider of a tenant whose Google app is removed', async () => {
  const other = `${provider}-other`;
  await office.connected(tenant, other);
  await office.look(replica);
  await office.happens(`googleApp-${tenant}`, 'ConfigCleared', {});
  await office.look(replica);
  const told = await written();
  expect(told.map(({ providerId, problem: { code } }) => [providerId, code]).toSorted()).toEqual([
    [provider, 'google-app.incomplete'],
    [other, 'google-app.incomplete'],
  ]);
  await office.happens(`googleApp-${tenant}`, 'ConfigStored', {
    ...{ projectId: 'p', provisioning: 'key', gmailClientId: 'c', calendarClientId: 'c' },
    ...{ changed: [], serviceAccountEmail: null, calendar: 'same' },
  });
  await office.look(replica);
  expect(await written()).toHaveLength(4);
  await office.happens(`mailbox-${tenant}+${other}`, 'Removed', { reason: 'spec' });
});

it('delivers each change once from two replicas, while both look', async () => {
  const second = await office.replica();
  await office.look(second);
  replica.run();
  second.run();
  for (let round = 0; round < 5; round++) {
    await fails('gmail.api-disabled', round + 1);
    await Promise.all([office.look(replica), office.look(second)]);
  }
  await office.deliveredOnce(1);
  await office.happens(`mailbox-${tenant}+${provider}`, 'SyncRecovered');
  await office.deliveredOnce(2);
  // A fence: what another look would have told lies before it.
  await office.happens(`grant-${tenant}+${provider}`, 'AuthorizationLost', {
    product: 'gmail',
    problem: problem('authorization.revoked'),
  });
  const told = await office.deliveredOnce(3);
  await second.stop();
  expect(words(told)).toEqual([
    'provider.problem-raised error gmail.api-disabled connected -> error',
    'provider.problem-cleared error gmail.api-disabled error -> connected',
    'provider.problem-raised error authorization.revoked connected -> error',
  ]);
});

it('loses nothing and doubles nothing when it ends between writing and publishing, or after publishing', async () => {
  await office.look(replica);
  await fails('gmail.api-disabled');
  await office.look(replica);
  // Ended here; and once more after the message was out, before the row was gone.
  const [row]: { subject: string; payload: string; delivery_id: string }[] = await office.database.query(
    'SELECT subject, payload, delivery_id FROM outbox',
  );
  await jetstream(office.nats).publish(row!.subject, row!.payload, { msgID: row!.delivery_id });
  const next = await office.replica();
  next.run();
  for (let left = 1; left > 0;)
    [{ left }] = await office.database.query('SELECT count(*)::int AS left FROM outbox');
  await next.stop();
  expect(words(await office.delivered())).toEqual([
    'provider.problem-raised error gmail.api-disabled connected -> error',
  ]);
});

it('tells of all others although one provider makes no sense', async () => {
  const broken = `${provider}-broken`;
  await office.connected(tenant, broken);
  await office.look(replica);
  await office.database.query(
    `UPDATE provider_statuses SET mailbox = jsonb_set(mailbox, '{syncTrouble}', '{"problem": {"code": "no.such"}}')
      WHERE provider_id = $1`,
    [broken],
  );
  await office.database.query(`UPDATE provider_looks SET look_at = '-infinity' WHERE provider_id = $1`, [
    broken,
  ]);
  await fails('gmail.api-disabled');
  await office.look(replica);
  expect(words(await written())).toEqual([
    'provider.problem-raised error gmail.api-disabled connected -> error',
  ]);
  await office.happens(`mailbox-${tenant}+${broken}`, 'Removed', { reason: 'spec' });
});

it('tells nothing again while and after the statuses are built anew', async () => {
  await fails('gmail.api-disabled');
  await office.look(replica);
  await office.happens(`mailbox-${tenant}+${provider}`, 'SyncRecovered');
  await office.look(replica);
  expect(await written()).toHaveLength(2);

  // As far as a rebuild has come in the middle of the story; and when it has just begun.
  await office.database.query(
    `UPDATE provider_statuses SET mailbox_revision = 3, mailbox = jsonb_set(mailbox, '{syncTrouble}', $2)
      WHERE provider_id = $1`,
    [
      provider,
      JSON.stringify({
        problem: problem('gmail.api-disabled'),
        since: '2026-01-01T00:00:00.000Z',
        attempt: 1,
        retryAt: null,
      }),
    ],
  );
  await office.database.query(`UPDATE provider_looks SET look_at = '-infinity' WHERE provider_id = $1`, [
    provider,
  ]);
  await office.look(replica);
  await office.database.query('DELETE FROM provider_statuses WHERE provider_id = $1', [provider]);
  office.clock.advance(seconds(10));
  await office.look(replica);
  expect(await written()).toHaveLength(2);

  await rebuild(statuses, office.database);
  await office.processors.caughtUp();
  office.clock.advance(seconds(10));
  await office.look(replica);
  expect(await written()).toHaveLength(2);
});
