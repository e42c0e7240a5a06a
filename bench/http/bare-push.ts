import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { answerTheBenchmark } from '../measuring/program.js';

/** The floor of a push: a route that believes everybody, publishes to JetStream, newest per mailbox, and answers after the confirmation. */
answerTheBenchmark(async ({ natsUrl }: { natsUrl: string }): Promise<{ port: number }> => {
  const nats = await connect({ servers: natsUrl });
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: 'BARE', subjects: ['bare.>'], max_msgs_per_subject: 1 });
  const stream = jetstream(nats);
  const app = Fastify();
  app.post<{ Body: { message: { data: string } } }>('/', async (request, reply) => {
    const data = Buffer.from(request.body.message.data, 'base64');
    const { emailAddress } = JSON.parse(data.toString()) as { emailAddress: string };
    await stream.publish(`bare.${emailAddress}`, data);
    return reply.status(204).send();
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as AddressInfo).port };
});
