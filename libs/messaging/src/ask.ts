import { ClientNats } from '@nestjs/microservices';
import { firstValueFrom, timeout } from 'rxjs';
import type { RequestContract } from '#contracts/contract';
import { problem } from '#problems/problem';
import { refused, type Envelope, type Origin, type Reply } from './envelope.js';
import { natsServers, repliesOf } from './nats-servers.js';

/** Asks the service that owns the request. Never rejects: no answer in time is the problem `service.unavailable`. */
export type Ask = <Data, Answer>(
  contract: RequestContract<Data, Answer>,
  data: Data,
  origin: Origin,
  options?: { timeoutMs?: number },
) => Promise<Reply<Answer>>;

const patienceMs = 30_000;

export interface Asking {
  ask: Ask;
  close(): Promise<void>;
}

/** A connection of its own for requests to other services. */
export async function openAsking(natsUrl: string, name: string): Promise<Asking> {
  const client = new ClientNats({
    ...natsServers(natsUrl),
    name: `${name}.ask`,
    maxReconnectAttempts: -1,
    inboxPrefix: repliesOf(name),
  });
  await client.connect();
  return {
    close: () => client.close(),
    async ask(contract, data, origin, options = {}) {
      const { id, tenantId, correlationId, by } = origin;
      const envelope: Envelope = { id, tenantId, correlationId, by, from: name, data };
      try {
        return await firstValueFrom(
          client.send(contract.subject, envelope).pipe(timeout(options.timeoutMs ?? patienceMs)),
        );
      } catch {
        return refused(problem('service.unavailable', { service: contract.service }));
      }
    },
  };
}
