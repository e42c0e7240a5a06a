import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { RequestContract, ServiceName } from '#contracts/contract';
import { GetAccessToken, GetProvisioningToken } from '#contracts/oauth';
import { requests } from '#contracts/registry';
import { asks } from '#contracts/who-asks';
import { openObjects } from '#deliveries/objects';
import { DELIVERIES, ensureStreams, NOTIFICATIONS } from '#deliveries/streams';
import { TestNatsCluster } from '#servers/test-nats-cluster';
import { openAsking } from './ask.js';
import { accepted, beginning } from './envelope.js';
import { natsPermissions, natsUsers, permissionsFile, type NatsUser } from './nats-permissions.js';
import { inboxOf, natsServers, repliesOf } from './nats-servers.js';

const services: ServiceName[] = ['gateway', 'oauth', 'gmail', 'calendar', 'maintenance'];
const token = [GetAccessToken.subject, GetProvisioningToken.subject];

describe('the permissions', () => {
  it('are those of the file that NATS reads: "npm run docs" writes it', () => {
    expect(readFileSync('deploy/nats/permissions.conf', 'utf8')).toBe(permissionsFile());
  });

  it('let only gmail and calendar ask for access tokens', () => {
    const asking = (subject: string): NatsUser[] =>
      natsUsers.filter((user) => natsPermissions[user].publish.includes(subject));
    expect(token.map(asking)).toEqual([['gmail', 'calendar'], ['gmail']]);
  });

  it.each(services)('let %s ask for what its code asks for, and nothing else', async (service) => {
    expect(asks[service]).toEqual(await askedForIn(`apps/${service}/src`));
  });
});

