import { CompleteAuthorization, GetAccessToken, StartAuthorization, StoreConfig } from '#contracts/oauth';
import { accessTokenKey, gmailAppKeys, refreshTokenKey } from '#secrets/secret-keys';
import { days, minutes } from '#time/clock';
import { ALICE, baseUrl, BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

const gmailReadonly = 'https://www.googleapis.com/auth/gmail.readonly';
const pubsub = 'https://www.googleapis.com/auth/pubsub';

describe('connecting a mailbox', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
  });
  afterEach(() => running.close());

  const lastProblem = async () => (await running.events()).at(-1)!.data['problem'] as { code: string };

  it('leads from the consent page to a permission of the expected account', async () => {
    const { clientId } = await running.configured(oauth);
    const reply = await running.connect(oauth, 'p1');
    expect(reply).toEqual({
      ok: true,
      value: {
        tenantId: 't1',
        providerId: 'p1',
        openerOrigin: 'https://psa.example.com',
        connected: true,
        account: ALICE,
        problem: null,
      },
    });
    const [started, authorized] = await running.store.readStream('grant-t1+p1');
    expect(started).toMatchObject({ type: 'AuthorizationStarted', metadata: { by: 'user u1' } });
    expect(authorized).toMatchObject({
      type: 'Authorized',
      data: { account: ALICE, clientId, projectId: 'acme-psa', scopes: [gmailReadonly], expiresAt: null },
      metadata: { by: 'u1', tenantId: 't1', correlationId: started!.metadata.correlationId },
    });
    expect(await running.secrets.getTenantSecret('t1', refreshTokenKey('p1'))).toMatch(/^1\/\//);
  });

  it('asks for offline access with PKCE, for this connection’s scopes alone, as the expected account', async () => {
    await running.configured(oauth);
    const reply = await oauth.ask(StartAuthorization, {
      providerId: 'p1',
      product: 'gmail',
      expectedAccount: ALICE,
      userId: 'u1',
      openerOrigin: null,
    });
    const url = new URL(reply.ok ? reply.value.authUrl : '');
    expect(url.pathname).toBe('/o/oauth2/v2/auth');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      access_type: 'offline',
      prompt: 'consent',
      include_granted_scopes: 'false',
      login_hint: ALICE,
      code_challenge_method: 'S256',
      redirect_uri: `${baseUrl}/api/auth/google/callback`,
      scope: gmailReadonly,
      response_type: 'code',
    });
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    expect(url.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  });

  it('is refused while the Google app is incomplete, naming what is missing', async () => {
    await running.put(oauth, { projectId: 'acme-psa' });
    const reply = await oauth.ask(StartAuthorization, {
      providerId: 'p1',
      product: 'gmail',
      expectedAccount: ALICE,
      userId: 'u1',
      openerOrigin: null,
    });
    expect(reply).toEqual({
      ok: false,
      problem: {
        code: 'google-app.incomplete',
        params: { missing: 'gmail.clientId, gmail.clientSecret, serviceAccountKey' },
      },
    });
  });

  it('takes a state once only', async () => {
    await running.configured(oauth);
    const redirect = await running.consent(oauth, 'p1');
    const both = await Promise.all([
      oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect }),
      (await running.instance()).ask(CompleteAuthorization, { product: 'gmail', ...redirect }),
    ]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.find(({ ok }) => !ok)).toEqual({
      ok: false,
      problem: { code: 'authorization.state-unknown' },
    });
  });

  it('uses the state up also when the person refuses', async () => {
    await running.configured(oauth);
    const redirect = await running.consent(oauth, 'p1', { cancel: true });
    const reply = await oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect });
    expect(reply).toMatchObject({
      ok: true,
      value: {
        connected: false,
        problem: { code: 'authorization.denied', params: { expectedAccount: ALICE } },
      },
    });
    expect(await lastProblem()).toMatchObject({ code: 'authorization.denied' });
    const again = await oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect });
    expect(again).toMatchObject({ ok: false, problem: { code: 'authorization.state-unknown' } });
  });

  it('ends after ten minutes by the clock', async () => {
    await running.configured(oauth);
    const redirect = await running.consent(oauth, 'p1');
    running.clock.advance(minutes(10));
    const reply = await oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect });
    expect(reply).toMatchObject({
      ok: true,
      value: { connected: false, problem: { code: 'authorization.state-unknown' } },
    });
    expect(await running.typesOf('grant-t1+p1')).toEqual(['AuthorizationStarted', 'AuthorizationFailed']);
  });

  it('does not take a Gmail state at the calendar’s callback, nor another server’s answer', async () => {
    await running.configured(oauth);
    const redirect = await running.consent(oauth, 'p1');
    const elsewhere = await oauth.ask(CompleteAuthorization, { product: 'calendar', ...redirect });
    expect(elsewhere).toMatchObject({ value: { problem: { code: 'authorization.state-unknown' } } });
    const other = await running.consent(oauth, 'p1');
    const reply = await oauth.ask(CompleteAuthorization, {
      product: 'gmail',
      ...other,
      issuer: 'https://evil.example',
    });
    expect(reply).toMatchObject({ value: { problem: { code: 'authorization.google-error' } } });
    expect(await running.tokenRequests('authorization_code')).toBe(0);
  });

  it('fails for an account that was not expected, and gives its permission back', async () => {
    const { clientId } = await running.configured(oauth);
    const reply = await running.connect(oauth, 'p1', { account: BOB });
    expect(reply).toMatchObject({
      value: {
        connected: false,
        problem: { code: 'authorization.wrong-account', params: { account: BOB, expectedAccount: ALICE } },
      },
    });
    expect(await running.google.client.liveRefreshTokens(BOB, clientId)).toBe(0);
    expect(await running.secrets.getTenantSecret('t1', refreshTokenKey('p1'))).toBeUndefined();
  });

  it('takes the account in whatever letter case it was entered', async () => {
    await running.configured(oauth);
    const reply = await running.connect(oauth, 'p1', { expected: 'Alice@ACME.example', account: ALICE });
    expect(reply).toMatchObject({ value: { connected: true, account: ALICE } });
  });

  it('fails by name when a permission was not ticked, and leaves a working older one alone', async () => {
    const withPubsub = await running.instance({ REQUEST_PUBSUB_SCOPE: 'true' });
    const { clientId } = await running.configured(withPubsub);
    await running.connect(withPubsub, 'p1');
    const reply = await running.connect(withPubsub, 'p1', { untick: [pubsub] });
    expect(reply).toMatchObject({
      value: { problem: { code: 'authorization.scope-missing', params: { scopes: pubsub } } },
    });
    await running.advance(minutes(70));
    expect(await withPubsub.ask(GetAccessToken, { providerId: 'p1' })).toMatchObject({ ok: true });
    expect(await running.google.client.liveRefreshTokens(ALICE, clientId)).toBe(2);
  });

  it('gives a permission that lacks a scope back when nobody lives on the project', async () => {
    const withPubsub = await running.instance({ REQUEST_PUBSUB_SCOPE: 'true' });
    const { clientId } = await running.configured(withPubsub);
    await running.connect(withPubsub, 'p1', { untick: [pubsub] });
    expect(await running.google.client.liveRefreshTokens(ALICE, clientId)).toBe(0);
  });

  it('says that an app in Testing lets the connection end in seven days', async () => {
    await running.configured(oauth, { publishingStatus: 'testing' });
    const begun = running.clock.now().getTime();
    const reply = await running.connect(oauth, 'p1');
    expect(reply).toMatchObject({
      value: { connected: true, problem: { code: 'authorization.testing-mode' } },
    });
    const { data } = (await running.events()).at(-1)!;
    expect(data['limitedBy']).toBe('testing');
    const ends = Date.parse(String(data['expiresAt']));
    expect(Math.abs(ends - begun - days(7))).toBeLessThan(minutes(2));
  });

  it('says that a permission for a limited time ends, and that it did', async () => {
    await running.configured(oauth);
    const reply = await running.connect(oauth, 'p1', { accessSeconds: 86_400 });
    expect(reply).toMatchObject({
      value: { connected: true, problem: { code: 'authorization.time-limited' } },
    });
    await running.advance(days(2));
    expect(await oauth.ask(GetAccessToken, { providerId: 'p1' })).toMatchObject({
      ok: false,
      problem: { code: 'authorization.time-limit-reached' },
    });
  });

  it('names the address to register when the redirect was not', async () => {
    const project = await running.configured(oauth);
    const redirect = await running.consent(oauth, 'p1');
    await running.google.client.addFault({
      match: { pathPattern: '^/token$' },
      effect: { kind: 'oauth-error', code: 400, error: 'redirect_uri_mismatch', description: 'Bad Request' },
    });
    expect(await oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect })).toMatchObject({
      value: {
        problem: {
          code: 'oauth-client.redirect-mismatch',
          params: { redirectUri: `${baseUrl}/api/auth/google/callback`, projectId: project.projectId },
        },
      },
    });
  });

  it('bears a disturbance at Google that passes at once', async () => {
    await running.configured(oauth);
    const redirect = await running.consent(oauth, 'p1');
    for (const pathPattern of ['^/token$', '/profile$'])
      await running.google.client.addFault({
        match: { pathPattern },
        effect: { kind: 'html', code: 502 },
        times: 1,
      });
    expect(await oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect })).toMatchObject({
      value: { connected: true },
    });
  });

  it('names the API that is not enabled', async () => {
    await running.configured(oauth, { enabledApis: ['pubsub.googleapis.com'] });
    expect(await running.connect(oauth, 'p1')).toMatchObject({
      value: { connected: false, problem: { code: 'gmail.api-disabled' } },
    });
  });

  it('fails when the client was replaced while the consent page was open', async () => {
    await running.configured(oauth);
    const redirect = await running.consent(oauth, 'p1');
    const other = await running.google.client.createClient('acme-psa', { redirectUris: [] });
    await running.put(oauth, { gmailClientId: other.clientId }, { gmailClientSecret: other.clientSecret });
    expect(await oauth.ask(CompleteAuthorization, { product: 'gmail', ...redirect })).toMatchObject({
      value: { connected: false, problem: { code: 'authorization.client-changed' } },
    });
    expect(await running.tokenRequests('authorization_code')).toBe(0);
  });

  it('lets the same account connect again and keeps one living permission', async () => {
    await running.configured(oauth);
    await running.connect(oauth, 'p1');
    const former = await running.secrets.getTenantSecret('t1', refreshTokenKey('p1'));
    expect(await running.connect(oauth, 'p1')).toMatchObject({ value: { connected: true } });
    expect(await running.secrets.getTenantSecret('t1', refreshTokenKey('p1'))).not.toBe(former);
    expect(await oauth.ask(GetAccessToken, { providerId: 'p1' })).toMatchObject({ ok: true });
  });

  it('serves no token that a connecting stored before it was cut off for another account', async () => {
    await running.configured(oauth);
    await running.connect(oauth, 'p1');
    const { clientId } = (await running.store.readStream('grant-t1+p1'))[1]!.data;
    await running.secrets.changeTenantSecrets('t1', {
      [refreshTokenKey('p1')]: '1//of-bob',
      [accessTokenKey('p1')]: JSON.stringify({
        accessToken: 'ya29.of-bob',
        expiresAt: new Date(running.clock.now().getTime() + minutes(50)).toISOString(),
        account: BOB,
        clientId,
      }),
    });
    expect(await oauth.ask(GetAccessToken, { providerId: 'p1' })).toMatchObject({
      ok: false,
      problem: { code: 'authorization.missing' },
    });
  });

  it('never shows a secret in an event, a log line or a reply', async () => {
    const project = await running.configured(oauth, { publishingStatus: 'testing' });
    await running.connect(oauth, 'p1');
    await running.connect(oauth, 'p2', { cancel: true });
    await running.google.client.addFault({
      match: { pathPattern: '/profile$' },
      effect: { kind: 'error', code: 403, reason: 'domainPolicy' },
    });
    await running.connect(oauth, 'p3');
    await running.advance(days(8));
    await oauth.ask(GetAccessToken, { providerId: 'p1' });
    await oauth.ask(StoreConfig, { stagedSecretsId: 'none' });
    const stored = await running.secrets.getTenantSecrets('t1', [
      refreshTokenKey('p1'),
      gmailAppKeys.clientSecret,
    ]);
    const access = JSON.parse((await running.secrets.getTenantSecret('t1', accessTokenKey('p1')))!) as {
      accessToken: string;
    };
    const canaries = [
      ...Object.values(stored),
      project.clientSecret,
      access.accessToken,
      'PRIVATE KEY',
      '1//',
      'ya29.',
      'GOCSPX',
    ];
    const shown = [
      JSON.stringify(await running.events()),
      ...running.logged,
      // The address of the consent page and its state are the caller's to open.
      ...running.replies.filter((reply) => !reply.includes('authUrl')),
    ].join('\n');
    for (const canary of canaries) expect(shown).not.toContain(canary);
    const rows = await running.database.query('SELECT * FROM authorization_attempts');
    expect(JSON.stringify(rows)).not.toMatch(/code_verifier|GOCSPX/);
  });
});
