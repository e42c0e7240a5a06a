import { setTimeout as pause } from 'node:timers/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { inboxOf, natsServers } from '#messaging/nats-servers';
import { TestNatsCluster } from '#servers/test-nats-cluster';
import { openObjects } from './objects.js';
import { ensureStreams } from './streams.js';

describe('the streams in a cluster of three nodes', () => {
  let cluster: TestNatsCluster;
  const connections: NatsConnection[] = [];

  beforeAll(async () => {
    cluster = await TestNatsCluster.start(3);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(connections.map((nats) => nats.close()));
    await cluster?.stop();
  });

  async function open(user: string): Promise<NatsConnection> {
    const servers = natsServers(cluster.urlFor(user));
    const nats = await connect({ ...servers, maxReconnectAttempts: -1, inboxPrefix: inboxOf(user) });
    connections.push(nats);
    return nats;
  }

  async function copies(nats: NatsConnection): Promise<number[]> {
    const manager = await jetstreamManager(nats);
    const names = ['NOTIFICATIONS', 'DELIVERIES', 'ACTIVITY', 'OBJ_messages'];
    const infos = await Promise.all(names.map((name) => manager.streams.info(name)));
    return infos.map(({ config }) => config.num_replicas);
  }

  it('are made at once with the copies that are wanted, while the cluster still looks for its leader', async () => {
    const [gateway, gmail, calendar] = await Promise.all(['gateway', 'gmail', 'calendar'].map(open));
    await Promise.all(
      [gateway, gmail, calendar].map((nats) => ensureStreams(nats!, { retentionDays: 14, replicas: 1 })),
    );
    expect(await copies(gmail!)).toEqual([1, 1, 1, 1]);
    const { mended } = await ensureStreams(gmail!, { retentionDays: 14, replicas: 3 });
    expect(mended).toHaveLength(4);
    expect(await copies(gmail!)).toEqual([3, 3, 3, 3]);
  }, 120_000);

  it('keep what they hold, and take more, while their leader is away', async () => {
    const gmail = await open('gmail');
    await ensureStreams(gmail, { retentionDays: 14, replicas: 3 });
    const content = Buffer.alloc(200_000, 'x');
    const objects = await openObjects(gmail);
    await untilTaken(() => objects.put('t1/p1/m1/raw', content));
    const stream = jetstream(gmail, { timeout: 2_000 });
    const mail = (msgID: string) => () =>
      stream.publish('delivery.t1.inbound-email.received', 'a mail', { msgID });
    await untilTaken(mail('before'));
    const manager = await jetstreamManager(gmail);
    const leader = (await manager.streams.info('DELIVERIES')).cluster!.leader!;
    const node = Number(leader.replace('nats-', '')) - 1;
    await cluster.stopNode(node);
    await untilTaken(mail('meanwhile'));
    await cluster.startNode(node);
    await untilTaken(mail('after'));
    await untilTaken(async () => {
      const { state } = await manager.streams.info('DELIVERIES');
      expect(state.messages).toBe(3);
    });
    const read = await (await openObjects(await open('gateway'))).read('t1', 't1/p1/m1/raw');
    expect(Buffer.from(await new Response(read!.data).arrayBuffer()).equals(content)).toBe(true);
  }, 240_000);
});

/** As the outbox does: again until it is confirmed. */
async function untilTaken(act: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const taken = await act().then(
      () => true,
      () => false,
    );
    if (taken) return;
    await pause(50);
  }
}
