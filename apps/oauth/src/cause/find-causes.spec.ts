import { CheckGrant, FindCause } from '#contracts/oauth-upkeep';
import { days, minutes } from '#time/clock';
import { ALICE, BOB, RunningOAuth, type Instance } from '../fixtures/running-oauth.js';

describe('why permissions ended', () => {
  let running: RunningOAuth;
  let oauth: Instance;
  let project: Awaited<ReturnType<RunningOAuth['configured']>>;
  beforeEach(async () => {
    running = await RunningOAuth.start();
    oauth = await running.instance();
    project = await running.configured(oauth);
    await running.connect(oauth, 'mail');
  });
  afterEach(() => running.close());

  const check = async (providerId: string): Promise<string> => {
    const reply = await oauth.ask(CheckGrant, { providerId });
    if (!reply.ok) throw new Error(reply.problem.code);
    return reply.value.problem?.code ?? 'works';
  };
  const find = (providerId: string) => oauth.ask(FindCause, { providerId });
  const told = async (providerId: string): Promise<[string, string][]> =>
    (await running.store.readStream(`grant-t1+${providerId}`))
      .filter(({ data }) => 'problem' in data)
      .map(({ type, data }) => [type, (data['problem'] as { code: string }).code]);

  const nameForAll = async (instance: Instance, providerId: string) => {
    const naming = instance.processors.find(({ id }) => id === 'oauth.name-cause-for-all');
    if (naming?.kind !== 'reactor') throw new Error('There is no reactor.');
    const ended = (await running.store.readStream(`grant-t1+${providerId}`)).findLast(
      ({ type }) => type === 'AuthorizationLost',
    )!;
    expect(await naming.react(ended)).toBe('done');
  };

  it('is the password, once the calendar of the same account is seen to live', async () => {
    await running.connect(oauth, 'calendar', { product: 'calendar' });
    await running.advance(minutes(10));
    expect(await check('mail')).toBe('works');
    await running.google.client.changePassword(ALICE);
    await running.advance(minutes(46));
    expect(await check('mail')).toBe('authorization.revoked');
    await find('mail');
    expect(await told('mail')).toEqual([['AuthorizationLost', 'authorization.revoked']]);
    await running.advance(minutes(3));
    expect(await check('calendar')).toBe('works');
    for (let times = 0; times < 2; times++)
      expect(await find('mail')).toMatchObject({
        value: { problem: { code: 'authorization.password-changed' } },
      });
    expect((await told('mail')).slice(1)).toEqual([['CauseFound', 'authorization.password-changed']]);
    expect(await check('mail')).toBe('authorization.password-changed');
  });

  it('is not the password when the person removed the app, and so the calendar too', async () => {
    await running.connect(oauth, 'calendar', { product: 'calendar' });
    await running.google.client.removeApp(ALICE, project.projectId);
    await running.advance(minutes(46));
    expect(await check('mail')).toBe('authorization.revoked');
    expect(await check('calendar')).toBe('authorization.revoked');
    await find('mail');
    expect(await told('mail')).toHaveLength(1);
  });

  it('is one for all when several accounts’ end together, also for the first, whoever comes to know of it', async () => {
    await running.connect(oauth, 'second', { expected: BOB });
    for (const account of [ALICE, BOB]) await running.google.client.removeApp(account, project.projectId);
    await running.advance(minutes(46));
    expect(await check('mail')).toBe('authorization.revoked');
    await running.advance(minutes(1));
    expect(await check('second')).toBe('authorization.client-wide');
    expect(await told('mail')).toEqual([['AuthorizationLost', 'authorization.revoked']]);

    // Another process comes to react to it, after a restart, and twice.
    const other = await running.instance();
    for (let times = 0; times < 2; times++) await nameForAll(other, 'second');
    expect((await told('mail')).slice(1)).toEqual([['CauseFound', 'authorization.client-wide']]);
    expect(await told('second')).toEqual([['AuthorizationLost', 'authorization.client-wide']]);
  });

  it('stays as it was found for what ended long before', async () => {
    await running.connect(oauth, 'calendar', { product: 'calendar' });
    await running.connect(oauth, 'second', { expected: BOB });
    await running.advance(minutes(10));
    expect(await check('mail')).toBe('works');
    await running.google.client.changePassword(ALICE);
    await running.advance(minutes(46));
    for (const providerId of ['mail', 'calendar', 'second']) await check(providerId);
    await find('mail');
    expect((await told('mail')).at(-1)).toEqual(['CauseFound', 'authorization.password-changed']);

    await running.advance(minutes(180));
    for (const account of [ALICE, BOB]) await running.google.client.removeApp(account, project.projectId);
    expect(await check('calendar')).toBe('authorization.revoked');
    expect(await check('second')).toBe('authorization.client-wide');
    await nameForAll(oauth, 'second');
    expect((await told('calendar')).at(-1)).toEqual(['CauseFound', 'authorization.client-wide']);
    expect((await told('mail')).at(-1)).toEqual(['CauseFound', 'authorization.password-changed']);
  });

  it('is taken back when a permission of the same client is seen to work after all', async () => {
    await running.connect(oauth, 'second', { expected: BOB });
    const carol = 'carol@acme.example';
    await running.google.client.createUser(carol, { workspaceDomain: 'acme.example' });
    await running.connect(oauth, 'third', { expected: carol });
    for (const account of [ALICE, BOB]) await running.google.client.removeApp(account, project.projectId);
    await running.advance(minutes(46));
    await check('mail');
    expect(await check('second')).toBe('authorization.client-wide');
    expect(await check('third')).toBe('works');
    await find('second');
    expect((await told('second')).slice(1)).toEqual([['CauseFound', 'authorization.revoked']]);
  });

  it('is Testing when its seven days are over, and stays that', async () => {
    await running.google.client.changeProject(project.projectId, {
      publishingStatus: 'testing',
      testUsers: [ALICE, BOB],
    });
    for (const [providerId, expected] of [
      ['mail', ALICE],
      ['second', BOB],
    ] as const)
      await running.connect(oauth, providerId, { expected });
    await running.advance(days(7) + minutes(1));
    expect(await check('mail')).toBe('authorization.testing-expired');
    expect(await check('second')).toBe('authorization.testing-expired');
    await find('mail');
    expect((await told('mail')).at(-1)).toEqual(['AuthorizationLost', 'authorization.testing-expired']);
  });

  it('is half a year without use, when nobody asked for so long', async () => {
    await running.google.client.changeClient(project.clientId, { name: 'Still in use' });
    await running.advance(days(100));
    await running.google.client.changeClient(project.clientId, { name: 'Still in use, too' });
    await running.advance(days(100));
    expect(await check('mail')).toBe('authorization.unused');
  });

  it('is the limit of a hundred permissions, when the account gave a hundred newer ones', async () => {
    await running.connect(oauth, 'other');
    const authorized = (await running.store.readStream('grant-t1+other')).find(
      ({ type }) => type === 'Authorized',
    )!;
    const { world } = running.google;
    // What a hundred rounds through the consent page leave behind, here and at Google.
    world.oauth.liveRefreshTokens(world.user(ALICE)!, project.clientId)[0]!.revoked = true;
    const again = Array.from({ length: 99 }, () => ({
      type: authorized.type,
      data: authorized.data,
      metadata: { ...authorized.metadata, id: crypto.randomUUID() },
    }));
    const revision = (await running.store.readStream('grant-t1+other')).at(-1)!.revision;
    await running.store.append('grant-t1+other', again, revision);
    await running.advance(minutes(46));
    expect(await check('mail')).toBe('authorization.token-limit');
    expect(await check('other')).toBe('works');
  });

  it('of one tenant says nothing of another’s', async () => {
    await running.put(
      oauth,
      { projectId: project.projectId, gmailClientId: project.clientId },
      { gmailClientSecret: project.clientSecret },
      't2',
    );
    expect(await oauth.ask(FindCause, { providerId: 'mail' }, 't2')).toEqual({
      ok: true,
      value: { problem: null },
    });
  });
});
