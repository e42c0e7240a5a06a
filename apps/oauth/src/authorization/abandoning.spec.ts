import { CompleteAuthorization, ForgetGrant } from '#contracts/oauth';
import { AbandonAuthorization, GetForgottenPermission } from '#contracts/oauth-reset';
import { ALICE, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('abandoning consents', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    await running.configured(oauth);
  });
  afterEach(() => running.close());

  const abandon = (providerId = 'p1') => oauth.ask(AbandonAuthorization, { providerId });
  const complete = (redirect: { state: string }) =>
    oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect });

  it('lets whoever comes back from Google connect nothing, and tells nothing of it', async () => {
    const redirect = await running.consent(oauth, 'p1');
    const begun = (await running.store.readStream('grant-t1+p1')).at(-1)!.metadata.at;
    expect(await abandon()).toEqual({ ok: true, value: { abandoned: 1, soughtAt: begun } });
    expect(await complete(redirect)).toMatchObject({
      ok: false,
      problem: { code: 'authorization.state-unknown' },
    });
    expect(await running.typesOf('grant-t1+p1')).toEqual(['AuthorizationStarted']);
    expect(await running.tokenRequests('authorization_code')).toBe(0);
  });

  it('concerns one provider of one tenant', async () => {
    const redirect = await running.consent(oauth, 'p2');
    expect(await abandon('p1')).toEqual({ ok: true, value: { abandoned: 0, soughtAt: null } });
    await oauth.ask(AbandonAuthorization, { providerId: 'p2' }, 't2');
    expect(await complete(redirect)).toMatchObject({ ok: true, value: { connected: true } });
  });

  it('comes before a consent that is being completed, or after all of it', async () => {
    const other = await running.instance();
    const redirect = await running.consent(other, 'p1');
    const [completed] = await Promise.all([
      other.ask(CompleteAuthorization, { product: 'gmail', ...redirect }),
      abandon(),
    ]);
    const told = await running.typesOf('grant-t1+p1');
    expect(told).toEqual(completed.ok ? ['AuthorizationStarted', 'Authorized'] : ['AuthorizationStarted']);
  });

  it('takes a state once, also from two that come back at the same time', async () => {
    const redirect = await running.consent(oauth, 'p1');
    const replies = await Promise.all([complete(redirect), complete(redirect)]);
    expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it('says afterwards what became of the permission, however often it is asked', async () => {
    const since = running.clock.now().toISOString();
    await running.connect(oauth, 'p1');
    const ask = () => oauth.ask(GetForgottenPermission, { providerId: 'p1', since });
    expect(await ask()).toEqual({ ok: true, value: { permission: null } });
    await oauth.ask(ForgetGrant, { providerId: 'p1', reason: 'reset' });
    await oauth.ask(ForgetGrant, { providerId: 'p1', reason: 'reset' });
    const permission = { account: ALICE, projectId: 'acme-psa', revoked: true };
    expect(await ask()).toEqual({ ok: true, value: { permission } });
    running.clock.advance(1);
    const later = { providerId: 'p1', since: running.clock.now().toISOString() };
    expect(await oauth.ask(GetForgottenPermission, later)).toEqual({ ok: true, value: { permission: null } });
  });
});
