import { setImmediate } from 'node:timers/promises';
import { ALICE, CALLBACK, ConnectedTenant } from './oauth/connected-tenant.js';

describe('traffic', () => {
  let tenant: ConnectedTenant;
  let token: string;
  beforeAll(async () => {
    tenant = await ConnectedTenant.start();
    token = await tenant.refreshToken();
  });
  afterAll(() => tenant.close());
  beforeEach(async () => {
    await tenant.google.client.clearFaults();
    await tenant.google.client.clearRequests();
  });
  const get = (path: string) => fetch(`${tenant.google.url}${path}`);

  describe('struck by a fault', () => {
    it('is refused with the status, reason and message that were asked for', async () => {
      await tenant.google.client.addFault({
        match: { pathPattern: '^/oauth2/v3/certs$' },
        effect: {
          kind: 'error',
          code: 403,
          reason: 'rateLimitExceeded',
          message: 'Slow down.',
          status: 'PERMISSION_DENIED',
          domain: 'usageLimits',
        },
      });
      const response = await get('/oauth2/v3/certs');
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({
        error: {
          code: 403,
          message: 'Slow down.',
          status: 'PERMISSION_DENIED',
          errors: [{ message: 'Slow down.', domain: 'usageLimits', reason: 'rateLimitExceeded' }],
        },
      });
      expect((await get('/oauth2/v1/certs')).status).toBe(200);
    });

    it('fails as often as it was told to, then works', async () => {
      await tenant.google.client.addFault({
        match: { method: 'POST', pathPattern: '^/token$' },
        effect: { kind: 'oauth-error', code: 503, error: 'internal_failure' },
        times: 2,
      });
      const statuses = [];
      for (let round = 0; round < 3; round++) statuses.push((await tenant.refresh(token)).status);
      expect(statuses).toEqual([503, 503, 200]);
      expect(await tenant.google.client.faults()).toEqual([]);
    });

    it('gets an HTML page from a bad gateway', async () => {
      await tenant.google.client.addFault({ match: {}, effect: { kind: 'html', code: 502 } });
      const response = await get('/oauth2/v3/certs');
      expect(response.status).toBe(502);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(await response.text()).toContain('502.');
    });

    it('is told when to come back, when that was asked for', async () => {
      await tenant.google.client.addFault({
        match: {},
        effect: { kind: 'error', code: 429, status: 'RESOURCE_EXHAUSTED', retryAfter: '7' },
      });
      expect((await get('/oauth2/v3/certs')).headers.get('retry-after')).toBe('7');
    });

    it('is served after a delay, even when the caller has lost patience', async () => {
      const code = await tenant.code();
      const { client, world } = tenant.google;
      await client.addFault({ match: {}, effect: { kind: 'delay', delayMs: 300 }, times: 1 });
      const { clientId, clientSecret } = tenant.project;
      const patience = new AbortController();
      const impatient = fetch(`${tenant.google.url}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: clientId,
          client_secret: clientSecret,
          grant_type: 'authorization_code',
          code,
          redirect_uri: CALLBACK,
        }),
        signal: patience.signal,
      });
      while ((await client.faults()).length > 0) await setImmediate();
      patience.abort();
      await expect(impatient).rejects.toThrow(/abort/i);
      expect(world.oauth.code(code)?.used).toBe(false);
      while (!world.oauth.code(code)?.used) await setImmediate();
      expect(await tenant.exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    });

    it('of a service account is known by its assertion', async () => {
      const caller = tenant.project.serviceAccountEmail;
      const effect = { kind: 'oauth-error', code: 500, error: 'struck' } as const;
      await tenant.google.client.addFault({ match: { caller }, effect });
      const claims = Buffer.from(JSON.stringify({ iss: caller })).toString('base64url');
      const assertion = `x.${claims}.x`;
      const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      expect((await tenant.post({ grant_type: grant, assertion })).body).toEqual({ error: 'struck' });
    });

    it('loses its connection before anything was done', async () => {
      const code = await tenant.code();
      await tenant.google.client.addFault({
        match: { pathPattern: '/token' },
        effect: { kind: 'drop' },
        times: 1,
      });
      await expect(tenant.exchange(code)).rejects.toThrow('fetch failed');
      expect((await tenant.exchange(code)).status).toBe(200);
    });

    it('loses its connection after the work was done, so that only the answer is lost', async () => {
      const code = await tenant.code();
      await tenant.google.client.addFault({
        match: { pathPattern: '/token' },
        effect: { kind: 'drop', afterwards: true },
        times: 1,
      });
      await expect(tenant.exchange(code)).rejects.toThrow('fetch failed');
      expect(await tenant.exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    });

    it('is only that of the caller who was named: the user, or the OAuth client', async () => {
      const effect = { kind: 'oauth-error', code: 500, error: 'struck' } as const;
      await tenant.google.client.addFault({ match: { caller: 'somebody@example.com' }, effect });
      expect((await tenant.refresh(token)).status).toBe(200);
      for (const caller of [ALICE, tenant.project.clientId]) {
        const { id } = await tenant.google.client.addFault({ match: { caller }, effect });
        expect((await tenant.refresh(token)).status).toBe(500);
        await tenant.google.client.removeFault(id);
        expect((await tenant.refresh(token)).status).toBe(200);
      }
    });

    it('never is the simulator’s own', async () => {
      await tenant.google.client.addFault({ match: {}, effect: { kind: 'html', code: 500 } });
      expect(await tenant.google.client.now()).toBeInstanceOf(Date);
    });
  });

  it('faults of pushes do not strike requests, and only pushes can be doubled or reordered', async () => {
    await tenant.google.client.addFault({ match: { on: 'pubsub-push' }, effect: { kind: 'drop' } });
    expect((await get('/oauth2/v3/certs')).status).toBe(200);
    await expect(tenant.google.client.addFault({ match: {}, effect: { kind: 'duplicate' } })).rejects.toThrow(
      'strike pushes only',
    );
    await expect(
      tenant.google.client.addFault({ match: { pathPattern: '(' }, effect: { kind: 'drop' } }),
    ).rejects.toThrow('not a regular expression');
  });

  describe('in the request log', () => {
    it('has method, path, status, caller and instant', async () => {
      await tenant.refresh(token);
      expect(await tenant.google.client.requests()).toEqual([
        {
          method: 'POST',
          path: '/token',
          query: {},
          form: {
            client_id: tenant.project.clientId,
            client_secret: 'REDACTED',
            grant_type: 'refresh_token',
            refresh_token: 'REDACTED',
          },
          caller: ALICE,
          status: 200,
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
      ]);
    });

    it('shows no secret, wherever it was sent', async () => {
      const code = await tenant.code();
      await tenant.exchange(code, { code_verifier: 'the-verifier' });
      const { body } = await tenant.refresh(token);
      const access = String(body['access_token']);
      await get(`/tokeninfo?access_token=${access}`);
      await tenant.post({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: 'the.assertion.x',
      });
      const log = JSON.stringify(await tenant.google.client.requests());
      for (const secret of [
        code,
        'the-verifier',
        token,
        access,
        tenant.project.clientSecret,
        'the.assertion',
      ]) {
        expect(log).not.toContain(secret);
      }
      expect(log).toContain('/tokeninfo');
    });

    it('has refused, unknown and dropped requests too, the last without a status', async () => {
      await get('/nowhere');
      await get('/v1/userinfo');
      await tenant.google.client.addFault({ match: {}, effect: { kind: 'drop' }, times: 1 });
      await expect(get('/oauth2/v3/certs')).rejects.toThrow('fetch failed');
      const statuses = (await tenant.google.client.requests()).map(({ status }) => status);
      expect(statuses).toEqual([404, 401, undefined]);
    });
  });
});
