import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { streamsExist } from '#deliveries/streams-check';
import { z } from 'zod';
import { open, type Route } from '../api/route.js';

export interface HealthMeans {
  nats: NatsConnection;
  database: DataSource;
}

const tag = 'Health';
const patience = 2_000;
const check = z.enum(['ok', 'unreachable']);

export const healthRoutes = ({ nats, database }: HealthMeans): Route[] => {
  const streams = streamsExist(nats);
  return [
    open({
      method: 'GET',
      path: '/health',
      tag,
      summary: 'The process lives and answers',
      answer: z.object({ status: z.literal('ok') }),
      handle: () => Promise.resolve({ body: { status: 'ok' } }),
    }),
    open({
      method: 'GET',
      path: '/ready',
      tag,
      summary:
        'Requests and pushes can be taken: NATS with its streams and PostgreSQL answered just now; 503 otherwise',
      answer: z.object({
        status: z.enum(['ready', 'not-ready']),
        nats: check,
        database: check,
        streams: z.enum(['ok', 'missing', 'unreachable']),
      }),
      handle: async () => {
        let missing: string | null = null;
        const [natsCheck, databaseCheck, streamsCheck] = await Promise.all([
          answersInTime(nats.flush()),
          answersInTime(database.query('SELECT 1')),
          answersInTime(streams.find().then((found) => (missing = found))),
        ]);
        const streamsThere = streamsCheck === 'ok' && missing !== null ? ('missing' as const) : streamsCheck;
        const ready = [natsCheck, databaseCheck, streamsThere].every((one) => one === 'ok');
        return {
          status: ready ? 200 : 503,
          body: {
            status: ready ? 'ready' : 'not-ready',
            nats: natsCheck,
            database: databaseCheck,
            streams: streamsThere,
          },
        };
      },
    }),
  ];
};

async function answersInTime(asked: Promise<unknown>): Promise<z.infer<typeof check>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'unreachable'>((resolve) => {
    timer = setTimeout(() => resolve('unreachable'), patience);
  });
  const answered = asked.then(
    () => 'ok' as const,
    () => 'unreachable' as const,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
