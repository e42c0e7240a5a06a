import { GetAccessToken, GetGoogleAppStatus } from '#contracts/oauth';
import { CheckGrant, ForgetFormerSecrets } from '#contracts/oauth-upkeep';
import { formerClientSecretKeys } from '#secrets/secret-keys';
import { hours, minutes } from '#time/clock';
import { BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('a new secret of the same client', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  let project: Awaited<ReturnType<RunningOAuth['configured']>>;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    project = await running.configured(oauth);
    await running.connect(oauth, 'mail');
    await running.connect(oauth, 'calendar', { product: 'calendar' });
  });
  afterEach(() => running.close());

  const both = ['mail', 'calendar'];
  const works = async (instance = oauth): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (const providerId of both) {
      const reply = await instance.ask(CheckGrant, { providerId });
      answers.push(reply.ok && reply.value.works);
    }
    return answers;
  };
  const newSecret = async (acceptedAfterMs = 0): Promise<string> =>
    (await running.google.client.addSecret(project.clientId, { acceptedAfterMs })).clientSecret;
  const store = (gmailClientSecret: string, instance = oauth) =>
    running.put(instance, {}, { gmailClientSecret });
  const disableFormer = async () => {
    const { secrets } = running.google.world.client(project.clientId)!.client;
    const { id } = secrets.find(({ value }) => value === project.clientSecret)!;
    await running.google.client.enableSecret(project.clientId, id, false);
  };
  const formerSecret = async () => {
    const reply = await oauth.ask(GetGoogleAppStatus, {});
    return reply.ok ? reply.value.gmail.formerSecret : undefined;
  };
  const kept = () => running.secrets.getTenantSecret('t1', formerClientSecretKeys.gmail);
  const app = async () => (await running.typesOf('googleApp-t1')).slice(1);
  const grants = async () =>
    (await Promise.all(both.map((id) => running.typesOf(`grant-t1+${id}`)))).flatMap((types) =>
      types.slice(2),
    );
  const react = async (instance = oauth) => {
    const stored = (await running.store.readStream('googleApp-t1')).findLast(
      ({ type }) => type === 'ConfigStored',
    )!;
    const checking = instance.processors.find(({ id }) => id === 'oauth.check-grants-when-config-stored');
    if (checking?.kind !== 'reactor') throw new Error('There is no reactor.');
    return checking.react(stored);
  };

  it('reaches mailboxes and calendars at once, without anybody connecting again, when Google takes it at once', async () => {
    await store(await newSecret());
    expect(await react()).toBe('done');
    await disableFormer();
    await running.advance(minutes(61));
    expect(await works()).toEqual([true, true]);
    expect(await grants()).toEqual([]);
    expect(await app()).toEqual(['ConfigStored', 'ClientSecretAccepted']);
    expect(await formerSecret()).toMatchObject({ accepted: 'current' });
  });

  it('is stood in for by the former one while it spreads, told once and nothing else, in every process and after restarts', async () => {
    await store(await newSecret(hours(3)));
    const other = await running.instance();
    expect(await react(other)).toBe('done');
    for (let hour = 0; hour < 3; hour++) {
      expect(await works(await running.instance())).toEqual([true, true]);
      await running.advance(minutes(50));
    }
    expect(await formerSecret()).toMatchObject({ accepted: 'former' });
    expect(await app()).toEqual(['ConfigStored', 'ClientSecretAccepted']);
    await running.advance(minutes(60));
    expect(await works(other)).toEqual([true, true]);
    expect(await formerSecret()).toMatchObject({ accepted: 'current' });
    expect(await app()).toEqual(['ConfigStored', 'ClientSecretAccepted', 'ClientSecretAccepted']);
    expect(await grants()).toEqual([]);
  });

  it('also lets accounts be connected while it spreads', async () => {
    await store(await newSecret(hours(3)));
    expect(await running.connect(oauth, 'new', { expected: BOB })).toMatchObject({
      ok: true,
      value: { connected: true },
    });
  });

  it('that does not count yet is waited for when the former one is disabled already, and recovery is noticed', async () => {
    const secret = await newSecret(hours(2));
    await disableFormer();
    await store(secret);
    expect(await react()).toBe('done');
    expect(await grants()).toEqual(['AccessTokenRefused', 'AccessTokenRefused']);
    await running.advance(minutes(61));
    expect(await works()).toEqual([false, false]);
    await running.advance(minutes(60));
    expect(await works()).toEqual([true, true]);
    expect(await grants()).toEqual([
      'AccessTokenRefused',
      'AccessTokenRefreshed',
      'AccessTokenRefused',
      'AccessTokenRefreshed',
    ]);
    expect(await app()).toEqual(['ConfigStored', 'ClientSecretAccepted']);
  });

  it('does not flap when one of Google’s servers knows it and the next does not', async () => {
    await store(await newSecret());
    expect(await react()).toBe('done');
    for (let times = 0; times < 4; times++) {
      await running.advance(minutes(50));
      // The next server to be asked does not know it yet.
      const effect = { kind: 'oauth-error' as const, code: 401, error: 'invalid_client' };
      await running.google.client.addFault({ match: { pathPattern: '^/token$' }, effect, times: 1 });
      expect(await works()).toEqual([true, true]);
    }
    expect(await grants()).toEqual([]);
    expect(await app()).toEqual(['ConfigStored', 'ClientSecretAccepted']);
  });

  it('stands alone after a day: the former one is deleted, told, and asked with no more', async () => {
    const wrong = `GOCSPX-${'w'.repeat(28)}`;
    await store(wrong);
    expect(await react()).toBe('done');
    expect(await oauth.ask(ForgetFormerSecrets, {})).toEqual({ ok: true, value: { left: ['gmail'] } });
    expect(await kept()).toContain(project.clientSecret);
    await running.advance(hours(24));
    for (let times = 0; times < 2; times++)
      expect(await oauth.ask(ForgetFormerSecrets, {})).toEqual({ ok: true, value: { left: [] } });
    expect(await kept()).toBeUndefined();
    expect(await app()).toEqual(['ConfigStored', 'ClientSecretAccepted', 'FormerSecretForgotten']);
    expect(await works()).toEqual([false, false]);
    expect(await formerSecret()).toBeNull();
    // Nobody has lost a permission by the wrong paste.
    await store(project.clientSecret);
    expect(await works()).toEqual([true, true]);
  });

  it('does not stand in once its time is over, even when nobody came to delete it', async () => {
    await store(`GOCSPX-${'w'.repeat(28)}`);
    await running.advance(hours(24) + minutes(1));
    expect(await works()).toEqual([false, false]);
  });

  it('that never worked does not take the place of the one that did, when it is corrected', async () => {
    await store(`GOCSPX-${'w'.repeat(28)}`);
    expect(await works()).toEqual([true, true]);
    await store(await newSecret(hours(1)));
    expect(await kept()).toContain(project.clientSecret);
    await running.advance(minutes(50));
    expect(await works()).toEqual([true, true]);
  });

  it('is taken back by storing the former one again', async () => {
    await store(`GOCSPX-${'w'.repeat(28)}`);
    await store(project.clientSecret);
    expect(await kept()).toBeUndefined();
    await running.advance(minutes(50));
    expect(await works()).toEqual([true, true]);
    expect(await grants()).toEqual([]);
  });

  it('of another client does not let the former client’s secret stand in', async () => {
    const other = await running.google.client.createClient(project.projectId, { redirectUris: [] });
    await running.put(oauth, { gmailClientId: other.clientId }, { gmailClientSecret: other.clientSecret });
    expect(await kept()).toBeUndefined();
  });

  it('leaves neither secret in an event, an answer or a log line', async () => {
    const secret = await newSecret(hours(1));
    await store(secret);
    await react();
    await works();
    await oauth.ask(GetAccessToken, { providerId: 'mail' });
    await formerSecret();
    const said = [JSON.stringify(await running.events()), ...running.logged, ...running.replies].join();
    expect(said).not.toContain(secret);
    expect(said).not.toContain(project.clientSecret);
  });
});
