import { ClearConfig, ForgetGrant, GetAccessToken } from '#contracts/oauth';
import { accepted, refused } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { refreshTokenKey, type SecretKey } from '#secrets/secret-keys';
import { SecretsProvider } from '#secrets/secrets-provider';
import { minutes } from '#time/clock';
import { ALICE, BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('removing the Google app', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  let project: Awaited<ReturnType<RunningOAuth['configured']>>;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    project = await running.configured(oauth);
    await running.connect(oauth, 'mail');
    await running.connect(oauth, 'calendar', { product: 'calendar' });
    await running.connect(oauth, 'bobs', { expected: BOB });
  });
  afterEach(() => running.close());

  const clear = (instance = oauth) => instance.ask(ClearConfig, {});
  const app = async () => (await running.typesOf('googleApp-t1')).slice(1);
  const last = async (providerId: string) =>
    (await running.store.readStream(`grant-t1+${providerId}`)).at(-1);
  const goOn = async (instance: Instance) => {
    const begun = (await running.store.readStream('googleApp-t1')).findLast(
      ({ type }) => type === 'RemovalBegun',
    )!;
    const reactor = instance.processors.find(({ id }) => id === 'oauth.go-on-with-removal');
    if (reactor?.kind !== 'reactor') throw new Error('There is no reactor.');
    return reactor.react(begun);
  };

  it('disconnects every provider while its token still works, and only then revokes, forgets and removes', async () => {
    const tokensWork: boolean[] = [];
    running.neighbour = async (_, providerId) => {
      tokensWork.push((await oauth.ask(GetAccessToken, { providerId })).ok);
      return accepted({ providerId });
    };
    expect(await clear()).toMatchObject({ ok: true, value: { badge: 'not-configured' } });
    expect(running.asked.sort()).toEqual([
      'DisconnectCalendar calendar',
      'DisconnectMailbox bobs',
      'DisconnectMailbox mail',
    ]);
    expect(tokensWork).toEqual([true, true, true]);
    for (const providerId of ['mail', 'calendar', 'bobs'])
      expect(await last(providerId)).toMatchObject({ type: 'GrantForgotten', data: { revoked: true } });
    expect(await app()).toEqual(['RemovalBegun', 'ConfigCleared']);
    expect(await running.secrets.listTenantSecretKeys('t1')).toEqual([]);
    for (const account of [ALICE, BOB])
      expect(await running.google.client.liveRefreshTokens(account, project.clientId)).toBe(0);
  });

  it('goes well with the neighbours’ own follow-up, which forgets each permission as soon as it is disconnected', async () => {
    running.neighbour = async (_, providerId, { tenantId }) => {
      await oauth.ask(ForgetGrant, { providerId, reason: 'disconnected' }, tenantId);
      return accepted({ providerId });
    };
    expect(await clear()).toMatchObject({ ok: true, value: { badge: 'not-configured' } });
    expect(await running.typesOf('grant-t1+mail')).toEqual([
      'AuthorizationStarted',
      'Authorized',
      'GrantForgotten',
    ]);
    for (const account of [ALICE, BOB])
      expect(await running.google.client.liveRefreshTokens(account, project.clientId)).toBe(0);
  });

  it('takes nothing away while a service that has to stop a watch is away, and goes on by itself afterwards', async () => {
    running.neighbour = (_, providerId) =>
      Promise.resolve(
        providerId === 'bobs'
          ? refused(problem('service.unavailable', { service: 'gmail' }))
          : accepted({ providerId }),
      );
    expect(await clear()).toMatchObject({ ok: false, problem: { code: 'service.unavailable' } });
    expect(await app()).toEqual(['RemovalBegun']);
    expect(await running.secrets.getTenantSecret('t1', refreshTokenKey('bobs'))).toBeDefined();
    const other = await running.instance();
    expect(await goOn(other)).toEqual({ retry: 'service.unavailable' });

    running.neighbour = (_, providerId) => Promise.resolve(accepted({ providerId }));
    expect(await goOn(other)).toBe('done');
    expect(await goOn(other)).toBe('done');
    expect(await app()).toEqual(['RemovalBegun', 'ConfigCleared']);
    expect(await running.secrets.listTenantSecretKeys('t1')).toEqual([]);
  });

  it.each(
    [1, 2, 3, 4].flatMap((step) => [
      [step, 'before'],
      [step, 'after'],
    ]) as [number, 'before' | 'after'][],
  )('is finished after a crash at step %d of taking secrets away, %s it was done', async (step, when) => {
    const dying = await running.instance({}, dyingSecrets(running.secrets, step, when));
    await expect(clear(dying)).rejects.toThrow('killed');
    expect(await goOn(await running.instance())).toBe('done');
    expect(await app()).toEqual(['RemovalBegun', 'ConfigCleared']);
    expect(await running.secrets.listTenantSecretKeys('t1')).toEqual([]);
    for (const providerId of ['mail', 'calendar', 'bobs'])
      expect(
        (await running.typesOf(`grant-t1+${providerId}`)).filter((type) => type === 'GrantForgotten'),
      ).toHaveLength(1);
    for (const account of [ALICE, BOB])
      expect(await running.google.client.liveRefreshTokens(account, project.clientId)).toBe(0);
  });

  it('is done once when two ask for it in two processes', async () => {
    const other = await running.instance();
    const replies = await Promise.all([clear(), clear(other)]);
    expect(replies.map(({ ok }) => ok)).toEqual([true, true]);
    expect(await app()).toEqual(['RemovalBegun', 'ConfigCleared']);
    expect(running.asked).toHaveLength(3);
  });

  it('is called off by storing an app anew', async () => {
    running.neighbour = () => Promise.resolve(refused(problem('service.unavailable', { service: 'gmail' })));
    await clear();
    await running.put(oauth, { projectId: project.projectId });
    running.neighbour = (_, providerId) => Promise.resolve(accepted({ providerId }));
    expect(await goOn(oauth)).toBe('done');
    await running.advance(minutes(45));
    expect(await oauth.ask(GetAccessToken, { providerId: 'mail' })).toMatchObject({ ok: true });
  });

  it('takes no secret of an app that was stored while providers were being disconnected', async () => {
    running.neighbour = async (_, providerId) => {
      await running.put(oauth, { projectId: project.projectId });
      return accepted({ providerId });
    };
    expect(await clear()).toMatchObject({ ok: true, value: { badge: 'ready' } });
    expect(await app()).toEqual(['RemovalBegun', 'ConfigStored']);
    expect(await running.secrets.getTenantSecret('t1', refreshTokenKey('mail'))).toBeDefined();
  });

  it('does not stop at a provider that is gone already', async () => {
    running.neighbour = () => Promise.resolve(refused(problem('mailbox.not-found', { providerId: 'x' })));
    expect(await clear()).toMatchObject({ ok: true });
    expect(await running.secrets.listTenantSecretKeys('t1')).toEqual([]);
  });
});

/** Of a process that dies at the given change. */
function dyingSecrets(secrets: SecretsProvider, step: number, when: 'before' | 'after'): SecretsProvider {
  let changes = 0;
  return new SecretsProvider({
    read: async (tenantId, keys) =>
      new Map(Object.entries(await secrets.getTenantSecrets(tenantId, keys)) as [SecretKey, string][]),
    list: (tenantId) => secrets.listTenantSecretKeys(tenantId),
    change: async (tenantId, wanted) => {
      changes++;
      if (changes > step || (changes === step && when === 'before')) throw new Error('killed');
      await secrets.changeTenantSecrets(tenantId, Object.fromEntries(wanted));
      if (changes === step) throw new Error('killed');
    },
  });
}
