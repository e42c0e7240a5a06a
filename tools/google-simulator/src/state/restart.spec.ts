import { generateKeyPairSync } from 'node:crypto';
import { on } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { days, hours, minutes, seconds } from '#time/clock';
import { PushEndpoint } from '../pubsub/push-endpoint.js';
import { startSimulator, type Simulator } from '../server.js';
import { StateFileProblem } from './state-file.js';

const CALLBACK = 'https://psa.example.com/oauth/google/callback';
const SUPPORT = 'support@tenant.example';
const TOPIC = 'projects/tenant-one/topics/gmail-push';
const DEAD = 'projects/tenant-one/topics/dead';
const PULLS = 'projects/tenant-one/subscriptions/gmail-pull';
const PUSHES = 'projects/tenant-one/subscriptions/gmail-push';

describe('a simulator with a state file', () => {
  let folder: string;
  let stateFile: string;
  let google: Simulator;
  let endpoint: PushEndpoint;
  let next: PushEndpoint;
  let credentials: { client_id: string; client_secret: string };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'google-simulator-'));
    stateFile = join(folder, 'made/on/demand/google.state');
    endpoint = await PushEndpoint.answering(204);
    next = await PushEndpoint.answering(204);
    google = await startSimulator({ stateFile });
    const { clientId, clientSecret } = await google.client.seedTenantProject({
      projectId: 'tenant-one',
      redirectUris: [CALLBACK],
      users: [{ email: SUPPORT, workspaceDomain: 'tenant.example' }],
    });
    credentials = { client_id: clientId, client_secret: clientSecret };
  });
  afterEach(async () => {
    await google.close();
    await endpoint.close();
    await next.close();
    await rm(folder, { recursive: true });
  });

  async function restart(): Promise<void> {
    await google.close();
    google = await startSimulator({ stateFile });
  }

  async function code(): Promise<string> {
    const query = new URLSearchParams({
      client_id: credentials.client_id,
      redirect_uri: CALLBACK,
      response_type: 'code',
      access_type: 'offline',
      prompt: 'consent',
      scope: 'openid email https://www.googleapis.com/auth/gmail.readonly',
    });
    const back = await google.client.consent(`${google.url}/o/oauth2/v2/auth?${query}`, { account: SUPPORT });
    if (back.kind !== 'redirected') throw new Error(`Stranded on ${back.page}`);
    return back.url.searchParams.get('code')!;
  }

  async function token(fields: Record<string, string>): Promise<Record<string, string>> {
    const body = new URLSearchParams({ ...credentials, ...fields });
    const response = await fetch(`${google.url}/token`, { method: 'POST', body });
    return (await response.json()) as Record<string, string>;
  }

  const exchange = (given: string) =>
    token({ grant_type: 'authorization_code', code: given, redirect_uri: CALLBACK });
  const refresh = (given = '') => token({ grant_type: 'refresh_token', refresh_token: given });

  async function gmail<T>(accessToken: string | undefined, path: string, body?: object): Promise<T> {
    const response = await fetch(`${google.url}/gmail/v1/users/me/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  }

  async function watchMailbox(accessToken: string | undefined, pushEndpoint: string): Promise<void> {
    const { pubsub } = google.client;
    await pubsub.createTopic(TOPIC);
    await pubsub.grantPublishers(TOPIC);
    await pubsub.createSubscription(PUSHES, { topic: TOPIC, pushConfig: { pushEndpoint } });
    await gmail(accessToken, 'watch', { topicName: TOPIC });
    await google.client.advance(seconds(2));
  }

  const jwks = async () => (await fetch(`${google.url}/oauth2/v3/certs`)).text();
  const pems = async () => (await fetch(`${google.url}/oauth2/v1/certs`)).text();

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the spec looks into and changes the file at will
  async function linesOfFile(): Promise<[any, ...string[]]> {
    const [first = '', ...rest] = (await readFile(stateFile, 'utf8')).split('\n');
    return [JSON.parse(first), ...rest];
  }

  /** Resolves once the file, without being asked, has what is awaited. */
  async function savedByItself(isThere: (content: string) => boolean): Promise<void> {
    const watcher = watch(join(stateFile, '..'));
    const changes = on(watcher, 'change');
    try {
      while (!isThere(await readFile(stateFile, 'utf8'))) await changes.next();
    } finally {
      watcher.close();
    }
  }

  describe('after a restart', () => {
    it('refreshes the same refresh token, and takes an access token until it expires', async () => {
      const before = await exchange(await code());
      await restart();
      const { access_token: refreshed } = await refresh(before['refresh_token']);
      expect(await gmail(refreshed, 'profile')).toMatchObject({ emailAddress: SUPPORT });
      expect(await gmail(before['access_token'], 'profile')).toMatchObject({ emailAddress: SUPPORT });
      await google.client.advance(hours(1));
      expect(await gmail(before['access_token'], 'profile')).toMatchObject({ error: { code: 401 } });
    });

    it('exchanges a code that is under way once, and not after ten minutes', async () => {
      const [one, late] = [await code(), await code()];
      await restart();
      expect(await exchange(one)).toHaveProperty('refresh_token');
      expect(await exchange(one)).toMatchObject({ error: 'invalid_grant' });
      await google.client.advance(minutes(10));
      expect(await exchange(late)).toMatchObject({ error: 'invalid_grant' });
    });

    it('still refuses a refresh token that was revoked', async () => {
      const { refresh_token: revoked } = await exchange(await code());
      await google.client.removeApp(SUPPORT, 'tenant-one');
      await restart();
      expect(await refresh(revoked)).toMatchObject({ error: 'invalid_grant' });
    });

    it('has the same moved clock, so that what was due stays due', async () => {
      await google.client.changeProject('tenant-one', { publishingStatus: 'testing', testUsers: [SUPPORT] });
      const { refresh_token: short } = await exchange(await code());
      await google.client.advance(days(4));
      await restart();
      expect(await refresh(short)).toHaveProperty('access_token');
      await google.client.advance(days(3));
      expect(await refresh(short)).toMatchObject({ error: 'invalid_grant' });
    });

    it('signs with the same key', async () => {
      const before = [await jwks(), await pems()];
      await restart();
      expect([await jwks(), await pems()]).toEqual(before);
    });

    it('signs with the key that another process left, and with none of its own', async () => {
      await google.close();
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const [first, ...rest] = await linesOfFile();
      first.world.signingKey.privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' });
      await writeFile(stateFile, [JSON.stringify(first), ...rest].join('\n'));
      google = await startSimulator({ stateFile });
      expect(await jwks()).toContain(publicKey.export({ format: 'jwk' }).n);
      await restart();
      expect(await jwks()).toContain(publicKey.export({ format: 'jwk' }).n);
    });

    it('has all else as it was', async () => {
      const { client } = google;
      await client.changeProject('tenant-one', {
        enabledApis: ['gmail.googleapis.com', 'pubsub.googleapis.com'],
        organization: { domain: 'tenant.example', domainRestrictedSharing: false },
        owners: [SUPPORT],
      });
      await client.addSecret(credentials.client_id);
      await client.setWorkspacePolicy('tenant.example', { blockedClientIds: ['b'], cloudSessionMs: 1_000 });
      await client.createUser('no-mail@tenant.example', { hasGmail: false });
      const { access_token: access } = await exchange(await code());
      await watchMailbox(access, endpoint.url);
      await client.pubsub.settled();
      await client.pubsub.createTopic(DEAD);
      await client.pubsub.createSubscription(PULLS, {
        topic: TOPIC,
        expirationPolicy: {},
        deadLetterPolicy: { deadLetterTopic: DEAD, maxDeliveryAttempts: 7 },
      });
      await client.pubsub.configure({ grantPropagationMs: 1 });
      await client.gmail.configure({ historyLifetimeMs: 5_000_000 });
      await client.gmail.createLabel(SUPPORT, 'Printers');
      const { id } = await client.gmail.deliver(SUPPORT, { labelIds: ['INBOX', 'Label_1'] });
      await client.gmail.deleteForever(SUPPORT, id);
      await client.gmail.deliver(SUPPORT, { subject: 'Kept' });
      await client.pubsub.settled({ subscription: PUSHES });
      await google.close();
      const before = await linesOfFile();
      google = await startSimulator({ stateFile });
      await google.close();
      expect(before[0].world.pubsub.subscriptions[1].backlog.deliveries).not.toEqual([]);
      expect(await linesOfFile()).toEqual(before);
    });

    it('has every mail byte for byte, and a history that goes on with larger ids', async () => {
      const raw = Buffer.from(
        'Message-ID: <a@b>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n\xff\x00\r\n',
        'latin1',
      );
      const { id: first } = await google.client.gmail.deliver(SUPPORT, raw);
      const { historyId: start } = await google.client.gmail.mailbox(SUPPORT);
      const { access_token: access, refresh_token: lasting } = await exchange(await code());
      const { id: second } = await google.client.gmail.deliver(SUPPORT, { subject: 'Before' });
      const whole = await gmail<{ raw: string }>(access, `messages/${first}?format=raw`);
      await restart();
      const { id: third } = await google.client.gmail.deliver(SUPPORT, {
        subject: 'After',
        inReplyTo: '<a@b>',
      });
      const { access_token: anew } = await refresh(lasting);
      expect(await gmail(anew, `messages/${first}?format=raw`)).toEqual(whole);
      expect(Buffer.from(whole.raw, 'base64url')).toEqual(raw);
      expect(await gmail(anew, `messages/${third}?format=minimal`)).toMatchObject({ threadId: first });
      const { history } = await gmail<{ history: { id: string; messages: { id: string }[] }[] }>(
        anew,
        `history?startHistoryId=${start}`,
      );
      expect(history.flatMap(({ messages }) => messages.map(({ id }) => id))).toEqual([second, third]);
      expect(BigInt(history[1]!.id)).toBeGreaterThan(BigInt(history[0]!.id));
    });

    it('notifies the watch of the next mail', async () => {
      const { access_token: access } = await exchange(await code());
      await watchMailbox(access, endpoint.url);
      await google.client.pubsub.delivered({ emailAddress: SUPPORT });
      await restart();
      const { historyId } = await google.client.gmail.deliver(SUPPORT, { subject: 'After' });
      await google.client.pubsub.delivered({ emailAddress: SUPPORT });
      expect(endpoint.texts.map((text) => JSON.parse(text) as unknown).at(-1)).toEqual({
        emailAddress: SUPPORT,
        historyId: Number(historyId),
      });
    });

    it('pushes again what nobody acknowledged, as the same message, and nothing else', async () => {
      await endpoint.close();
      endpoint = await PushEndpoint.answering(204, 0);
      const { access_token: access } = await exchange(await code());
      await watchMailbox(access, endpoint.url);
      await google.client.gmail.deliver(SUPPORT, { subject: 'Unanswered' });
      await endpoint.next(2);
      await google.close();
      const content = (await readFile(stateFile, 'utf8')).replaceAll(endpoint.url, next.url);
      await writeFile(stateFile, content);
      google = await startSimulator({ stateFile });
      await google.client.pubsub.settled({ subscription: PUSHES });
      expect(next.messageIds).toEqual([endpoint.messageIds[1]]);
    });

    it('numbers new messages apart from former ones', async () => {
      const { access_token: access } = await exchange(await code());
      await watchMailbox(access, endpoint.url);
      await google.client.pubsub.delivered();
      await restart();
      await google.client.gmail.deliver(SUPPORT, { subject: 'After' });
      await endpoint.next(2);
      const [before, after] = endpoint.messageIds.map(BigInt);
      expect(after! > before!).toBe(true);
    });

    it('has no fault and no logged request any more', async () => {
      await exchange(await code());
      await google.client.addFault({ match: {}, effect: { kind: 'html', code: 502 } });
      await restart();
      expect(await google.client.faults()).toEqual([]);
      expect(await google.client.requests()).toEqual([]);
    });
  });

  describe('while it runs', () => {
    it('saves what changed without being closed, for its owner only', async () => {
      const { id } = await google.client.gmail.deliver(SUPPORT, { subject: 'Saved soon' });
      await savedByItself((content) => content.includes(id));
      expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
      const successor = await startSimulator({ stateFile });
      expect((await successor.client.gmail.mailbox(SUPPORT)).messages).toBe(1);
      await successor.close();
    });

    it('has a whole file at every moment', async () => {
      await savedByItself((content) => content.includes(SUPPORT));
      const text = 'x'.repeat(500_000);
      const sending = (async () => {
        for (let mail = 0; mail < 40; mail += 1) await google.client.gmail.deliver(SUPPORT, { text });
      })();
      let sent = false;
      void sending.then(() => (sent = true));
      const seen: number[] = [];
      while (!sent) {
        const copy = join(folder, `copy-${seen.length}`);
        await writeFile(copy, await readFile(stateFile));
        const found = await startSimulator({ stateFile: copy });
        seen.push((await found.client.gmail.mailbox(SUPPORT)).messages);
        await found.close();
      }
      await sending;
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      await savedByItself((content) => content.trimEnd().split('\n').length === 41);
    });
  });

  describe('when the file is not as it should be', () => {
    const problem = async (content: string | Buffer): Promise<string> => {
      await writeFile(join(folder, 'bad.state'), content);
      const started = startSimulator({ stateFile: join(folder, 'bad.state') });
      await expect(started).rejects.toBeInstanceOf(StateFileProblem);
      expect(await readFile(join(folder, 'bad.state'))).toEqual(Buffer.from(content));
      return await started.then(
        () => '',
        ({ message }: Error) => message,
      );
    };
    const whole = async () => {
      await google.client.gmail.deliver(SUPPORT, { text: 'y'.repeat(10_000) });
      await google.close();
      return await readFile(stateFile, 'utf8');
    };

    it('refuses one that is empty, foreign or no JSON, names it and leaves it alone', async () => {
      for (const content of ['', '{"projects":[]}', 'client_secret=GOCSPX-hush']) {
        const message = await problem(content);
        expect(message).toContain(
          `The state file ${join(folder, 'bad.state')} is damaged or not the simulator's`,
        );
        expect(message).toContain('put a good copy in its place, or move it away to start empty.');
        expect(message).not.toContain('hush');
      }
    });

    it('refuses one that was cut off, wherever that was', async () => {
      const content = await whole();
      const lines = content.split('\n');
      expect(await problem(lines[0]!)).toContain('is not whole');
      expect(await problem(content.slice(0, lines[0]!.length + 5_000))).toContain('line 2 is not JSON');
      expect(await problem(content.slice(0, 300))).toContain('line 1 is not JSON');
    });

    it('refuses one with a value that cannot be, and says where', async () => {
      const content = (await whole()).replace('"userType":"external"', '"userType":"both"');
      expect(await problem(content)).toContain('projects.0.userType');
    });

    it('refuses one of a newer simulator', async () => {
      const message = await problem((await whole()).replace('"version":1', '"version":2'));
      expect(message).toContain('is of a newer simulator (its format is 2, this one knows 1)');
    });

    it('refuses a place where nothing can be written', async () => {
      const within = join(folder, 'a-file');
      await writeFile(within, '');
      await expect(startSimulator({ stateFile: join(within, 'google.state') })).rejects.toThrow(
        StateFileProblem,
      );
    });

    it('starts from the last whole one when a save was cut off', async () => {
      await google.close();
      await writeFile(`${stateFile}.unfinished`, '{"format":"google-simul');
      google = await startSimulator({ stateFile });
      expect(await google.client.project('tenant-one')).toMatchObject({ id: 'tenant-one' });
      await google.client.createUser('next@tenant.example');
      await restart();
      expect(google.world.user('next@tenant.example')).toBeDefined();
    });
  });
});
