import { CompleteAuthorization, ForgetGrant, GetAccessToken } from '#contracts/oauth';
import { minutes } from '#time/clock';
import { ALICE, BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('forgetting a permission', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  let clientId: string;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    ({ clientId } = await running.configured(oauth));
    await running.connect(oauth, 'p1');
  });
  afterEach(() => running.close());

  const forget = (providerId = 'p1') => oauth.ask(ForgetGrant, { providerId, reason: 'removed' });
  const told = async (providerId = 'p1') =>
    (await running.store.readStream(`grant-t1+${providerId}`)).at(-1)!;

  it('revokes it at Google and deletes its tokens', async () => {
    expect(await forget()).toEqual({ ok: true, value: { revoked: true } });
    expect(await told()).toMatchObject({
      type: 'GrantForgotten',
      data: { product: 'gmail', reason: 'removed', revoked: true },
    });
    expect(await running.google.client.liveRefreshTokens(ALICE, clientId)).toBe(0);
    expect((await running.secrets.listTenantSecretKeys('t1')).join()).not.toContain('token');
  });

  it('leaves what another provider of the same account lives on, and revokes with the last of them', async () => {
    await running.connect(oauth, 'p2');
    expect(await forget('p1')).toEqual({ ok: true, value: { revoked: false } });
    await running.advance(minutes(61));
    expect(await oauth.ask(GetAccessToken, { providerId: 'p2' })).toMatchObject({ ok: true });
    expect(await forget('p2')).toEqual({ ok: true, value: { revoked: true } });
  });

  it('spares a sibling also when two are forgotten and connected at the same moment', async () => {
    const other = await running.instance();
    const redirect = await running.consent(other, 'p2');
    await Promise.all([forget('p1'), other.ask(CompleteAuthorization, { product: 'gmail', ...redirect })]);
    await running.advance(minutes(61));
    const lives = await oauth.ask(GetAccessToken, { providerId: 'p2' });
    const connected = (await told('p2')).type === 'Authorized';
    expect(lives.ok).toBe(connected);
  });

  it('revokes although another account of the tenant lives on', async () => {
    await running.connect(oauth, 'p2', { expected: BOB });
    expect(await forget('p1')).toEqual({ ok: true, value: { revoked: true } });
    expect(await running.google.client.liveRefreshTokens(BOB, clientId)).toBe(1);
  });

  it('works while Google does not answer, and tells that nothing was revoked', async () => {
    await running.google.client.addFault({
      match: { pathPattern: '^/revoke$' },
      effect: { kind: 'drop' },
    });
    expect(await forget()).toEqual({ ok: true, value: { revoked: false } });
    expect(await told()).toMatchObject({ type: 'GrantForgotten', data: { revoked: false } });
    expect((await running.secrets.listTenantSecretKeys('t1')).join()).not.toContain('token');
  });

  it('counts a permission that the person ended already as revoked', async () => {
    await running.google.client.removeApp(ALICE, 'acme-psa');
    expect(await forget()).toMatchObject({ ok: true });
    expect(await told()).toMatchObject({ type: 'GrantForgotten' });
  });

  it('is done once', async () => {
    await forget();
    expect(await forget()).toEqual({ ok: true, value: { revoked: false } });
    expect((await running.typesOf('grant-t1+p1')).filter((type) => type === 'GrantForgotten')).toHaveLength(
      1,
    );
  });

  it('of nothing is done already', async () => {
    expect(await forget('p9')).toEqual({ ok: true, value: { revoked: false } });
    expect(await running.typesOf('grant-t1+p9')).toEqual([]);
  });
});
