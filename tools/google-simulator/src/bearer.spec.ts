import { hours } from '#time/clock';
import { ALICE, ConnectedTenant, GMAIL_READONLY } from './oauth/connected-tenant.js';
import { requireApi, requireScope } from './bearer.js';
import type { Caller } from './bearer.js';
import type { GoogleError } from './google-error.js';

describe('an access token', () => {
  let tenant: ConnectedTenant;
  beforeEach(async () => {
    tenant = await ConnectedTenant.start();
  });
  afterEach(() => tenant.close());
  const userinfo = async (token?: string | null) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const response = await fetch(`${tenant.google.url}/oauth2/v2/userinfo`, { headers });
    return { status: response.status, body: await response.json() };
  };
  const invalid = {
    status: 401,
    body: {
      error: {
        code: 401,
        message: expect.stringContaining('Request had invalid authentication credentials.'),
        errors: [
          {
            message: 'Invalid Credentials',
            domain: 'global',
            reason: 'authError',
            location: 'Authorization',
            locationType: 'header',
          },
        ],
        status: 'UNAUTHENTICATED',
      },
    },
  };
  const callerOf = (token?: string | null): Caller => {
    const caller = tenant.google.world.oauth.callerOf(token ?? '');
    if (!caller) throw new Error('Nobody holds this token.');
    return caller;
  };
  const refusalOf = (work: () => void): Record<string, unknown> | undefined => {
    try {
      work();
      return undefined;
    } catch (error) {
      return (error as GoogleError).body().error;
    }
  };

  it('stands for the user and the project whose client asked', async () => {
    const caller = callerOf((await tenant.tokens()).access_token);
    expect(caller.kind === 'user' && caller.user.email).toBe(ALICE);
    expect(caller.project.id).toBe(tenant.project.projectId);
  });

  it('is refused when it is unknown, expired, or its client is gone', async () => {
    expect(await userinfo('ya29.nonsense')).toEqual(invalid);
    const { access_token: token } = await tenant.tokens();
    expect((await userinfo(token)).status).toBe(200);
    await tenant.google.client.changeClient(tenant.project.clientId, { state: 'deleted' });
    expect(await userinfo(token)).toEqual(invalid);
    await tenant.google.client.changeClient(tenant.project.clientId, { state: 'active' });
    await tenant.google.client.advance(hours(1));
    expect(await userinfo(token)).toEqual(invalid);
  });

  it('is missed when there is none', async () => {
    expect(await userinfo()).toMatchObject({
      status: 401,
      body: { error: { errors: [{ reason: 'required', message: 'Login Required.' }] } },
    });
  });

  it('needs one of the scopes, else ACCESS_TOKEN_SCOPE_INSUFFICIENT', async () => {
    const caller = callerOf((await tenant.tokens()).access_token);
    expect(refusalOf(() => requireScope(caller, 'https://mail.google.com/', GMAIL_READONLY))).toBeUndefined();
    expect(refusalOf(() => requireScope(caller, 'https://mail.google.com/'))).toMatchObject({
      code: 403,
      status: 'PERMISSION_DENIED',
      errors: [{ reason: 'insufficientPermissions' }],
      details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }],
    });
  });

  it('needs its project to have enabled the API, else SERVICE_DISABLED with the activation link', async () => {
    const project = callerOf((await tenant.tokens()).access_token).project;
    expect(refusalOf(() => requireApi(project, 'gmail.googleapis.com'))).toBeUndefined();
    await tenant.google.client.changeProject(project.id, { enabledApis: ['pubsub.googleapis.com'] });
    const link = `https://console.developers.google.com/apis/api/gmail.googleapis.com/overview?project=${project.number}`;
    const refusal = refusalOf(() => requireApi(project, 'gmail.googleapis.com'));
    expect(refusal).toMatchObject({
      code: 403,
      errors: [{ reason: 'accessNotConfigured', domain: 'usageLimits' }],
      details: [
        { reason: 'SERVICE_DISABLED', metadata: { activationUrl: link } },
        { links: [{ url: link }] },
      ],
    });
    expect(refusal?.['message']).toContain(`Enable it by visiting ${link} then retry.`);
  });
});
