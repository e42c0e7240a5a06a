import { X509Certificate } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { ALICE, ConnectedTenant, GMAIL_READONLY } from './connected-tenant.js';

describe('identity', () => {
  let tenant: ConnectedTenant;
  beforeAll(async () => {
    tenant = await ConnectedTenant.start();
  });
  afterAll(() => tenant.close());
  const get = async (path: string, token?: string | null) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(`${tenant.google.url}${path}`, { headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('userinfo tells sub and, with the scopes for it, e-mail, domain and name', async () => {
    const { access_token: full } = await tenant.tokens({ scope: ['openid', 'email', 'profile'] });
    const { status, body } = await get('/v1/userinfo', full);
    expect(status).toBe(200);
    expect(body).toMatchObject({ email: ALICE, email_verified: true, hd: 'customer.example', name: 'alice' });
    const { access_token: bare } = await tenant.tokens({ scope: ['openid'] });
    expect((await get('/v1/userinfo', bare)).body).toEqual({ sub: body['sub'] });
    expect((await get('/oauth2/v2/userinfo', full)).body).toMatchObject({
      id: body['sub'],
      verified_email: true,
    });
  });

  it('userinfo refuses a token without a sign-in scope, and no token', async () => {
    const { access_token: token } = await tenant.tokens({ scope: [GMAIL_READONLY] });
    expect((await get('/v1/userinfo', token)).status).toBe(401);
    expect((await get('/v1/userinfo')).status).toBe(401);
  });

  it('tokeninfo tells Google’s own library the audience, the scopes and the time left', async () => {
    const { access_token: token } = await tenant.tokens();
    const info = await tenant.app().getTokenInfo(token ?? '');
    expect(info.aud).toBe(tenant.project.clientId);
    expect(info.scopes).toContain(GMAIL_READONLY);
    expect(info.email).toBe(ALICE);
  });

  it('tokeninfo refuses a token that it does not know', async () => {
    expect(await get('/tokeninfo?access_token=ya29.nonsense')).toMatchObject({
      status: 400,
      body: { error: 'invalid_token' },
    });
  });

  it('publishes its key as JWKS, good for verifying an id_token, with cache headers', async () => {
    const { id_token: idToken } = await tenant.tokens();
    const { jwks_uri: uri, issuer } = (await get('/.well-known/openid-configuration')).body;
    const keys = createRemoteJWKSet(new URL(String(uri)));
    const { protectedHeader } = await jwtVerify(idToken ?? '', keys, {
      issuer: String(issuer),
      audience: tenant.project.clientId,
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect((await fetch(String(uri))).headers.get('cache-control')).toMatch(/max-age=\d+/);
  });

  it('publishes its key as PEM certificates under the same key id', async () => {
    const { body: certificates } = await get('/oauth2/v1/certs');
    const { body: jwks } = await get('/oauth2/v3/certs');
    const [[kid, pem] = []] = Object.entries(certificates);
    expect((jwks['keys'] as { kid: string }[])[0]?.kid).toBe(kid);
    const certificate = new X509Certificate(String(pem));
    expect(certificate.publicKey.asymmetricKeyType).toBe('rsa');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  it('advertises what the simulator does: PKCE, both client authentications, the issuer in callbacks', async () => {
    expect((await get('/.well-known/openid-configuration')).body).toMatchObject({
      issuer: 'https://accounts.google.com',
      code_challenge_methods_supported: ['plain', 'S256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      authorization_response_iss_parameter_supported: true,
    });
  });
});
