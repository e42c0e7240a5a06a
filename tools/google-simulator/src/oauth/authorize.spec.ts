import { minutes } from '#time/clock';
import type { TenantProjectSeed } from '../admin/tenant-project.js';
import { ALICE, CALENDAR, CALLBACK, ConnectedTenant, GMAIL_READONLY } from './connected-tenant.js';

describe('authorization', () => {
  let tenant: ConnectedTenant;
  const given = async (seed: Partial<TenantProjectSeed> = {}) => {
    tenant = await ConnectedTenant.start(seed);
    return tenant;
  };
  const consent = (authUrl: string, account = ALICE) => tenant.google.client.consent(authUrl, { account });
  const html = async (path: string) => (await fetch(new URL(path, tenant.google.url))).text();
  afterEach(() => tenant.close());

  describe('callback', () => {
    it('carries a code, the state unchanged, the granted scopes and the issuer', async () => {
      await given();
      const result = await consent(tenant.authUrl({ state: 'a b&c=d' }));
      expect(result.kind).toBe('redirected');
      const { url } = result as { url: URL };
      expect(`${url.origin}${url.pathname}`).toBe(CALLBACK);
      expect(Object.fromEntries(url.searchParams)).toEqual({
        code: expect.stringMatching(/^4\/0A/),
        state: 'a b&c=d',
        iss: 'https://accounts.google.com',
        scope: `openid https://www.googleapis.com/auth/userinfo.email ${GMAIL_READONLY}`,
      });
    });

    it('carries access_denied and no code when the user presses Cancel', async () => {
      await given();
      const result = await tenant.google.client.consent(tenant.authUrl(), { account: ALICE, cancel: true });
      const { searchParams } = (result as { url: URL }).url;
      expect(searchParams.get('error')).toBe('access_denied');
      expect(searchParams.get('state')).toBe('opaque-state');
      expect(searchParams.has('code')).toBe(false);
    });

    it('names only the scopes that stayed ticked', async () => {
      await given();
      const url = tenant.authUrl({ scope: ['openid', GMAIL_READONLY, CALENDAR] });
      const result = await tenant.google.client.consent(url, { account: ALICE, untick: [CALENDAR] });
      expect((result as { url: URL }).url.searchParams.get('scope')).toBe(`openid ${GMAIL_READONLY}`);
    });

    it('carries access_denied when every permission was unticked', async () => {
      await given();
      const url = tenant.authUrl({ scope: [GMAIL_READONLY, CALENDAR] });
      const wishes = { account: ALICE, untick: [GMAIL_READONLY, CALENDAR] };
      const result = await tenant.google.client.consent(url, wishes);
      expect((result as { url: URL }).url.searchParams.get('error')).toBe('access_denied');
    });
  });

  describe('error pages that the app never hears of', () => {
    const mismatch = { kind: 'error-page', page: 'redirect_uri_mismatch', status: 400 };

    it.each([`${CALLBACK}/`, CALLBACK.replace('https', 'http'), CALLBACK.replace('google', 'Google')])(
      'a redirect URI that differs from the registered one only a little: %s',
      async (redirect_uri) => {
        await given();
        expect(await consent(tenant.authUrl({ redirect_uri }))).toEqual(mismatch);
      },
    );

    it('an unknown client', async () => {
      await given();
      const stranger = tenant.app({ clientId: '1-x.apps.googleusercontent.com', clientSecret: 'x' });
      const result = await consent(tenant.authUrl({}, stranger));
      expect(result).toEqual({ kind: 'error-page', page: 'invalid_client', status: 401 });
    });

    it.each(['deleted', 'disabled'] as const)('a %s client', async (state) => {
      await given();
      await tenant.google.client.changeClient(tenant.project.clientId, { state });
      const result = await consent(tenant.authUrl());
      expect(result).toEqual({ kind: 'error-page', page: `${state}_client`, status: 401 });
    });

    it('an Internal app and a user from outside the organisation', async () => {
      await given({ userType: 'internal', organization: { domain: 'customer.example' } });
      await tenant.google.client.createUser('guest@elsewhere.example');
      expect((await consent(tenant.authUrl())).kind).toBe('redirected');
      const result = await consent(tenant.authUrl(), 'guest@elsewhere.example');
      expect(result).toEqual({ kind: 'error-page', page: 'org_internal', status: 403 });
    });

    it('an app in Testing and a user who is not one of its testers', async () => {
      await given({ publishingStatus: 'testing', testUsers: [] });
      const result = await consent(tenant.authUrl());
      expect(result).toEqual({ kind: 'error-page', page: 'access_denied', status: 403 });
    });

    it('an app that the user’s Workspace admin has blocked', async () => {
      await given();
      const blockedClientIds = [tenant.project.clientId];
      await tenant.google.client.setWorkspacePolicy('customer.example', { blockedClientIds });
      const result = await consent(tenant.authUrl());
      expect(result).toEqual({ kind: 'error-page', page: 'admin_policy_enforced', status: 400 });
    });

    it('a web view inside an app', async () => {
      await given();
      const headers = { 'user-agent': 'Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) Chrome/120 Mobile' };
      const response = await fetch(tenant.authUrl(), { headers, redirect: 'manual' });
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('disallowed_useragent');
    });

    it.each([
      ['response_type', 'token'],
      ['prompt', 'login'],
      ['access_type', 'always'],
      ['code_challenge_method', 'S512'],
      ['scope', ''],
    ])('a malformed request: %s=%s', async (name, value) => {
      await given();
      const url = new URL(tenant.authUrl());
      url.searchParams.set(name, value);
      const result = await consent(url.href);
      expect(result).toEqual({ kind: 'error-page', page: 'invalid_request', status: 400 });
    });

    it('a scope that Google does not have', async () => {
      await given();
      const result = await consent(tenant.authUrl({ scope: ['openid', 'gmail'] }));
      expect(result).toEqual({ kind: 'error-page', page: 'invalid_scope', status: 400 });
    });
  });

  describe('pages', () => {
    const landing = async (options: Parameters<ConnectedTenant['authUrl']>[0]) =>
      new URL((await fetch(tenant.authUrl(options))).url).pathname;

    it('ask which account, unless a hint names one', async () => {
      await given({ verified: true });
      expect(await landing({})).toBe('/signin/oauth/accountchooser');
      expect(await landing({ login_hint: ALICE })).toBe('/signin/oauth/consent');
      const { sub } = await tenant.google.client.createUser(ALICE, { workspaceDomain: 'customer.example' });
      expect(await landing({ login_hint: sub })).toBe('/signin/oauth/consent');
      expect(await landing({ login_hint: 'stranger@example.com' })).toBe('/signin/oauth/accountchooser');
      expect(await landing({ login_hint: ALICE, prompt: 'select_account' })).toBe(
        '/signin/oauth/accountchooser',
      );
    });

    it('let the user choose another account than the hinted one', async () => {
      await given();
      const { sub } = await tenant.google.client.createUser('bob@customer.example');
      const url = tenant.authUrl({ login_hint: ALICE, prompt: 'select_account consent' });
      const result = await consent(url, 'bob@customer.example');
      const code = (result as { url: URL }).url.searchParams.get('code') ?? '';
      const { tokens } = await tenant.app().getToken(code);
      const ticket = await tenant.app().verifyIdToken({ idToken: tokens.id_token ?? '' });
      expect(ticket.getUserId()).toBe(sub);
    });

    it('warn of an unverified External app that asks for mail', async () => {
      await given();
      expect(await landing({ login_hint: ALICE })).toBe('/signin/oauth/warning');
    });

    it('do not warn of a sign-in, a verified app or an Internal app', async () => {
      await given();
      expect(await landing({ login_hint: ALICE, scope: ['openid', 'email'] })).toBe('/signin/oauth/consent');
      await tenant.google.client.changeProject(tenant.project.projectId, { verified: true });
      expect(await landing({ login_hint: ALICE })).toBe('/signin/oauth/consent');
      await tenant.google.client.changeProject(tenant.project.projectId, {
        verified: false,
        userType: 'internal',
        organization: { domain: 'customer.example' },
      });
      expect(await landing({ login_hint: ALICE })).toBe('/signin/oauth/consent');
    });

    it('offer tick boxes only when more than one permission is asked for', async () => {
      await given({ verified: true });
      const boxes = async (scope: string[]) =>
        (await html(tenant.authUrl({ login_hint: ALICE, scope }))).match(/type="checkbox"/g)?.length ?? 0;
      expect(await boxes(['openid', 'email', GMAIL_READONLY])).toBe(0);
      expect(await boxes(['openid', 'email', GMAIL_READONLY, CALENDAR])).toBe(2);
    });

    it('offer no tick boxes for an app that the Workspace admin trusts', async () => {
      await given({ verified: true });
      const trustedClientIds = [tenant.project.clientId];
      await tenant.google.client.setWorkspacePolicy('customer.example', { trustedClientIds });
      const page = await html(tenant.authUrl({ login_hint: ALICE, scope: [GMAIL_READONLY, CALENDAR] }));
      expect(page).not.toContain('type="checkbox"');
    });

    it('show app names as text, whatever they contain', async () => {
      await given({ appName: '<script>alert(1)</script>', verified: true });
      const page = await html(tenant.authUrl({ login_hint: ALICE }));
      expect(page).not.toContain('<script>alert');
      expect(page).toContain('&lt;script&gt;');
    });
  });

  describe('prompt', () => {
    const silent = async (options = {}) => {
      const result = await consent(tenant.authUrl({ prompt: 'none', login_hint: ALICE, ...options }));
      return (result as { url: URL }).url.searchParams;
    };

    it('none comes back with interaction_required before the first consent', async () => {
      await given();
      expect((await silent()).get('error')).toBe('interaction_required');
    });

    it('none comes back with login_required when nobody is named', async () => {
      await given();
      expect((await silent({ login_hint: 'stranger@example.com' })).get('error')).toBe('login_required');
    });

    it('none brings a code without asking once everything was granted', async () => {
      await given();
      await tenant.tokens();
      expect((await silent()).get('code')).toMatch(/^4\/0A/);
    });

    it('may be left out: then a user who granted everything before is not asked again', async () => {
      await given();
      await tenant.tokens();
      const url = new URL(tenant.authUrl({ login_hint: ALICE }));
      url.searchParams.delete('prompt');
      const response = await fetch(url, { redirect: 'manual' });
      expect(response.headers.get('location')).toContain(`${CALLBACK}?`);
    });
  });

  it('a code is good for ten minutes', async () => {
    await given();
    const [early, late] = [await tenant.code(), await tenant.code()];
    await tenant.google.client.advance(minutes(9));
    expect((await tenant.exchange(early)).status).toBe(200);
    await tenant.google.client.advance(minutes(1));
    expect(await tenant.exchange(late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});
