import { CompleteAuthorization, GetAccessToken } from '#contracts/oauth';
import { ALICE, BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('a redirect that Google did not send for this attempt', () => {
  let running: RunningOAuth;
  let one: Instance;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    one = await running.instance();
    await running.configured(one);
  });
  afterEach(() => running?.close());

  const complete = (instance: Instance, redirect: Awaited<ReturnType<RunningOAuth['consent']>>) =>
    instance.ask(CompleteAuthorization, { product: 'gmail', ...redirect });

  it('carries a code of another attempt: it is worth nothing there, and a working permission stays', async () => {
    await running.connect(one, 'p1');
    const before = await one.ask(GetAccessToken, { providerId: 'p1' });
    const [mine, theirs] = [
      await running.consent(one, 'p1'),
      await running.consent(one, 'p2', { expected: BOB }),
    ];
    const reply = await complete(one, { ...theirs, state: mine.state });
    expect(reply).toMatchObject({
      ok: true,
      value: { connected: false, problem: { code: 'authorization.code-refused' } },
    });
    expect(await one.ask(GetAccessToken, { providerId: 'p1' })).toEqual(before);
    expect(await running.typesOf('grant-t1+p2')).toEqual(['AuthorizationStarted']);
  });

  it('comes to the process in another tenant’s name: it still counts for the one that began', async () => {
    const redirect = await running.consent(one, 'p1');
    const reply = await one.ask(CompleteAuthorization, { product: 'gmail', ...redirect }, 't2');
    expect(reply).toMatchObject({ ok: true, value: { tenantId: 't1', connected: true, account: ALICE } });
    expect(await running.events('t2')).toEqual([]);
    expect(await one.ask(GetAccessToken, { providerId: 'p1' }, 't2')).toMatchObject({
      ok: false,
      problem: { code: 'authorization.missing' },
    });
  });
});
