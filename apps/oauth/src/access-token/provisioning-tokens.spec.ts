import { GetProvisioningToken } from '#contracts/oauth';
import { days, hours, minutes } from '#time/clock';
import { tokenHash } from '../grant/grant-tokens.js';
import { RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('provisioning tokens', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  let project: Awaited<ReturnType<RunningOAuth['configured']>>;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    project = await running.configured(oauth);
  });
  afterEach(() => running.close());

  const ask = (refusedTokenHash?: string) =>
    oauth.ask(GetProvisioningToken, refusedTokenHash === undefined ? {} : { refusedTokenHash });
  const asked = () => running.tokenRequests('urn:ietf:params:oauth:grant-type:jwt-bearer');

  it('are the service account’s, asked for once an hour', async () => {
    const replies = await Promise.all([ask(), ask(), ask()]);
    expect(replies[0]).toMatchObject({
      ok: true,
      value: { projectId: 'acme-psa', serviceAccountEmail: project.serviceAccountEmail },
    });
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    await running.advance(minutes(50));
    await ask();
    expect(await asked()).toBe(1);
    await running.advance(minutes(6));
    await ask();
    expect(await asked()).toBe(2);
  });

  it('are signed by the injected clock, wherever it stands', async () => {
    await running.advance(days(40));
    expect(await ask()).toMatchObject({ ok: true });
  });

  it('are replaced when Google refuses one', async () => {
    const first = await ask();
    const second = await ask(tokenHash(first.ok ? first.value.accessToken : ''));
    expect(second).toMatchObject({ ok: true });
    expect(second).not.toEqual(first);
  });

  it('say that the clock is off when it is', async () => {
    running.clock.advance(hours(3));
    expect(await ask()).toMatchObject({ ok: false, problem: { code: 'service-account.clock-off' } });
  });

  it('say that the key was deleted', async () => {
    const { private_key_id: keyId } = JSON.parse(project.serviceAccountKeyJson!) as {
      private_key_id: string;
    };
    await running.google.client.deleteServiceAccountKey(project.serviceAccountEmail, keyId);
    expect(await ask()).toMatchObject({ ok: false, problem: { code: 'service-account.key-refused' } });
  });

  it('say that the service account was deleted', async () => {
    await running.google.client.changeServiceAccount(project.serviceAccountEmail, { deleted: true });
    expect(await ask()).toMatchObject({
      ok: false,
      problem: {
        code: 'service-account.deleted',
        params: { serviceAccount: project.serviceAccountEmail },
      },
    });
  });

  it('are missing where topics are made by hand', async () => {
    await running.put(oauth, {
      provisioning: 'manual',
      pushServiceAccount: 'pusher@acme-psa.iam.gserviceaccount.com',
    });
    expect(await ask()).toEqual({
      ok: false,
      problem: { code: 'google-app.incomplete', params: { missing: 'serviceAccountKey' } },
    });
  });
});
