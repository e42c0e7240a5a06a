import { AckPolicy, jetstream, jetstreamManager, type Consumer } from '@nats-io/jetstream';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';
import { startTestNats, type TestNats } from '#servers/test-database';
import { minutes } from '#time/clock';
import { messagesAtHand } from './messages-at-hand.js';

describe('the messages at hand', () => {
  let server: TestNats;
  let nats: NatsConnection;
  let consumer: Consumer;

  beforeAll(async () => {
    server = await startTestNats();
    nats = await connect({ servers: server.url });
    const manager = await jetstreamManager(nats);
    await manager.streams.add({ name: 'REPORTS', subjects: ['report.>'] });
    const config = { durable_name: 'reader', ack_policy: AckPolicy.Explicit, ack_wait: nanos(minutes(5)) };
    await manager.consumers.add('REPORTS', config);
    consumer = await jetstream(nats).consumers.get('REPORTS', 'reader');
  });
  afterAll(async () => {
    await nats?.close();
    await server?.stop();
  });

  const taken = async (most: number): Promise<string[]> => {
    const messages = await messagesAtHand(consumer, most);
    for (const message of messages) message.ack();
    await nats.flush();
    return messages.map((message) => message.string());
  };
  const told = async (...reports: string[]): Promise<void> => {
    for (const report of reports) await jetstream(nats).publish('report.one', report);
  };

  it('are none when nothing comes', async () => {
    expect(await taken(5)).toEqual([]);
  });

  it('are all that are there, in their order', async () => {
    await told('a', 'b', 'c');
    expect(await taken(5)).toEqual(['a', 'b', 'c']);
    expect(await taken(5)).toEqual([]);
  });

  it('are never more than wanted, and the others are there the next time', async () => {
    await told('a', 'b', 'c');
    expect(await taken(2)).toEqual(['a', 'b']);
    expect(await taken(2)).toEqual(['c']);
  });

  it('are one that comes while it is waited for', async () => {
    const waiting = taken(5);
    await told('late');
    expect(await waiting).toEqual(['late']);
  });
});
