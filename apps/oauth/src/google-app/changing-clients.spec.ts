import { CheckGrant } from '#contracts/oauth-upkeep';
import { minutes } from '#time/clock';
import { BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('a new client', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  let project: Awaited<ReturnType<RunningOAuth['configured']>>;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    project = await running.configured(oauth);
  });
  afterEach(() => running.close());

  const newClient = async () => {
    const redirectUris = ['https://psa.example.com/api/auth/google/calendar/callback'];
    return running.google.client.createClient(project.projectId, { redirectUris });
  };
  const ownCalendarClient = async () => {
    const { clientId, clientSecret } = await newClient();
    await running.put(
      oauth,
      { calendar: 'own', calendarClientId: clientId },
      { calendarClientSecret: clientSecret },
    );
  };
  const gmailClient = async () => {
    const { clientId, clientSecret } = await newClient();
    await running.put(oauth, { gmailClientId: clientId }, { gmailClientSecret: clientSecret });
  };
  const react = async () => {
    const stored = (await running.store.readStream('googleApp-t1')).at(-1)!;
    const checking = oauth.processors.find(({ id }) => id === 'oauth.check-grants-when-config-stored');
    if (checking?.kind !== 'reactor') throw new Error('There is no reactor.');
    return checking.react(stored);
  };
  /** How each permission stands in the history, and nobody has used it. */
  const ended = async () =>
    Object.fromEntries(
      await Promise.all(
        ['mail', 'calendar'].map(async (providerId) => {
          const { type, data } = (await running.store.readStream(`grant-t1+${providerId}`)).at(-1)!;
          return [
            providerId,
            type === 'AuthorizationLost' ? (data['problem'] as { code: string }).code : 'lives',
          ];
        }),
      ),
    );
  const connectBoth = async () => {
    await running.connect(oauth, 'mail');
    await running.connect(oauth, 'calendar', { product: 'calendar' });
  };
  const changed = 'authorization.client-changed';

  it('of Gmail ends the mailboxes’ permissions, and the calendars’ where they share it', async () => {
    await connectBoth();
    await gmailClient();
    expect(await react()).toBe('done');
    expect(await ended()).toEqual({ mail: changed, calendar: changed });
    expect(await running.tokenRequests('refresh_token')).toBe(0);
  });

  it('of Gmail leaves calendars alone that have a client of their own', async () => {
    await ownCalendarClient();
    await connectBoth();
    await gmailClient();
    expect(await react()).toBe('done');
    expect(await ended()).toEqual({ mail: changed, calendar: 'lives' });
  });

  it('of Calendar’s own leaves mailboxes alone', async () => {
    await connectBoth();
    await ownCalendarClient();
    expect(await react()).toBe('done');
    expect(await ended()).toEqual({ mail: 'lives', calendar: changed });
  });

  it('is also the one that Calendar shares from now on', async () => {
    await ownCalendarClient();
    await connectBoth();
    await running.put(oauth, { calendar: 'same' });
    expect(await react()).toBe('done');
    expect(await ended()).toEqual({ mail: 'lives', calendar: changed });
  });

  it('ends what it ends also while Google is disturbed, and with another whose secret could not be tried', async () => {
    await ownCalendarClient();
    await connectBoth();
    await running.connect(oauth, 'a-first', { expected: BOB, product: 'calendar' });
    const { clientSecret } = await running.google.client.addSecret(
      (await running.secrets.getTenantSecret('t1', 'google_calendar_client_id'))!,
    );
    await running.google.client.addFault({
      match: { pathPattern: '^/token$' },
      effect: { kind: 'oauth-error', code: 503, error: 'internal_failure' },
    });
    const other = await newClient();
    await running.put(
      oauth,
      { gmailClientId: other.clientId },
      { gmailClientSecret: other.clientSecret, calendarClientSecret: clientSecret },
    );
    expect(await react()).toEqual({ retry: 'google.sign-in-unavailable' });
    expect(await ended()).toEqual({ mail: changed, calendar: 'lives' });
    await running.google.client.clearFaults();
    expect(await react()).toBe('done');
    await running.advance(minutes(45));
    expect(await oauth.ask(CheckGrant, { providerId: 'calendar' })).toMatchObject({ value: { works: true } });
  });
});
