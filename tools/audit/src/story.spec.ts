import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '#event-sourcing/event-store';
import { hours, minutes } from '#time/clock';
import { TenantAtWork } from '../../../apps/embedded/src/fixtures/tenant-at-work.js';
import { openEvents } from '../../operator/src/events.js';
import { openKeptEvents } from '../../operator/src/kept-events.js';
import { publicKey, signedHeads } from './heads.js';
import { history, why } from './tell-history.js';
import { statusLines, statusThen } from './tell-status.js';
import { trail } from './tell-trail.js';
import type { TenantHappening } from '../../../apps/gateway/src/history/tenant-history.js';
import { holds, told, verify } from './verify.js';

const support = 'support@acme.example';

/** docs/auditing.md reads this very story. Its tests are chapters: each goes on where the one before ended. */
describe('an auditor asks what went wrong', () => {
  let tenant: TenantAtWork;
  let mailbox: string;
  let store: EventStore;
  let kept: EventStore;
  let folder: string;
  let whole: TenantHappening[];
  /** Moments of the story. */
  let healthy: Date;
  let broken: Date;

  const status = (at: Date) =>
    tenant.ask<{ status: string; problem: { code: string } | null }>(
      'GET',
      `/api/email/providers/${mailbox}/status?at=${at.toISOString()}`,
    );
  const one = (type: string): TenantHappening => whole.findLast((happened) => happened.type === type)!;
  const happened = async (type: string): Promise<boolean> =>
    (await tenant.history('email', mailbox)).some((each) => each.type === type);

  beforeAll(async () => {
    tenant = await TenantAtWork.open([support]);
    folder = await mkdtemp(join(tmpdir(), 'tenant-google-auditor-'));
    const where = { databaseUrl: tenant.embedded.postgresUrl, natsUrl: tenant.embedded.natsUrl };
    [store, kept] = await Promise.all([openEvents(where), openKeptEvents(where)]);

    mailbox = await tenant.addMailbox(support);
    await tenant.connect('email', mailbox, support);
    await tenant.becomesConnected('email', mailbox);
    await tenant.advanceDays(2);
    await tenant.until(() => happened('WatchRenewed'), 'the watch is renewed');
    healthy = tenant.clock.now();
    await tenant.advance(hours(1));

    await tenant.embedded.simulator.client.removeApp(support, 'acme-psa-2026');
    await tenant.advance(hours(1));
    await tenant.until(() => happened('AuthorizationLost'), 'the loss is noticed');
    await tenant.advance(minutes(30));
    broken = tenant.clock.now();
    await tenant.advance(hours(5));

    await tenant.connect('email', mailbox, support);
    await tenant.becomesConnected('email', mailbox);
    await tenant.embedded.caughtUp();
  }, 240_000);
  afterAll(async () => {
    await store?.close();
    await kept?.close();
    await tenant?.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  it('how it was before and while it was broken', async () => {
    expect(await status(healthy)).toMatchObject({ status: 'connected', problem: null });
    expect(await status(broken)).toMatchObject({
      status: 'error',
      problem: { code: 'authorization.revoked' },
    });
    expect(await status(tenant.clock.now())).toMatchObject({ status: 'connected' });

    const now = tenant.clock.now();
    const then = await statusThen(store, { provider: mailbox }, { at: broken.toISOString(), now });
    expect([...statusLines(then)].slice(0, 2)).toEqual([
      `${broken.toISOString()}  error`,
      expect.stringContaining('authorization.revoked since'),
    ]);
    const asked = (at: string) => statusThen(store, { provider: mailbox }, { at, now });
    await expect(asked('friday')).rejects.toThrow('--at with an instant');
    await expect(asked('2999-01-01T00:00:00Z')).rejects.toThrow('lies in the future');
    await expect(asked('2001-01-01T00:00:00Z')).rejects.toThrow('before this provider was added');
  });

  it('what happened, by whom', async () => {
    whole = [];
    for await (const each of history(store, { tenant: 'acme' })) whole.push(each);
    const types = whole.map(({ type }) => type);
    const inOrder = ['ConfigStored', 'MailboxAdded', 'Authorized', 'WatchStarted', 'AuthorizationLost'];
    expect(types.filter((type) => inOrder.includes(type)).slice(0, 5)).toEqual(inOrder);
    expect(types.lastIndexOf('Authorized')).toBeGreaterThan(types.indexOf('AuthorizationLost'));
    expect(one('Authorized')).toMatchObject({ by: 'admin' });

    // Over HTTP it is the same.
    const { history: overHttp } = await tenant.ask<{ history: TenantHappening[] }>(
      'GET',
      '/api/google/history?limit=500',
    );
    expect(overHttp.slice(0, whole.length)).toEqual(whole);
  });

  it('why the watch was renewed: back to who connected the mailbox', async () => {
    const renewed = whole.find(({ type }) => type === 'WatchRenewed')!;
    const chain = await why(store, { provider: mailbox }, renewed.id);
    expect(chain.causes.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['WatchRenewed', 'WatchStarted']),
    );
    expect(chain.causes[0]!.followed).toContain('The timer asked for RenewWatch');
    expect(chain.began.by).toBe('admin');
    const path = `/api/email/providers/${mailbox}/history/${renewed.id}/causes`;
    expect(await tenant.ask('GET', path)).toEqual(chain);
  });

  it('which refresh failed, which tokens were given out, and which secrets were read', async () => {
    const url = tenant.embedded.postgresUrl;
    const { trail: failed } = await trail(url, { tenant: 'acme', kind: 'refresh-failed' });
    expect(failed).toMatchObject([{ providerId: mailbox, detail: { problem: 'authorization.revoked' } }]);
    expect(failed[0]!.correlationId).toBe(one('AuthorizationLost').correlationId);
    const { trail: issued } = await trail(url, { tenant: 'acme', kind: 'access-token-issued' });
    expect(new Set(issued.map(({ service }) => service))).toEqual(new Set(['gmail']));
    const path = '/api/google/audit-trail?kind=secret-read&limit=1';
    const { trail: reads } = await tenant.ask<{ trail: unknown[] }>('GET', path);
    expect(reads).toHaveLength(1);
  });

  it('without being shown a secret', async () => {
    const url = tenant.embedded.postgresUrl;
    const exported = await tenant.call('GET', '/api/google/history/export');
    const entries = await trail(url, { tenant: 'acme', limit: '500' });
    const all = [exported.text, JSON.stringify(whole), JSON.stringify(entries)].join('\n');
    expect(exported.text.trimEnd().split('\n').length).toBeGreaterThanOrEqual(whole.length);
    for (const canary of ['ya29.', '1//', 'GOCSPX-', 'PRIVATE KEY', '4/0']) expect(all).not.toContain(canary);
  });

  it('whether anybody changed the story since it was signed', async () => {
    const url = tenant.embedded.postgresUrl;
    await tenant.advanceDays(1);
    const today = tenant.clock.now().toISOString().slice(0, 10);
    await tenant.until(() => isSignedOn(today), 'the heads are signed');
    const file = join(folder, 'heads.txt');
    await writeFile(file, await signedHeads(url, null));
    const { signingKey } = await tenant.embedded.folder.secrets();
    const signed = { file, publicKey: createPublicKey(await publicKey(signingKey)) };
    expect(told(await verify(kept, signed)).at(-1)).toBe('Every chain holds.');

    await tenant.database.query(
      `UPDATE events.events SET data = jsonb_set(data, '{problem,code}', '"authorization.unused"')
        WHERE type = 'AuthorizationLost'`,
    );
    const verification = await verify(kept, signed);
    expect(holds(verification)).toBe(false);
    expect(told(verification)[0]).toMatch(
      /^BROKEN {2}grant-acme\+\S+ at \d+ was changed after it was written/,
    );
  });

  const isSignedOn = (day: string): Promise<boolean> =>
    signedHeads(tenant.embedded.postgresUrl, day).then(
      () => true,
      () => false,
    );
});