describe('NATS with these permissions', () => {
  let cluster: TestNatsCluster;
  const opened: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    cluster = await TestNatsCluster.start(1);
    const gmail = await open('gmail');
    await ensureStreams(gmail, { retentionDays: 14 });
  });
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await cluster?.stop();
  });

  async function open(user: NatsUser): Promise<NatsConnection> {
    const inbox = user === 'psa' ? {} : { inboxPrefix: inboxOf(user) };
    const nats = await connect({ ...natsServers(cluster.urlFor(user)), ...inbox });
    opened.push(nats);
    return nats;
  }

  /** The service's side of a request, without the service. */
  async function answers(service: ServiceName, contract: RequestContract): Promise<{ asked: number }> {
    const nats = await open(service);
    const heard = { asked: 0 };
    nats.subscribe(contract.subject, {
      queue: service,
      callback: (_, message) => {
        heard.asked++;
        const { id } = message.json<{ id: string }>();
        message.respond(JSON.stringify({ id, isDisposed: true, response: accepted({}) }));
      },
    });
    await nats.flush();
    return heard;
  }

  /** What NATS says to a publication or a subscription. */
  async function refusalOf(user: NatsUser, act: (nats: NatsConnection) => void): Promise<string | null> {
    const nats = await open(user);
    const said = (async () => {
      for await (const status of nats.status()) if (status.type === 'error') return status.error.message;
      return null;
    })();
    act(nats);
    await nats.flush();
    await nats.close();
    return said;
  }

  it('answers gmail and calendar with access tokens, and lets nobody else ask', async () => {
    const oauth = await answers('oauth', GetAccessToken as RequestContract);
    for (const user of ['gmail', 'calendar'] as const) {
      const asking = await openAsking(cluster.urlFor(user), user);
      opened.push(asking);
      const reply = await asking.ask(GetAccessToken, { providerId: 'p1' }, beginning('t1', user));
      expect(reply).toMatchObject({ ok: true });
    }
    expect(oauth.asked).toBe(2);
    for (const user of natsUsers.filter((each) => each !== 'gmail' && each !== 'calendar'))
      expect(await refusalOf(user, (nats) => nats.publish(GetAccessToken.subject, '{}'))).toMatch(
        /Permissions Violation for Publish to "query.oauth.GetAccessToken"/,
      );
    expect(oauth.asked).toBe(2);
  });

  it('lets nobody listen to the replies, requests and streams of others', async () => {
    for (const user of natsUsers)
      for (const subject of [
        ...services
          .filter((other) => other !== user)
          .flatMap((other) => [`${repliesOf(other)}.>`, `${inboxOf(other)}.>`]),
        ...services.filter((other) => other !== user).map((other) => `query.${other}.>`),
        'delivery.>',
        'notification.>',
        '>',
      ])
        expect([user, subject, await refusalOf(user, (nats) => nats.subscribe(subject))]).toEqual([
          user,
          subject,
          expect.stringMatching(/Permissions Violation for Subscription/),
        ]);
  }, 120_000);

  it('lets the PSA consume what is delivered, and do nothing else', async () => {
    const gmail = await open('gmail');
    await jetstream(gmail).publish('delivery.t1.inbound-email.received', 'a mail');
    const psa = await open('psa');
    const manager = await jetstreamManager(psa);
    await manager.consumers.add(DELIVERIES, {
      durable_name: 'psa',
      filter_subject: 'delivery.*.inbound-email.received',
      ack_policy: AckPolicy.Explicit,
    });
    const consumer = await jetstream(psa).consumers.get(DELIVERIES, 'psa');
    const message = await consumer.next();
    expect(message?.string()).toBe('a mail');
    expect(await message?.ackAck()).toBe(true);

    await expect(manager.streams.purge(DELIVERIES)).rejects.toThrow(/Permissions Violation/i);
    await expect(manager.streams.info(NOTIFICATIONS)).rejects.toThrow(/Permissions Violation/i);
    await expect(manager.consumers.add(NOTIFICATIONS, { durable_name: 'psa' })).rejects.toThrow(
      /Permissions Violation/i,
    );
    for (const { subject } of requests) expect(natsPermissions.psa.publish).not.toContain(subject);
    for (const subject of [requests[0]!.subject, 'delivery.t1.inbound-email.received', 'reply.gmail.1'])
      expect(await refusalOf('psa', (nats) => nats.publish(subject, '{}'))).toMatch(/Permissions Violation/);
  });

  it('lets nobody make streams but who may have access tokens anyway: a stream stores whatever subject it is told to', async () => {
    const config = { name: DELIVERIES, subjects: ['reply.>'] };
    for (const user of natsUsers.filter((each) => each !== 'gmail' && each !== 'calendar')) {
      const manager = await jetstreamManager(await open(user), { checkAPI: false });
      await expect(manager.streams.add(config)).rejects.toThrow(/Permissions Violation/i);
      await expect(manager.streams.update(DELIVERIES, config)).rejects.toThrow(/Permissions Violation/i);
      await expect(manager.streams.add({ ...config, name: 'OTHER' })).rejects.toThrow(
        /Permissions Violation/i,
      );
    }
  });

  it('lets gmail write objects that the gateway reads', async () => {
    const written = await openObjects(await open('gmail'));
    const content = Buffer.alloc(300_000, 'x');
    await written.put('t1/p1/m1/raw', content);
    await written.put('t1/p1/m1/raw', Buffer.alloc(200_000, 'y'));
    await written.put('t1/p1/m1/raw', content);
    const read = await (await openObjects(await open('gateway'))).read('t1', 't1/p1/m1/raw');
    expect(Buffer.from(await new Response(read!.data).arrayBuffer()).equals(content)).toBe(true);
  });

  it('has the gateway wait for streams that it may not make, and say so in the end', async () => {
    const bare = await TestNatsCluster.start(1);
    const connections: NatsConnection[] = [];
    const openThere = async (user: NatsUser): Promise<NatsConnection> => {
      const nats = await connect({ ...natsServers(bare.urlFor(user)), inboxPrefix: inboxOf(user) });
      connections.push(nats);
      return nats;
    };
    try {
      const gateway = await openThere('gateway');
      await expect(ensureStreams(gateway, { retentionDays: 14 }, { patienceMs: 0 })).rejects.toThrow(
        'JetStream has no stream NOTIFICATIONS, and this service may not make it: start gmail or calendar.',
      );
      const waiting = ensureStreams(gateway, { retentionDays: 14 });
      await ensureStreams(await openThere('calendar'), { retentionDays: 14 });
      expect(await waiting).toEqual({ made: [], mended: [], refused: [] });
    } finally {
      await Promise.all(connections.map((nats) => nats.close()));
      await bare.stop();
    }
  });
});

/** Requests whose contracts a folder's code uses as values in any way other than answering them. */
async function askedForIn(folder: string): Promise<string[]> {
  const asked = new Set<string>();
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith('.ts') || /\.spec\.ts$|scenario|fixtures\//.test(entry)) continue;
    const text = await readFile(join(folder, entry), 'utf8');
    const imported = [...text.matchAll(/import \{([^}]*)\} from '#contracts\//g)].flatMap(([, names]) =>
      names!.split(',').map((name) => name.trim()),
    );
    const code = text
      .replace(/import[^;]*?;/g, '')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      .replace(/answer\(\s*\w+/g, '')
      .replace(/typeof \(?\w+/g, '')
      .replace(/'[^'\n]*'/g, '');
    for (const { type, subject } of requests)
      if (imported.includes(type) && new RegExp(`\\b${type}\\b`).test(code)) asked.add(subject);
  }
  return [...asked].sort();
}
