import { days, hours } from '#time/clock';
import type { TenantProjectSeed } from '../admin/tenant-project.js';
import { ALICE, CALENDAR, CALLBACK, ConnectedTenant, GMAIL_READONLY, PUBSUB } from './connected-tenant.js';

const DEAD = {
  status: 400,
  body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
};

describe('a refresh token', () => {
  let tenant: ConnectedTenant;
  const given = async (seed: Partial<TenantProjectSeed> = {}) => {
    tenant = await ConnectedTenant.start(seed);
    return tenant.google.client;
  };
  afterEach(() => tenant.close());

  it('dies when the user removes the app, with its access tokens', async () => {
    const google = await given();
    const tokens = await tenant.tokens();
    await google.removeApp(ALICE, tenant.project.projectId);
    expect(await tenant.refresh(tokens.refresh_token ?? '')).toEqual(DEAD);
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    expect((await fetch(`${tenant.google.url}/v1/userinfo`, { headers })).status).toBe(401);
  });

  it('dies with a password change when it holds Gmail scopes, and only then', async () => {
    const google = await given();
    const mail = await tenant.refreshToken({ scope: [GMAIL_READONLY] });
    const calendar = await tenant.refreshToken({ scope: [CALENDAR] });
    await google.changePassword(ALICE);
    expect(await tenant.refresh(mail)).toEqual(DEAD);
    expect((await tenant.refresh(calendar)).status).toBe(200);
    const renewed = await tenant.refreshToken({ scope: [GMAIL_READONLY] });
    expect((await tenant.refresh(renewed)).status).toBe(200);
  });

  it('dies when it was not used for six months, while others keep the client alive', async () => {
    const google = await given();
    const [idle, busy] = [await tenant.refreshToken(), await tenant.refreshToken()];
    await google.advance(days(100));
    expect((await tenant.refresh(busy)).status).toBe(200);
    await google.advance(days(100));
    expect((await tenant.refresh(busy)).status).toBe(200);
    expect(await tenant.refresh(idle)).toEqual(DEAD);
  });

  it('is the oldest of 101 for one account and client: it is dropped silently', async () => {
    const google = await given({ verified: true });
    const first = await tenant.refreshToken();
    const second = await tenant.refreshToken();
    for (let more = 0; more < 98; more++) await tenant.refreshToken({ login_hint: ALICE });
    expect((await tenant.refresh(first)).status).toBe(200);
    await tenant.refreshToken();
    expect(await tenant.refresh(first)).toEqual(DEAD);
    expect((await tenant.refresh(second)).status).toBe(200);
    expect(await google.liveRefreshTokens(ALICE, tenant.project.clientId)).toBe(100);
  });

  describe('of an External app in Testing', () => {
    const testing: Partial<TenantProjectSeed> = { publishingStatus: 'testing' };

    it('says that it lasts 604799 s, and dies after seven days', async () => {
      const google = await given(testing);
      const { body } = await tenant.exchange(await tenant.code());
      expect(body['refresh_token_expires_in']).toBe(604_799);
      const token = String(body['refresh_token']);
      await google.advance(days(7) - hours(1));
      expect((await tenant.refresh(token)).status).toBe(200);
      await google.advance(hours(1));
      expect(await tenant.refresh(token)).toEqual(DEAD);
    });

    it('lives on when it only signs in', async () => {
      const google = await given(testing);
      const { body } = await tenant.exchange(await tenant.code({ scope: ['openid', 'email', 'profile'] }));
      expect(body).not.toHaveProperty('refresh_token_expires_in');
      await google.advance(days(8));
      expect((await tenant.refresh(String(body['refresh_token']))).status).toBe(200);
    });

    it('is asked for anew after seven days: the consent is gone, however often it was used silently', async () => {
      const google = await given(testing);
      await tenant.tokens();
      await google.advance(days(4));
      expect((await tenant.tokens({ prompt: 'none', login_hint: ALICE })).access_token).toMatch(/^ya29\./);
      await google.advance(days(4));
      const back = await google.consent(tenant.authUrl({ prompt: 'none', login_hint: ALICE }), {
        account: ALICE,
      });
      expect((back as { url: URL }).url.searchParams.get('error')).toBe('interaction_required');
    });

    it('still dies after seven days when the app is published later; the next one does not', async () => {
      const google = await given(testing);
      const early = await tenant.refreshToken();
      await google.changeProject(tenant.project.projectId, { publishingStatus: 'production' });
      const late = await tenant.refreshToken();
      await google.advance(days(8));
      expect(await tenant.refresh(early)).toEqual(DEAD);
      expect((await tenant.refresh(late)).status).toBe(200);
    });
  });

  it('of an Internal app has no limited life', async () => {
    const google = await given({
      userType: 'internal',
      publishingStatus: 'testing',
      organization: { domain: 'customer.example' },
    });
    const { body } = await tenant.exchange(await tenant.code());
    expect(body).not.toHaveProperty('refresh_token_expires_in');
    await google.advance(days(30));
    expect((await tenant.refresh(String(body['refresh_token']))).status).toBe(200);
  });

  it('dies when the time that the user gave is over', async () => {
    const google = await given();
    const { body } = await tenant.exchange(await tenant.code({}, { accessSeconds: 86_400 }));
    expect(body['refresh_token_expires_in']).toBe(86_399);
    await google.advance(days(1));
    expect(await tenant.refresh(String(body['refresh_token']))).toEqual(DEAD);
  });

  it('answers admin_policy_enforced while the Workspace admin blocks the app', async () => {
    const google = await given();
    const token = await tenant.refreshToken();
    await google.setWorkspacePolicy('customer.example', { blockedClientIds: [tenant.project.clientId] });
    expect(await tenant.refresh(token)).toMatchObject({
      status: 400,
      body: { error: 'admin_policy_enforced' },
    });
    await google.setWorkspacePolicy('customer.example', {});
    expect((await tenant.refresh(token)).status).toBe(200);
  });

  it('with a Cloud scope answers invalid_rapt when the Cloud session is over; others live on', async () => {
    const google = await given();
    await google.setWorkspacePolicy('customer.example', { cloudSessionMs: hours(16) });
    const cloud = await tenant.refreshToken({ scope: [GMAIL_READONLY, PUBSUB] });
    const mail = await tenant.refreshToken({ scope: [GMAIL_READONLY] });
    await google.advance(hours(16));
    expect(await tenant.refresh(cloud)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_subtype: 'invalid_rapt' },
    });
    expect((await tenant.refresh(mail)).status).toBe(200);
  });

  it('dies with the account', async () => {
    const google = await given();
    const token = await tenant.refreshToken();
    await google.deleteUser(ALICE);
    expect(await tenant.refresh(token)).toEqual(DEAD);
  });

  it('dies with every token of the project when any of them is revoked, whichever client it was for', async () => {
    const google = await given();
    await google.createUser('bob@customer.example');
    const calendarClient = await google.createClient(tenant.project.projectId, { redirectUris: [CALLBACK] });
    const app = tenant.app(calendarClient);
    const url = tenant.authUrl({ scope: [CALENDAR] }, app);
    const back = (await google.consent(url, { account: ALICE })) as { url: URL };
    const calendar = (await app.getToken(back.url.searchParams.get('code') ?? '')).tokens;
    const mail = await tenant.refreshToken();
    const bobs = await tenant.refreshToken({}, { account: 'bob@customer.example' });

    await app.revokeToken(calendar.access_token ?? '');

    expect(await tenant.refresh(mail)).toEqual(DEAD);
    const credentials = { client_id: calendarClient.clientId, client_secret: calendarClient.clientSecret };
    expect(await tenant.refresh(calendar.refresh_token ?? '', credentials)).toEqual(DEAD);
    expect((await tenant.refresh(bobs)).status).toBe(200);
  });

  it('can be revoked once; then it is an invalid_token', async () => {
    await given();
    const token = await tenant.refreshToken();
    const revoke = () =>
      fetch(`${tenant.google.url}/revoke`, { method: 'POST', body: new URLSearchParams({ token }) });
    expect((await revoke()).status).toBe(200);
    const again = await revoke();
    expect(again.status).toBe(400);
    expect(await again.json()).toMatchObject({ error: 'invalid_token' });
  });

  it('is asked for anew after a revocation: the consent is gone', async () => {
    await given();
    await tenant.app().revokeToken(await tenant.refreshToken());
    const tokens = await tenant.tokens({ prompt: 'select_account' });
    expect(tokens.refresh_token).toMatch(/^1\/\//);
  });
});
