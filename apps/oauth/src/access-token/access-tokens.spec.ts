import { ForgetGrant, GetAccessToken } from '#contracts/oauth';
import { accessTokenKey, gmailAppKeys, refreshTokenKey } from '#secrets/secret-keys';
import { days, minutes, seconds } from '#time/clock';
import { tokenHash } from '../grant/grant-tokens.js';
import { ALICE, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('access tokens', () => {
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

  const ask = (instance = oauth, refusedTokenHash?: string) =>
    instance.ask(GetAccessToken, { providerId: 'p1', ...(refusedTokenHash && { refusedTokenHash }) });
  const token = async (instance = oauth, refusedTokenHash?: string): Promise<string> => {
    const reply = await ask(instance, refusedTokenHash);
    if (!reply.ok) throw new Error(reply.problem.code);
    return reply.value.accessToken;
  };
  const problemCode = async (instance = oauth): Promise<string> => {
    const reply = await ask(instance);
    return reply.ok ? 'a token' : reply.problem.code;
  };
  const refreshes = () => running.tokenRequests('refresh_token');
  const history = () => running.typesOf('grant-t1+p1');
  const formerSecret = (): string => {
    const { secrets } = running.google.world.client(project.clientId)!.client;
    return secrets.find(({ value }) => value === project.clientSecret)!.id;
  };
  const tokenEndpointSays = (code: number, error: string, times?: number) =>
    running.google.client.addFault({
      match: { pathPattern: '^/token$' },
      effect: { kind: 'oauth-error', code, error },
      ...(times !== undefined && { times }),
    });

  it('need no refresh right after connecting', async () => {
    expect(await token()).toMatch(/^ya29\./);
    expect(await refreshes()).toBe(0);
  });

  it('are refreshed once, however many ask at once in however many processes', async () => {
    const other = await running.instance();
    await running.advance(minutes(58));
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, index) => token(index % 2 === 0 ? oauth : other)),
    );
    expect(new Set(all).size).toBe(1);
    expect(await refreshes()).toBe(1);
  });

  it('are refreshed five minutes before they expire, and not before', async () => {
    const first = await token();
    await running.advance(minutes(54));
    expect(await token()).toBe(first);
    await running.advance(minutes(1));
    expect(await token()).not.toBe(first);
  });

  it('outlive the process that got them', async () => {
    await running.advance(minutes(58));
    const got = await token();
    expect(await token(await running.instance())).toBe(got);
    expect(await refreshes()).toBe(1);
  });

  it('are replaced when Google refuses one, unless somebody did so already', async () => {
    const other = await running.instance();
    const first = await token();
    expect(await token(other)).toBe(first);
    const second = await token(oauth, tokenHash(first));
    expect(second).not.toBe(first);
    expect(await token(other, tokenHash(first))).toBe(second);
    expect(await refreshes()).toBe(1);
  });

  it('keep the refresh token when Google answers none', async () => {
    const kept = await running.secrets.getTenantSecret('t1', refreshTokenKey('p1'));
    await running.advance(minutes(58));
    await token();
    expect(await running.secrets.getTenantSecret('t1', refreshTokenKey('p1'))).toBe(kept);
  });

  it('end with the permission: told once, and Google is not asked again', async () => {
    await running.google.client.removeApp(ALICE, project.projectId);
    await running.advance(minutes(58));
    const other = await running.instance();
    const codes = await Promise.all([problemCode(), problemCode(other), problemCode(), problemCode(other)]);
    expect(new Set(codes)).toEqual(new Set(['authorization.revoked']));
    expect(await problemCode()).toBe('authorization.revoked');
    expect(await history()).toEqual(['AuthorizationStarted', 'Authorized', 'AuthorizationLost']);
    expect(await refreshes()).toBe(1);
    await running.connect(oauth, 'p1');
    expect(await problemCode()).toBe('a token');
  });

  it('survive the client’s secret being replaced, and work again as soon as it is stored', async () => {
    const { clientSecret } = await running.google.client.addSecret(project.clientId);
    await running.google.client.enableSecret(project.clientId, formerSecret(), false);
    await running.advance(minutes(61));
    expect(await problemCode()).toBe('oauth-client.secret-refused');
    expect(await problemCode(await running.instance())).toBe('oauth-client.secret-refused');
    expect(await history()).toEqual(['AuthorizationStarted', 'Authorized', 'AccessTokenRefused']);

    await running.put(oauth, {}, { gmailClientSecret: clientSecret });
    expect(await problemCode()).toBe('a token');
    expect(await history()).toEqual([
      'AuthorizationStarted',
      'Authorized',
      'AccessTokenRefused',
      'AccessTokenRefreshed',
    ]);
  });

  it('are not asked for again within a minute while the tenant’s settings are refused', async () => {
    await running.google.client.changeClient(project.clientId, { state: 'disabled' });
    await running.advance(minutes(61));
    for (let times = 0; times < 5; times++) expect(await problemCode()).toBe('oauth-client.disabled');
    expect(await refreshes()).toBe(1);
    await running.google.client.changeClient(project.clientId, { state: 'active' });
    await running.advance(minutes(1) + seconds(1));
    expect(await problemCode()).toBe('a token');
    expect((await history()).slice(2)).toEqual(['AccessTokenRefused', 'AccessTokenRefreshed']);
  });

  it('tell nothing of a disturbance that passes, and never end for it', async () => {
    await tokenEndpointSays(503, 'internal_failure');
    await running.advance(minutes(61));
    expect(await problemCode()).toBe('google.sign-in-unavailable');
    await running.google.client.clearFaults();
    expect(await problemCode()).toBe('a token');
    expect(await history()).toEqual(['AuthorizationStarted', 'Authorized']);
  });

  it('are served from what is left while Google is disturbed', async () => {
    const first = await token();
    await tokenEndpointSays(503, 'internal_failure');
    await running.advance(minutes(57));
    expect(await token()).toBe(first);
    await running.advance(minutes(3));
    expect(await problemCode()).toBe('google.sign-in-unavailable');
  });

  it('end after seven days in Testing, told by that name', async () => {
    await running.google.client.changeProject(project.projectId, {
      publishingStatus: 'testing',
      testUsers: [ALICE],
    });
    await running.connect(oauth, 'p1');
    await running.advance(days(7) + minutes(1));
    expect(await problemCode()).toBe('authorization.testing-expired');
  });

  it.each([
    [400, 'admin_policy_enforced', 'authorization.admin-policy', 'AuthorizationLost'],
    [401, 'deleted_client', 'oauth-client.deleted', 'AuthorizationLost'],
    [401, 'unauthorized_client', 'oauth-client.unauthorized', 'AccessTokenRefused'],
  ])('%d %s from Google is told as %s by %s', async (status, error, code, event) => {
    await tokenEndpointSays(status, error, 1);
    await running.advance(minutes(61));
    expect(await problemCode()).toBe(code);
    expect((await history()).slice(2)).toEqual([event]);
  });

  it('are told to come again as soon as a missing secret is stored again', async () => {
    const secret = project.clientSecret;
    await running.secrets.deleteTenantSecret('t1', gmailAppKeys.clientSecret);
    const other = await running.instance();
    expect(await problemCode(other)).toBe('google-app.incomplete');
    await running.put(oauth, {}, { gmailClientSecret: secret });
    expect(await problemCode(other)).toBe('a token');
    expect((await history()).slice(2)).toEqual(['AccessTokenRefused', 'AccessTokenRefreshed']);
  });

  it('are served from what is left while the tenant’s settings are refused', async () => {
    const first = await token();
    await tokenEndpointSays(401, 'invalid_client');
    await running.advance(minutes(57));
    expect(await token()).toBe(first);
    expect(await token()).toBe(first);
    expect(await refreshes()).toBe(1);
    expect((await history()).slice(2)).toEqual(['AccessTokenRefused']);
  });

  it('end when another client is stored', async () => {
    const other = await running.google.client.createClient(project.projectId, { redirectUris: [] });
    await running.put(oauth, { gmailClientId: other.clientId }, { gmailClientSecret: other.clientSecret });
    running.clock.advance(seconds(31));
    expect(await problemCode()).toBe('authorization.client-changed');
    expect((await history()).at(-1)).toBe('AuthorizationLost');
    expect(await refreshes()).toBe(0);
  });

  it('are gone everywhere within half a minute after the permission was forgotten', async () => {
    const other = await running.instance();
    await token(other);
    await oauth.ask(ForgetGrant, { providerId: 'p1', reason: 'removed' });
    expect(await problemCode()).toBe('authorization.missing');
    running.clock.advance(seconds(30));
    expect(await problemCode(other)).toBe('authorization.missing');
    expect(await running.secrets.getTenantSecret('t1', accessTokenKey('p1'))).toBeUndefined();
  });

  it('of another tenant are out of reach', async () => {
    const reply = await oauth.ask(GetAccessToken, { providerId: 'p1' }, 't2');
    expect(reply).toEqual({ ok: false, problem: { code: 'authorization.missing' } });
  });
});
