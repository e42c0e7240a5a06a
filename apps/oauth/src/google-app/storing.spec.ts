import { ClearConfig, GetAccessToken, GetGoogleAppStatus, StoreConfig } from '#contracts/oauth';
import {
  calendarAppKeys,
  gmailAppKeys,
  newStagedSecretsId,
  refreshTokenKey,
  serviceAccountKey,
  stagedSecretsKey,
} from '#secrets/secret-keys';
import { SecretsError } from '#secrets/secrets-error';
import { SecretsProvider } from '#secrets/secrets-provider';
import { minutes } from '#time/clock';
import { ALICE, baseUrl, BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

const clientId = '123456789012-abcdefghijklmnopqrstuvwxyz0wxyz.apps.googleusercontent.com';
const clientSecret = `GOCSPX-${'s'.repeat(28)}`;

describe('the tenant’s Google app', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
  });
  afterEach(() => running.close());

  const status = async (instance = oauth) => {
    const reply = await instance.ask(GetGoogleAppStatus, {});
    if (!reply.ok) throw new Error(reply.problem.code);
    return reply.value;
  };

  it('is not configured at first, and says what to register and what is missing', async () => {
    expect(await status()).toMatchObject({
      tenantId: 't1',
      badge: 'not-configured',
      updatedAt: null,
      gmail: {
        configured: false,
        missing: ['projectId', 'gmail.clientId', 'gmail.clientSecret', 'serviceAccountKey'],
        maskedClientId: null,
        redirectUri: `${baseUrl}/api/auth/google/callback`,
        scopes: ['https://www.googleapis.com/auth/gmail.readonly'],
      },
      calendar: {
        usesSameApp: true,
        redirectUri: `${baseUrl}/api/auth/google/calendar/callback`,
        scopes: ['https://www.googleapis.com/auth/calendar'],
      },
    });
  });

  it('is ready once everything is stored, under the names that the host reads', async () => {
    const project = await running.configured(oauth);
    const ready = await status();
    expect(ready).toMatchObject({
      badge: 'ready',
      projectId: 'acme-psa',
      serviceAccountKeyStored: true,
      serviceAccountEmail: project.serviceAccountEmail,
      gmail: { configured: true, missing: [], clientSecretStored: true },
      calendar: { configured: true, usesSameApp: true },
      updatedBy: 'user u1',
    });
    expect(await running.secrets.listTenantSecretKeys('t1')).toEqual([
      'google_client_id',
      'google_client_secret',
      'google_project_id',
      'google_service_account_key',
    ]);
    const kept = JSON.parse((await running.secrets.getTenantSecret('t1', serviceAccountKey))!) as object;
    expect(Object.keys(kept)).toEqual([
      'type',
      'project_id',
      'private_key_id',
      'private_key',
      'client_email',
      'client_id',
    ]);
  });

  it('shows enough of a client id to know it again, and nothing of a secret', async () => {
    await running.put(oauth, { gmailClientId: clientId }, { gmailClientSecret: clientSecret });
    const shown = await status();
    expect(shown.badge).toBe('needs-setup');
    expect(shown.gmail.maskedClientId).toBe('123456789012-…wxyz.apps.googleusercontent.com');
    expect(JSON.stringify({ ...shown, updatedAt: null })).not.toMatch(/GOCSPX|ssss|35/);
  });

  it('writes nothing when a field is wrong, and takes the staged secrets away', async () => {
    const before = await running.configured(oauth);
    const reply = await running.put(
      oauth,
      { projectId: '12', gmailClientId: clientId },
      { gmailClientSecret: clientSecret, serviceAccountKey: '{' },
    );
    expect(reply).toMatchObject({
      ok: true,
      value: {
        outcome: 'refused',
        errors: [
          { field: 'projectId', problem: { code: 'project-id.is-number' } },
          { field: 'serviceAccountKey', problem: { code: 'service-account-key.malformed' } },
        ],
      },
    });
    expect(await running.secrets.getTenantSecret('t1', gmailAppKeys.clientId)).toBe(before.clientId);
    expect((await running.secrets.listTenantSecretKeys('t1')).join()).not.toContain('staged');
    expect(await running.typesOf('googleApp-t1')).toEqual(['ConfigStored']);
  });

  it('refuses secrets that were used already, or never laid down', async () => {
    const stagedSecretsId = newStagedSecretsId(running.clock.now());
    const staged = stagedSecretsKey(stagedSecretsId);
    await running.secrets.setTenantSecret('t1', staged, JSON.stringify({ gmailClientSecret: clientSecret }));
    const command = { gmailClientId: clientId, stagedSecretsId };
    expect(await oauth.ask(StoreConfig, command)).toMatchObject({ value: { outcome: 'stored' } });
    for (const id of [stagedSecretsId, '../../etc/passwd'])
      expect(await oauth.ask(StoreConfig, { ...command, stagedSecretsId: id })).toEqual({
        ok: false,
        problem: { code: 'google-app.secrets-not-received' },
      });
  });

  it('sweeps away what others staged and never came for', async () => {
    const forgotten = stagedSecretsKey(newStagedSecretsId(running.clock.now()));
    await running.secrets.setTenantSecret('t1', forgotten, '{}');
    running.clock.advance(minutes(11));
    const fresh = stagedSecretsKey(newStagedSecretsId(running.clock.now()));
    await running.secrets.setTenantSecret('t1', fresh, '{}');
    await running.put(oauth, { projectId: 'acme-psa' });
    expect(
      (await running.secrets.listTenantSecretKeys('t1')).filter((key) => key.includes('staged')),
    ).toEqual([fresh]);
  });

  it('stays whole when two admins store at the same moment in two processes', async () => {
    const other = await running.instance();
    const pairs = [1, 2, 3, 4].map((number) => ({
      id: `${number}-abcdefghijklmnop.apps.googleusercontent.com`,
      secret: `GOCSPX-${String(number).repeat(28)}`,
    }));
    await Promise.all(
      pairs.map(({ id, secret }, index) =>
        running.put(index % 2 ? oauth : other, { gmailClientId: id }, { gmailClientSecret: secret }),
      ),
    );
    const { google_client_id: id, google_client_secret: secret } = await running.secrets.getTenantSecrets(
      't1',
      [gmailAppKeys.clientId, gmailAppKeys.clientSecret],
    );
    expect(pairs).toContainEqual({ id, secret });
    expect(await running.typesOf('googleApp-t1')).toHaveLength(4);
  });

  it('is shown as it really is after the host changed it behind our back', async () => {
    await running.configured(oauth);
    await running.secrets.changeTenantSecrets('t1', {
      [calendarAppKeys.clientId]: clientId,
      [calendarAppKeys.clientSecret]: clientSecret,
      [gmailAppKeys.clientSecret]: null,
      [serviceAccountKey]: '{"type":"external_account"}',
    });
    expect(await status()).toMatchObject({
      badge: 'needs-setup',
      serviceAccountKeyStored: false,
      gmail: { configured: false, missing: ['gmail.clientSecret', 'serviceAccountKey'] },
      calendar: { configured: true, usesSameApp: false },
    });
  });

  it('keeps Calendar on Gmail’s pair although the host copied it', async () => {
    await running.configured(oauth);
    const pair = await running.secrets.getTenantSecrets('t1', Object.values(gmailAppKeys));
    await running.secrets.changeTenantSecrets('t1', {
      [calendarAppKeys.clientId]: pair.google_client_id!,
      [calendarAppKeys.clientSecret]: pair.google_client_secret!,
    });
    expect(await status()).toMatchObject({ calendar: { usesSameApp: true } });
    await running.put(oauth, {}, { gmailClientSecret: clientSecret });
    expect(await status()).toMatchObject({ calendar: { usesSameApp: true, configured: true } });
    expect(await running.secrets.getTenantSecret('t1', calendarAppKeys.clientSecret)).toBeUndefined();
  });

  it('tells the truth after a process died between the secrets and the event', async () => {
    await running.put(oauth, { projectId: 'acme-psa' });
    await running.secrets.changeTenantSecrets('t1', {
      [gmailAppKeys.clientId]: clientId,
      [gmailAppKeys.clientSecret]: clientSecret,
    });
    expect(await status()).toMatchObject({ gmail: { missing: ['serviceAccountKey'] } });
    await running.put(oauth, { gmailClientId: clientId });
    const [, caughtUp] = await running.store.readStream('googleApp-t1');
    expect(caughtUp).toMatchObject({ type: 'ConfigStored', data: { gmailClientId: clientId, changed: [] } });
  });

  it('is never taken for "not configured" when its secrets cannot be opened', async () => {
    await running.configured(oauth);
    const locked = await running.instance({}, unreadableSecrets());
    for (const reply of [
      await locked.ask(GetGoogleAppStatus, {}),
      await locked.ask(StoreConfig, { projectId: 'acme-new' }),
      await locked.ask(GetAccessToken, { providerId: 'p1' }),
    ])
      expect(reply).toEqual({ ok: false, problem: { code: 'google-app.unreadable' } });
  });

  it('takes every permission with it when it is removed', async () => {
    const { clientId: client } = await running.configured(oauth);
    await running.connect(oauth, 'p1');
    await running.connect(oauth, 'p2', { expected: BOB });
    const reply = await oauth.ask(ClearConfig, {});
    expect(reply).toMatchObject({ ok: true, value: { badge: 'not-configured' } });
    expect(await running.secrets.listTenantSecretKeys('t1')).toEqual([]);
    for (const stream of ['grant-t1+p1', 'grant-t1+p2'])
      expect((await running.store.readStream(stream)).at(-1)).toMatchObject({
        type: 'GrantForgotten',
        data: { reason: 'the Google app is removed', revoked: true },
      });
    expect(await running.google.client.liveRefreshTokens(ALICE, client)).toBe(0);
    expect(await running.google.client.liveRefreshTokens(BOB, client)).toBe(0);
    expect(await oauth.ask(GetAccessToken, { providerId: 'p1' })).toMatchObject({
      problem: { code: 'authorization.missing' },
    });
    await oauth.ask(ClearConfig, {});
    expect(await running.typesOf('googleApp-t1')).toEqual(['ConfigStored', 'RemovalBegun', 'ConfigCleared']);
  });

  it('can be removed while Google does not answer', async () => {
    await running.configured(oauth);
    await running.connect(oauth, 'p1');
    await running.google.client.addFault({ match: {}, effect: { kind: 'html', code: 503 } });
    expect(await oauth.ask(ClearConfig, {})).toMatchObject({ ok: true });
    expect(await running.secrets.listTenantSecretKeys('t1')).toEqual([]);
  });

  it('of one tenant says nothing of another’s', async () => {
    await running.configured(oauth);
    await running.connect(oauth, 'p1');
    await oauth.ask(ClearConfig, {}, 't2');
    expect(await oauth.ask(GetGoogleAppStatus, {}, 't2')).toMatchObject({
      value: { tenantId: 't2', badge: 'not-configured' },
    });
    expect(await status()).toMatchObject({ badge: 'ready' });
    expect(await running.secrets.getTenantSecret('t1', refreshTokenKey('p1'))).toBeDefined();
  });

  it('is tried with every permission when it is stored, so that what it ends or mends is told at once', async () => {
    const project = await running.configured(oauth);
    await running.connect(oauth, 'p1');
    const other = await running.google.client.createClient(project.projectId, { redirectUris: [] });
    await running.put(oauth, { gmailClientId: other.clientId }, { gmailClientSecret: other.clientSecret });
    const stored = (await running.store.readStream('googleApp-t1')).at(-1)!;
    const [checking] = oauth.processors;
    if (checking?.kind !== 'reactor') throw new Error('There is no reactor.');
    expect(await checking.react(stored)).toBe('done');
    expect((await running.store.readStream('grant-t1+p1')).at(-1)).toMatchObject({
      type: 'AuthorizationLost',
      data: { problem: { code: 'authorization.client-changed' } },
      metadata: { causationId: stored.metadata.id, by: 'oauth.check-grants-when-config-stored' },
    });
  });

  it('has a replaced secret tried at Google at once, although the access token still lives', async () => {
    const { clientId: client } = await running.configured(oauth);
    await running.connect(oauth, 'p1');
    const [former] = running.google.world.client(client)!.client.secrets;
    await running.google.client.enableSecret(client, former!.id, false);
    await running.put(oauth, {}, { gmailClientSecret: 'GOCSPX-of-another-client-entirely' });
    const stored = (await running.store.readStream('googleApp-t1')).at(-1)!;
    const [checking] = oauth.processors;
    if (checking?.kind !== 'reactor') throw new Error('There is no reactor.');
    expect(await checking.react(stored)).toBe('done');
    expect((await running.store.readStream('grant-t1+p1')).at(-1)).toMatchObject({
      type: 'AccessTokenRefused',
      data: { problem: { code: 'oauth-client.secret-refused' } },
    });
  });
});

/** As of a key ring that lacks the key. */
function unreadableSecrets(): SecretsProvider {
  const unreadable = () =>
    Promise.reject(new SecretsError({ code: 'secrets.wrapping-key-missing', keyIds: ['k1'] }));
  return new SecretsProvider({ read: unreadable, change: unreadable, list: unreadable });
}
