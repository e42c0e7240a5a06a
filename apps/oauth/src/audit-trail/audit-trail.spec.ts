import { ListAuditTrail, type TrailEntry } from '#contracts/audit-trail';
import { GetAccessToken, GetProvisioningToken } from '#contracts/oauth';
import { CheckGrant } from '#contracts/oauth-upkeep';
import { beginning } from '#messaging/envelope';
import { accessTokenKey, refreshTokenKey } from '#secrets/secret-keys';
import { days, minutes } from '#time/clock';
import { RunningOAuth, type Instance } from '../fixtures/running-oauth.js';
import { tokenHash } from '../grant/grant-tokens.js';
import { AuditTrail, type Recordable } from './audit-trail.js';

const entry = (change: Partial<Recordable> = {}): Recordable => ({
  tenantId: 't1',
  providerId: 'p1',
  kind: 'secret-read',
  service: 'oauth',
  by: 'ada',
  correlationId: 'c',
  detail: {},
  ...change,
});

describe('what is put on record', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  let project: Awaited<ReturnType<RunningOAuth['configured']>>;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    project = await running.configured(oauth);
    await running.connect(oauth, 'p1');
  });
  afterEach(() => running.close());

  const trail = async (
    filter: { kind?: TrailEntry['kind']; limit?: number; before?: number } = {},
    tenantId?: string,
  ) => {
    const reply = await oauth.ask(ListAuditTrail, { limit: 500, ...filter }, tenantId);
    if (!reply.ok) throw new Error(reply.problem.code);
    return reply.value;
  };
  /** As the service itself is asked over the wire. */
  const askedBy = async (from: string): Promise<string> => {
    const handler = oauth.handlers.find(({ contract }) => contract.type === GetAccessToken.type)!;
    const origin = { ...beginning('t1', 'timer:SyncMailbox'), from };
    const reply = await handler.handle({ providerId: 'p1' }, origin);
    if (!reply.ok) throw new Error(reply.problem.code);
    return (reply.value as { accessToken: string }).accessToken;
  };

  it('names who got which access token, each time, also where it came from memory', async () => {
    const token = await askedBy('gmail');
    await askedBy('calendar');
    const issued = (await trail({ kind: 'access-token-issued' })).trail;
    expect(issued).toMatchObject([
      { service: 'gmail', by: 'timer:SyncMailbox', providerId: 'p1' },
      { service: 'calendar', by: 'timer:SyncMailbox', providerId: 'p1' },
    ]);
    expect(issued[0]!.detail).toMatchObject({ of: 'grant', token: tokenHash(token).slice(0, 16) });
  });

  it('has the tokens of service accounts in it, too', async () => {
    await oauth.ask(GetProvisioningToken, {});
    const { trail: issued } = await trail({ kind: 'access-token-issued' });
    expect(issued).toMatchObject([{ providerId: null, detail: { of: 'service-account' } }]);
  });

  it('names every refresh that failed, while the history tells that it began', async () => {
    await running.google.client.addFault({
      match: { pathPattern: '^/token$' },
      effect: { kind: 'oauth-error', code: 503, error: 'backend_error' },
    });
    await running.advance(minutes(58));
    for (let attempt = 0; attempt < 3; attempt += 1) await oauth.ask(CheckGrant, { providerId: 'p1' });
    const { trail: failed } = await trail({ kind: 'refresh-failed' });
    expect(failed).toHaveLength(3);
    expect(failed[0]).toMatchObject({
      providerId: 'p1',
      by: 'user u1',
      detail: { of: 'grant', problem: 'google.sign-in-unavailable' },
    });
    const told = (await running.typesOf('grant-t1+p1')).filter((type) => type === 'AccessTokenRefused');
    expect(told.length).toBeLessThan(3);
  });

  it('names which secrets were read, on whose behalf', async () => {
    await running.advance(minutes(58));
    await askedBy('gmail');
    const { trail: reads } = await trail({ kind: 'secret-read' });
    const ofTokens = reads.filter(({ by }) => by === 'timer:SyncMailbox');
    expect(ofTokens.map(({ detail }) => detail)).toContainEqual({
      keys: [accessTokenKey('p1'), refreshTokenKey('p1')],
    });
    expect(ofTokens.find(({ providerId }) => providerId === 'p1')).toMatchObject({ service: 'oauth' });
  });

  it('holds no secret', async () => {
    const token = await askedBy('gmail');
    await oauth.ask(GetProvisioningToken, {});
    const rows = JSON.stringify(await running.database.query('SELECT * FROM audit_trail'));
    const kept = await running.secrets.getTenantSecrets('t1', [refreshTokenKey('p1')]);
    const key = JSON.parse(project.serviceAccountKeyJson!) as { private_key: string };
    const canaries = [token, kept[refreshTokenKey('p1')]!, project.clientSecret, key.private_key, 'ya29.'];
    for (const canary of canaries) expect(rows).not.toContain(canary);
  });

  it('is shown in pages, to its own tenant only', async () => {
    for (let turn = 0; turn < 3; turn += 1) await askedBy(`asker-${turn}`);
    const kind = 'access-token-issued' as const;
    const latest = await trail({ kind, limit: 2 });
    expect(latest.trail.map(({ service }) => service)).toEqual(['asker-1', 'asker-2']);
    const earlier = await trail({ kind, limit: 2, before: latest.earlier! });
    expect(earlier).toMatchObject({ trail: [{ service: 'asker-0' }], earlier: null });
    expect((await trail({}, 't2')).trail).toEqual([]);
  });

  it('gives no token away that cannot be put on record', async () => {
    await running.database.query('ALTER TABLE audit_trail RENAME TO lost');
    await expect(askedBy('gmail')).rejects.toThrow('audit_trail');
  });

  it('is deleted when its time is over, and not before', async () => {
    await askedBy('gmail');
    const all = async () => (await running.database.query('SELECT 1 FROM audit_trail')).length as number;
    const before = await all();
    const purge = oauth.workers.find(({ name }) => name === 'oauth.purge-audit-trail')!;
    const looked = async (): Promise<void> => {
      const ending = new AbortController();
      const run = purge.run(ending.signal);
      // It ends after the look that it began with.
      ending.abort();
      await run;
    };
    running.clock.advance(days(364));
    await looked();
    expect(await all()).toBe(before);
    running.clock.advance(days(2));
    await looked();
    expect(await all()).toBe(0);
  });
});

describe('many records at once', () => {
  it('go in one statement while another is under way, and each is durable when it says so', async () => {
    const statements: number[] = [];
    const stored: string[] = [];
    const trail = new AuditTrail(
      {
        query: (async (_sql: string, [json]: [string]) => {
          const rows = JSON.parse(json) as { by: string }[];
          await new Promise(setImmediate);
          if (rows.some(({ by }) => by === 'unstorable')) throw new Error('unstorable');
          statements.push(rows.length);
          stored.push(...rows.map(({ by }) => by));
        }) as never,
      },
      { now: () => new Date(), onMoved: () => () => {} },
    );
    const durable = (by: string) => trail.record(entry({ by })).then(() => stored.includes(by));
    const first = durable('first');
    await new Promise(setImmediate);
    const rest = Array.from({ length: 50 }, (_, index) => durable(`n${index}`));
    expect(await Promise.all([first, ...rest])).toEqual(Array<boolean>(51).fill(true));
    expect(statements).toEqual([1, 50]);

    const mixed = await Promise.allSettled([durable('good'), durable('unstorable'), durable('fine')]);
    expect(mixed.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
