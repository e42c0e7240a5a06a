import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';
import { minutes } from '#time/clock';

const SUPPORT = 'support@tenant.example';

describe('access to a simulated mailbox', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, {
      projectId: 'tenant-one',
      users: [{ email: SUPPORT }, { email: 'nomail@tenant.example', hasGmail: false }],
    });
  });
  afterEach(() => google.close());

  const profile = (userId = 'me') => tenant.gmailOf(SUPPORT).users.getProfile({ userId });

  it('of somebody else is refused as delegation, whatever the letter case of the own address', async () => {
    expect(await refusalOf(profile('boss@tenant.example'))).toEqual({
      code: 403,
      reason: 'forbidden',
      message: `Delegation denied for ${SUPPORT}`,
    });
    expect((await profile('Support@Tenant.Example')).data.emailAddress).toBe(SUPPORT);
  });

  it('is refused to an account without Gmail', async () => {
    const refusal = await refusalOf(
      tenant.gmailOf('nomail@tenant.example').users.getProfile({ userId: 'me' }),
    );
    expect(refusal).toEqual({ code: 400, reason: 'failedPrecondition', message: 'Mail service not enabled' });
  });

  it('is refused without a Gmail scope, and when the project has not enabled the API', async () => {
    const withoutScope = tenant.gmailOf(SUPPORT, ['calendar']).users.getProfile({ userId: 'me' });
    expect(await refusalOf(withoutScope)).toMatchObject({ code: 403, reason: 'insufficientPermissions' });
    await google.client.changeProject('tenant-one', { enabledApis: ['pubsub.googleapis.com'] });
    expect(await refusalOf(profile())).toMatchObject({ code: 403, reason: 'accessNotConfigured' });
  });

  it('under the metadata scope shows headers, and neither bodies nor searches', async () => {
    const { id } = await google.client.gmail.deliver(SUPPORT, { subject: 'Hello' });
    const { messages } = tenant.gmailOf(SUPPORT, ['gmail.metadata']).users;
    expect(
      (await messages.get({ userId: 'me', id, format: 'metadata' })).data.payload?.headers,
    ).toContainEqual({
      name: 'Subject',
      value: 'Hello',
    });
    for (const format of ['full', 'raw']) {
      expect(await refusalOf(messages.get({ userId: 'me', id, format }))).toEqual({
        code: 403,
        reason: 'forbidden',
        message: `Metadata scope doesn't allow format ${format.toUpperCase()}`,
      });
    }
    expect(await refusalOf(messages.list({ userId: 'me', q: 'in:inbox' }))).toMatchObject({ code: 403 });
  });

  it('is limited to so many units a minute and user, and free again a minute later', async () => {
    await google.client.gmail.configure({ unitsPerMinutePerUser: 40 });
    const { id } = await google.client.gmail.deliver(SUPPORT, { subject: 'Hello' });
    const get = () => tenant.gmailOf(SUPPORT).users.messages.get({ userId: 'me', id });
    await get();
    await get();
    expect(await refusalOf(get())).toMatchObject({
      code: 429,
      reason: 'rateLimitExceeded',
      message: expect.stringMatching(/^User-rate limit exceeded\. {2}Retry after \d{4}-\d\d-\d\dT/),
    });
    await google.client.gmail.configure({ quotaRefusal: 403 });
    expect(await refusalOf(get())).toMatchObject({ code: 403, reason: 'userRateLimitExceeded' });
    await google.client.advance(minutes(1));
    expect((await get()).data.id).toBe(id);
  });
});
