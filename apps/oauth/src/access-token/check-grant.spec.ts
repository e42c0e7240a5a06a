import { GetAccessToken } from '#contracts/oauth';
import { CheckGrant } from '#contracts/oauth-upkeep';
import { minutes } from '#time/clock';
import { ALICE, BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('proving a permission', () => {
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

  const check = (providerId = 'p1', instance = oauth) => instance.ask(CheckGrant, { providerId });
  const works = { ok: true, value: { works: true, problem: null } };
  const refreshes = () => running.tokenRequests('refresh_token');
  const history = () => running.typesOf('grant-t1+p1');
  const disturbed = () =>
    running.google.client.addFault({
      match: { pathPattern: '^/token$' },
      effect: { kind: 'oauth-error', code: 503, error: 'internal_failure' },
    });

  it('gets the next token long before the present one ends, and tells nothing of it', async () => {
    await running.advance(minutes(45));
    expect(await check()).toEqual(works);
    expect(await refreshes()).toBe(1);
    await running.advance(minutes(45));
    expect(await oauth.ask(GetAccessToken, { providerId: 'p1' })).toMatchObject({ ok: true });
    expect(await refreshes()).toBe(1);
    expect(await history()).toEqual(['AuthorizationStarted', 'Authorized']);
  });

  it('asks nothing of Google that it just answered', async () => {
    expect(await check()).toEqual(works);
    expect(await refreshes()).toBe(0);
    await running.advance(minutes(9));
    expect(await check()).toEqual(works);
    expect(await refreshes()).toBe(1);
  });

  it('is done once, in however many processes it is asked for at once', async () => {
    const other = await running.instance();
    await running.advance(minutes(45));
    const all = [check('p1', oauth), check('p1', other), check('p1', other), check('p1', oauth)];
    expect(await Promise.all(all)).toEqual([works, works, works, works]);
    expect(await refreshes()).toBe(1);
  });

  it('finds it dead within the hour, although nobody used it, and never asks Google for it again', async () => {
    await running.google.client.removeApp(ALICE, project.projectId);
    await running.advance(minutes(50));
    expect(await check()).toMatchObject({
      ok: true,
      value: { works: false, problem: { code: 'authorization.revoked' } },
    });
    expect((await history()).at(-1)).toBe('AuthorizationLost');
    for (let times = 0; times < 3; times++) {
      await running.advance(minutes(50));
      expect(await check()).toMatchObject({ ok: true, value: { works: false } });
      expect(await check('p1', await running.instance())).toMatchObject({
        ok: true,
        value: { works: false },
      });
    }
    expect(await refreshes()).toBe(1);
  });

  it('has nothing to ask where none is, or none any more', async () => {
    expect(await check('nobody')).toEqual({
      ok: true,
      value: { works: false, problem: { code: 'authorization.missing' } },
    });
    expect(await refreshes()).toBe(0);
  });

  it('costs the others nothing when one is dead', async () => {
    await running.connect(oauth, 'p2', { expected: BOB });
    await running.google.client.removeApp(ALICE, project.projectId);
    await running.google.client.clearRequests();
    for (let hour = 0; hour < 3; hour++) {
      await running.advance(minutes(48));
      await check('p1');
      expect(await check('p2')).toEqual(works);
    }
    // One to learn that the first is dead, and the second's own three.
    expect(await running.google.client.requests()).toHaveLength(4);
    expect(await running.typesOf('grant-t1+p2')).toEqual(['AuthorizationStarted', 'Authorized']);
  });

  it('is asked for again when Google is disturbed, without a word as long as a token lives', async () => {
    await disturbed();
    await running.advance(minutes(45));
    expect(await check()).toMatchObject({ ok: false, problem: { code: 'google.sign-in-unavailable' } });
    expect(await oauth.ask(GetAccessToken, { providerId: 'p1' })).toMatchObject({ ok: true });
    await running.google.client.clearFaults();
    expect(await check()).toEqual(works);
    expect(await history()).toEqual(['AuthorizationStarted', 'Authorized']);
  });

  it('keeps nobody from the token that lives, who asks while the next one cannot be had', async () => {
    await disturbed();
    await running.advance(minutes(45));
    const [checked, ...served] = await Promise.all([
      check(),
      ...Array.from({ length: 4 }, () => oauth.ask(GetAccessToken, { providerId: 'p1' })),
    ]);
    expect(checked).toMatchObject({ ok: false });
    expect(served.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  it('tells of a disturbance once the last token has ended, once, and when it is over', async () => {
    await disturbed();
    await running.advance(minutes(61));
    for (let times = 0; times < 3; times++) {
      expect(await check()).toMatchObject({ ok: false });
      await running.advance(minutes(15));
    }
    expect(await history()).toEqual(['AuthorizationStarted', 'Authorized', 'AccessTokenRefused']);
    await running.google.client.clearFaults();
    expect(await check()).toEqual(works);
    expect((await history()).at(-1)).toBe('AccessTokenRefreshed');
  });

  it('notices by itself that somebody mended what Google refused', async () => {
    await running.google.client.changeClient(project.clientId, { state: 'disabled' });
    await running.advance(minutes(45));
    expect(await check()).toEqual({
      ok: true,
      value: { works: false, problem: { code: 'oauth-client.disabled' } },
    });
    await running.google.client.changeClient(project.clientId, { state: 'active' });
    await running.advance(minutes(15));
    expect(await check()).toEqual(works);
    expect((await history()).slice(2)).toEqual(['AccessTokenRefused', 'AccessTokenRefreshed']);
  });
});
