import { createHash } from 'node:crypto';
import { CodeChallengeMethod } from 'google-auth-library';
import { days, hours, minutes } from '#time/clock';
import { ALICE, CALENDAR, CALLBACK, ConnectedTenant, GMAIL_READONLY } from './connected-tenant.js';

const EMAIL = 'https://www.googleapis.com/auth/userinfo.email';

describe('the token endpoint', () => {
  let tenant: ConnectedTenant;
  beforeEach(async () => {
    tenant = await ConnectedTenant.start();
  });
  afterEach(() => tenant.close());

  describe('for a code', () => {
    it('gives a refresh token, an access token of 3599 s, the granted scopes and an id_token', async () => {
      const { status, body } = await tenant.exchange(await tenant.code());
      expect(status).toBe(200);
      expect(body).toEqual({
        access_token: expect.stringMatching(/^ya29\./),
        expires_in: 3599,
        scope: `openid ${EMAIL} ${GMAIL_READONLY}`,
        token_type: 'Bearer',
        refresh_token: expect.stringMatching(/^1\/\//),
        id_token: expect.any(String),
      });
    });

    it('gives what Google’s own library verifies: signature, issuer, audience, identity', async () => {
      const { sub } = await tenant.google.client.createUser(ALICE, { workspaceDomain: 'customer.example' });
      const { id_token: idToken = null } = await tenant.tokens({ nonce: 'n-1' });
      const audience = tenant.project.clientId;
      const ticket = await tenant.app().verifyIdToken({ idToken: idToken ?? '', audience });
      expect(ticket.getPayload()).toMatchObject({
        iss: 'https://accounts.google.com',
        aud: audience,
        azp: audience,
        sub,
        email: ALICE,
        email_verified: true,
        hd: 'customer.example',
        nonce: 'n-1',
      });
    });

    it('gives no id_token without a sign-in scope', async () => {
      expect(await tenant.tokens({ scope: [GMAIL_READONLY] })).not.toHaveProperty('id_token');
    });

    it('gives no refresh token when access is online', async () => {
      const tokens = await tenant.tokens({ access_type: 'online' });
      expect(tokens.access_token).toMatch(/^ya29\./);
      expect(tokens).not.toHaveProperty('refresh_token');
    });

    it('gives no refresh token when the user was not asked again', async () => {
      await tenant.tokens();
      const again = await tenant.tokens({ prompt: 'select_account' });
      expect(again.access_token).toMatch(/^ya29\./);
      expect(again).not.toHaveProperty('refresh_token');
    });

    it('gives a new refresh token each time consent is forced, and the old one lives on', async () => {
      const [first, second] = [await tenant.refreshToken(), await tenant.refreshToken()];
      expect(second).not.toBe(first);
      expect((await tenant.refresh(first)).status).toBe(200);
    });

    it('covers what was granted to the project before only when include_granted_scopes asks for it', async () => {
      await tenant.tokens({ scope: [GMAIL_READONLY] });
      expect((await tenant.tokens({ scope: [CALENDAR] })).scope).toBe(CALENDAR);
      const scope = (await tenant.tokens({ scope: [CALENDAR], include_granted_scopes: true })).scope ?? '';
      expect(new Set(scope.split(' '))).toEqual(new Set([CALENDAR, GMAIL_READONLY]));
    });

    it('refuses a second exchange of the same code', async () => {
      const code = await tenant.code();
      expect((await tenant.exchange(code)).status).toBe(200);
      expect(await tenant.exchange(code)).toEqual({
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Bad Request' },
      });
    });

    it('refuses a code that never was', async () => {
      expect(await tenant.exchange('4/0Anonsense')).toEqual({
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Malformed auth code.' },
      });
    });

    it('refuses a redirect URI other than the one the code was given for', async () => {
      const code = await tenant.code();
      const answer = await tenant.exchange(code, { redirect_uri: `${CALLBACK}/` });
      expect(answer).toMatchObject({ status: 400, body: { error: 'redirect_uri_mismatch' } });
    });

    it('refuses another client’s code', async () => {
      const { projectId } = tenant.project;
      const other = await tenant.google.client.createClient(projectId, { redirectUris: [CALLBACK] });
      const answer = await tenant.exchange(await tenant.code(), {
        client_id: other.clientId,
        client_secret: other.clientSecret,
      });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    });
  });

  describe('with PKCE', () => {
    const verifier = 'v'.repeat(64);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const s256 = { code_challenge: challenge, code_challenge_method: CodeChallengeMethod.S256 };
    const refusal = (description: string) => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: description },
    });

    it('takes the right verifier', async () => {
      const code = await tenant.code(s256);
      expect((await tenant.exchange(code, { code_verifier: verifier })).status).toBe(200);
    });

    it('takes a plain challenge', async () => {
      const plain = { code_challenge: verifier, code_challenge_method: CodeChallengeMethod.Plain };
      const code = await tenant.code(plain);
      expect((await tenant.exchange(code, { code_verifier: verifier })).status).toBe(200);
    });

    it('refuses a wrong, a missing and an unexpected verifier', async () => {
      const wrong = { code_verifier: 'w'.repeat(64) };
      expect(await tenant.exchange(await tenant.code(s256), wrong)).toEqual(
        refusal('Invalid code verifier.'),
      );
      expect(await tenant.exchange(await tenant.code(s256))).toEqual(refusal('Missing code verifier.'));
      expect(await tenant.exchange(await tenant.code(), wrong)).toEqual(
        refusal('code_verifier or verifier is not needed.'),
      );
    });
  });

  describe('for a refresh token', () => {
    it('gives a new access token and no new refresh token', async () => {
      const token = await tenant.refreshToken();
      const { status, body } = await tenant.refresh(token);
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('refresh_token');
      expect(body).toMatchObject({ expires_in: 3599, scope: `openid ${EMAIL} ${GMAIL_READONLY}` });
      expect(body['access_token']).toMatch(/^ya29\./);
    });

    it('narrows the scopes on demand and never widens them', async () => {
      const token = await tenant.refreshToken();
      expect((await tenant.refresh(token, { scope: GMAIL_READONLY })).body['scope']).toBe(GMAIL_READONLY);
      expect(await tenant.refresh(token, { scope: CALENDAR })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
    });

    it('refuses another client’s token with unauthorized_client', async () => {
      const { projectId } = tenant.project;
      const other = await tenant.google.client.createClient(projectId, { redirectUris: [CALLBACK] });
      const answer = await tenant.refresh(await tenant.refreshToken(), {
        client_id: other.clientId,
        client_secret: other.clientSecret,
      });
      expect(answer).toMatchObject({ status: 401, body: { error: 'unauthorized_client' } });
    });
  });

  describe('authenticates the client', () => {
    it('by a Basic header as well as in the form', async () => {
      const { clientId, clientSecret } = tenant.project;
      const response = await fetch(`${tenant.google.url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: await tenant.refreshToken(),
        }),
      });
      expect(response.status).toBe(200);
    });

    it.each([
      [
        { client_id: '7-x.apps.googleusercontent.com' },
        401,
        'invalid_client',
        'The OAuth client was not found.',
      ],
      [{ client_secret: 'GOCSPX-wrong' }, 401, 'invalid_client', 'Unauthorized'],
      [{ client_secret: '' }, 400, 'invalid_request', 'client_secret is missing.'],
      [{ client_id: '' }, 400, 'invalid_request', 'Could not determine client ID from request.'],
    ])('and refuses %j with %i %s', async (fields, status, error, error_description) => {
      const answer = await tenant.refresh('1//x', fields as Record<string, string>);
      expect(answer).toEqual({ status, body: { error, error_description } });
    });

    it.each(['deleted', 'disabled'] as const)('and refuses a %s client', async (state) => {
      const token = await tenant.refreshToken();
      await tenant.google.client.changeClient(tenant.project.clientId, { state });
      expect(await tenant.refresh(token)).toMatchObject({ status: 401, body: { error: `${state}_client` } });
    });

    it('with a new secret only once it has spread at Google, where that was asked for', async () => {
      const { client } = tenant.google;
      const token = await tenant.refreshToken();
      const { clientSecret: client_secret } = await client.addSecret(tenant.project.clientId, {
        acceptedAfterMs: hours(2),
      });
      expect(await tenant.refresh(token, { client_secret })).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
      expect((await tenant.refresh(token)).status).toBe(200);
      await client.advance(hours(2));
      expect((await tenant.refresh(token, { client_secret })).status).toBe(200);
    });

    it('with either of two enabled secrets, and refresh tokens outlive the rotation', async () => {
      const { client } = tenant.google;
      const token = await tenant.refreshToken();
      const { clientSecret: next } = await client.addSecret(tenant.project.clientId);
      expect((await tenant.refresh(token)).status).toBe(200);
      expect((await tenant.refresh(token, { client_secret: next })).status).toBe(200);
      const [old] = (await client.project(tenant.project.projectId)).clients[0]?.secrets ?? [];
      await client.enableSecret(tenant.project.clientId, old?.id ?? '', false);
      expect(await tenant.refresh(token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect((await tenant.refresh(token, { client_secret: next })).status).toBe(200);
    });

    it('and has deleted a client that nobody used for six months', async () => {
      const token = await tenant.refreshToken();
      await tenant.google.client.advance(days(184));
      expect(await tenant.refresh(token)).toMatchObject({ status: 401, body: { error: 'deleted_client' } });
    });
  });

  it('takes forms only', async () => {
    const response = await fetch(`${tenant.google.url}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'refresh_token' }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });

  it('refuses an unknown grant type', async () => {
    expect(await tenant.post({ grant_type: 'password' })).toEqual({
      status: 400,
      body: { error: 'unsupported_grant_type', error_description: 'Invalid grant_type: password' },
    });
  });

  it('gives access tokens that die after 3599 s', async () => {
    const { access_token: token } = await tenant.tokens();
    const userinfo = async () => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${tenant.google.url}/v1/userinfo`, { headers })).status;
    };
    await tenant.google.client.advance(minutes(59));
    expect(await userinfo()).toBe(200);
    await tenant.google.client.advance(hours(1) - minutes(59));
    expect(await userinfo()).toBe(401);
  });
});
