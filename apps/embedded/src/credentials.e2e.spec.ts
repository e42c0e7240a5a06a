import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ListDueWork } from '#contracts/maintenance';
import type { TenantProject } from '#google-simulator/admin/tenant-project';
import { openAsking } from '#messaging/ask';
import { beginning } from '#messaging/envelope';
import { hours, minutes, MovableClock } from '#time/clock';
import { startEmbedded, type Embedded } from './start-embedded.js';

const ann = 'ann@acme-helpdesk.com';
const ben = 'ben@acme-helpdesk.com';
const callbacks = ['/api/auth/google/callback', '/api/auth/google/calendar/callback'];

interface Status {
  status: string;
  tokenState: string;
  problem: { code: string; actor: string; cause: string } | null;
  notices: { code: string }[];
}

let dataDir: string;
let embedded: Embedded;
let project: TenantProject;
const providers: Record<string, { path: string; id: string }> = {};
const clock = new MovableClock();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-credentials-'));
  embedded = await startEmbedded({
    dataDir,
    gatewayPort: 0,
    simulatorPort: 0,
    logLevel: 'info',
    clock,
    say: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
}, 120_000);
afterAll(async () => {
  await embedded?.close();
  await rm(dataDir, { recursive: true, force: true });
});

const google = () => embedded.simulator.client;

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const token = await embedded.token({ tenant: 'acme', user: 'admin' });
  const response = await fetch(`${embedded.gatewayUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

const statusOf = (name: string): Promise<Status> => {
  const { path, id } = providers[name]!;
  return call('GET', `${path}/${id}/status`);
};

/** Asks as the host's page does, until it is as hoped or the test's time is over. */
async function statusWhen(name: string, hoped: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = await statusOf(name);
    if (hoped(status)) return status;
    await pause(50);
  }
}

const historyOf = async (name: string): Promise<string[]> => {
  const { path, id } = providers[name]!;
  const { history } = await call<{ history: { type: string }[] }>('GET', `${path}/${id}/history`);
  return history.map(({ type }) => type);
};

/** Time passes here and at Google, in steps that let what is due be done. */
async function pass(milliseconds: number, step = minutes(5)): Promise<void> {
  for (let left = milliseconds; left > 0; left -= step) {
    await google().advance(Math.min(left, step));
    clock.advance(Math.min(left, step));
    await pause(20);
  }
  await embedded.caughtUp();
}

async function connect(name: string, kind: 'email' | 'calendar', account: string): Promise<void> {
  const path = `/api/${kind}/providers`;
  const form = kind === 'email' ? { mailbox: account } : { account, syncDirection: 'bidirectional' };
  const { id } = await call<{ id: string }>('POST', path, { name, ...form });
  providers[name] = { path, id };
  await consent(name, account);
}

async function consent(name: string, account: string): Promise<void> {
  const { path, id } = providers[name]!;
  const { authUrl } = await call<{ authUrl: string }>('POST', path.replace('providers', 'oauth/initiate'), {
    provider: 'google',
    providerId: id,
  });
  const back = await google().consent(authUrl, { account });
  if (back.kind !== 'redirected') throw new Error(`The consent of ${account} stranded on ${back.page}.`);
  await fetch(back.url);
}

/** What will be asked for about a provider, by command. */
async function dueOf(name: string): Promise<string[]> {
  const asking = await openAsking(embedded.natsUrl, 'credentials');
  try {
    const reply = await asking.ask(
      ListDueWork,
      { providerId: providers[name]!.id },
      beginning('acme', 'spec'),
    );
    if (!reply.ok) throw new Error(reply.problem.code);
    return reply.value.due.map(({ command }) => command);
  } finally {
    await asking.close();
  }
}

const tokenRequests = async (): Promise<number> =>
  (await google().requests()).filter(({ path }) => path === '/token').length;

// The tests of this file are the chapters of one story: each goes on where the one before ended.
describe('credentials that end and change', () => {
  it('begins with two mailboxes and a calendar', async () => {
    project = await google().seedTenantProject({
      projectId: 'acme-psa-2026',
      redirectUris: callbacks.map((callback) => `${embedded.gatewayUrl}${callback}`),
      users: [ann, ben].map((email) => ({ email, hasCalendar: true })),
    });
    await call('PUT', '/api/google/config', {
      projectId: project.projectId,
      gmail: { clientId: project.clientId, clientSecret: project.clientSecret },
      calendar: 'same',
      serviceAccountKey: project.serviceAccountKeyJson,
    });
    await connect('ann', 'email', ann);
    await connect('ben', 'email', ben);
    await connect('calendar', 'calendar', ann);
    await call('PUT', `/api/calendar/providers/${providers['calendar']!.id}/calendars`, {
      calendarIds: ['primary'],
    });
    for (const name of Object.keys(providers)) await statusWhen(name, ({ status }) => status === 'connected');
  }, 60_000);

  it('learns within the hour that a permission ended, although its mailbox is paused and no mail comes', async () => {
    await call('POST', `/api/email/providers/${providers['ben']!.id}/pause`, { reason: 'manual' });
    await embedded.caughtUp();
    await google().removeApp(ben, project.projectId);
    await pass(minutes(51));
    expect(await statusWhen('ben', ({ tokenState }) => tokenState === 'lost')).toMatchObject({
      status: 'error',
      problem: { code: 'authorization.revoked', actor: 'mailbox-owner', cause: 'inferred' },
    });
    for (const name of ['ann', 'calendar']) await statusWhen(name, ({ status }) => status === 'connected');
  }, 60_000);

  it('asks nothing more in the name of what is dead, and goes on once it is given anew', async () => {
    await call('POST', `/api/email/providers/${providers['ben']!.id}/resume`);
    await embedded.caughtUp();
    expect((await dueOf('ben')).filter((command) => command !== 'FindCause')).toEqual([]);
    await google().clearRequests();
    await pass(minutes(100));
    const asked = await google().requests();
    expect(asked.filter(({ caller }) => caller === ben)).toEqual([]);
    // Two permissions live, and each is proven once in 45 to 50 minutes; what is refreshed in between was refreshed anyway.
    expect(await tokenRequests()).toBeLessThanOrEqual(8);

    await consent('ben', ben);
    await statusWhen('ben', ({ status }) => status === 'connected');
    await embedded.caughtUp();
    expect(await dueOf('ben')).toEqual(expect.arrayContaining(['CheckGrant', 'RenewWatch', 'SyncMailbox']));
  }, 60_000);

  it('uses a new secret everywhere without anybody connecting again, also while Google does not take it yet', async () => {
    const { clientSecret } = await google().addSecret(project.clientId, { acceptedAfterMs: hours(2) });
    await call('PUT', '/api/google/config', { gmail: { clientSecret } });
    await embedded.caughtUp();
    const notice = (status: Status) =>
      status.notices.some(({ code }) => code === 'oauth-client.new-secret-refused');
    for (const name of Object.keys(providers))
      expect((await statusWhen(name, notice)).status).toBe('connected');
    for (const service of ['oauth', 'maintenance'] as const) await embedded.restart(service);
    await pass(hours(3));
    const wellAgain = (status: Status) => status.status === 'connected' && !notice(status);
    for (const name of Object.keys(providers)) await statusWhen(name, wellAgain);
    const { secrets } = embedded.simulator.world.client(project.clientId)!.client;
    await google().enableSecret(project.clientId, secrets[0]!.id, false);
    await pass(minutes(61));
    for (const name of Object.keys(providers)) {
      await statusWhen(name, wellAgain);
      expect(await historyOf(name)).not.toContain('AccessTokenRefused');
    }
    await pass(hours(22), minutes(20));
    expect(await historyOf('ann')).toContain('FormerSecretForgotten');
  }, 120_000);

  it('stops watches and channels at Google before it removes the app, and ends disconnected', async () => {
    expect((await google().gmail.mailbox(ann)).watches).toHaveLength(1);
    expect((await google().calendar.calendar(ann)).channels.length).toBeGreaterThan(0);
    await google().clearRequests();
    const { badge } = await call<{ badge: string }>('DELETE', '/api/google/config');
    expect(badge).toBe('not-configured');
    for (const account of [ann, ben]) {
      expect((await google().gmail.mailbox(account)).watches).toEqual([]);
      expect(await google().liveRefreshTokens(account, project.clientId)).toBe(0);
    }
    expect((await google().calendar.calendar(ann)).channels).toEqual([]);
    const answered = (await google().requests()).filter(({ path }) => /stop$|revoke/.test(path));
    expect(answered.filter(({ status }) => status! >= 400)).toEqual([]);
    const firstRevoked = answered.findIndex(({ path }) => path === '/revoke');
    const lastOfAnn = answered.findLastIndex(({ path, caller }) => /stop$/.test(path) && caller === ann);
    expect(lastOfAnn).toBeGreaterThanOrEqual(0);
    expect(firstRevoked).toBeGreaterThan(0);
    await embedded.caughtUp();
    for (const name of Object.keys(providers)) {
      expect(await statusWhen(name, ({ status }) => status === 'disconnected')).toMatchObject({
        problem: { code: 'google-app.incomplete' },
      });
      expect(await dueOf(name)).toEqual([]);
    }
  }, 60_000);
});
