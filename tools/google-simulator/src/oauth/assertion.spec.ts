import { createPrivateKey, sign } from 'node:crypto';
import { gaxios, JWT } from 'google-auth-library';
import { days, hours } from '#time/clock';
import type { ServiceAccountKeyFile } from '../admin/console.js';
import { ConnectedTenant, PUBSUB } from './connected-tenant.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const UNTIMELY = /^Invalid JWT: Token must be a short-lived token \(60 minutes\)/;

describe('a service account', () => {
  let tenant: ConnectedTenant;
  let key: ServiceAccountKeyFile;
  beforeEach(async () => {
    tenant = await ConnectedTenant.start();
    key = JSON.parse(tenant.project.serviceAccountKeyJson ?? '') as ServiceAccountKeyFile;
  });
  afterEach(() => tenant.close());

  const assertion = (claims: object = {}, header: object = {}): string => {
    const now = tenant.google.world.epochSeconds();
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const signed = `${encode({ alg: 'RS256', typ: 'JWT', ...header })}.${encode({
      iss: key.client_email,
      scope: PUBSUB,
      aud: 'https://oauth2.googleapis.com/token',
      iat: now,
      exp: now + 3_600,
      ...claims,
    })}`;
    const signature = sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(key.private_key));
    return `${signed}.${signature.toString('base64url')}`;
  };
  const ask = (jwt: string) => tenant.post({ grant_type: GRANT, assertion: jwt });
  const refusal = (error_description: unknown, error = 'invalid_grant', status = 400) => ({
    status,
    body: { error, error_description },
  });

  it('gets an access token for a JWT that it signed, and no refresh token', async () => {
    expect(await ask(assertion())).toEqual({
      status: 200,
      body: { access_token: expect.stringMatching(/^ya29\./), expires_in: 3599, token_type: 'Bearer' },
    });
  });

  it('gets it through Google’s own library, which needs a transporter that leads to the simulator', async () => {
    const transporter = new gaxios.Gaxios();
    transporter.interceptors.request.add({
      resolved: async (request) => {
        request.url = new URL(new URL(request.url).pathname, tenant.google.url);
        return request;
      },
    });
    const jwt = new JWT({ email: key.client_email, key: key.private_key, scopes: [PUBSUB], transporter });
    expect((await jwt.getAccessToken()).token).toMatch(/^ya29\./);
  });

  it('is known by that token', async () => {
    const { body } = await ask(assertion());
    const answer = await fetch(`${tenant.google.url}/tokeninfo?access_token=${String(body['access_token'])}`);
    expect(await answer.json()).toMatchObject({ azp: key.client_id, scope: PUBSUB });
  });

  it('is refused when its key was deleted', async () => {
    await tenant.google.client.deleteServiceAccountKey(key.client_email, key.private_key_id);
    expect(await ask(assertion())).toEqual(refusal('Invalid JWT Signature.'));
  });

  it('is refused when it names a key that did not sign', async () => {
    const other = await tenant.google.client.createServiceAccountKey(key.client_email);
    expect(await ask(assertion({}, { kid: other.private_key_id }))).toEqual(
      refusal('Invalid JWT Signature.'),
    );
    expect((await ask(assertion({}, { kid: key.private_key_id }))).status).toBe(200);
  });

  it('is refused when it was deleted, and so is its access token', async () => {
    const { body } = await ask(assertion());
    await tenant.google.client.changeServiceAccount(key.client_email, { deleted: true });
    expect(await ask(assertion())).toEqual(refusal('Invalid grant: account not found'));
    const info = await fetch(`${tenant.google.url}/tokeninfo?access_token=${String(body['access_token'])}`);
    expect(info.status).toBe(400);
  });

  it.each([
    ['expired', -7_200, -3_600],
    ['not yet issued', 3_600, 7_200],
    ['living too long', 0, 3_601],
  ])('is refused when the JWT is %s', async (_, iat, exp) => {
    const now = tenant.google.world.epochSeconds();
    const answer = await ask(assertion({ iat: now + iat, exp: now + exp }));
    expect(answer).toEqual(refusal(expect.stringMatching(UNTIMELY)));
  });

  it('is judged by the simulated clock: a JWT by real time is refused once time was moved', async () => {
    const byRealTime = assertion();
    await tenant.google.client.advance(days(1));
    expect(await ask(byRealTime)).toEqual(refusal(expect.stringMatching(UNTIMELY)));
    expect((await ask(assertion())).status).toBe(200);
  });

  it('is refused when the JWT is for another audience', async () => {
    const answer = await ask(assertion({ aud: 'https://example.com/token' }));
    expect(answer).toEqual(refusal(expect.stringMatching(/^Invalid JWT: Failed audience check/)));
  });

  it('is refused when it asks for no scope', async () => {
    expect(await ask(assertion({ scope: '' }))).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  it('may not stand in for a user without domain-wide delegation', async () => {
    expect(await ask(assertion({ sub: 'alice@customer.example' }))).toMatchObject({
      status: 401,
      body: { error: 'unauthorized_client' },
    });
  });

  it('loses its access token after 3599 s', async () => {
    const { body } = await ask(assertion());
    await tenant.google.client.advance(hours(1));
    const info = await fetch(`${tenant.google.url}/tokeninfo?access_token=${String(body['access_token'])}`);
    expect(info.status).toBe(400);
    expect(await info.json()).toMatchObject({ error: 'invalid_token' });
  });
});
