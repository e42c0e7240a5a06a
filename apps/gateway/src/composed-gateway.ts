import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { readConfiguration, type Configuration } from '#configuration/configuration';
import type { RequestContract } from '#contracts/contract';
import { openDatabase } from '#database/database';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import { MemoryLocks } from '#locks/memory-locks';
import { createLogger, nestLogger } from '#logging/logger';
import type { Ask } from '#messaging/ask';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problem } from '#problems/problem';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { runProcessors, type RunningProcessors } from '#processors/run-processors';
import { memorySecrets } from '#secrets/memory-secrets';
import type { SecretsProvider } from '#secrets/secrets-provider';
import { createTestDatabase, startTestNats } from '#servers/test-database';
import { MovableClock } from '#time/clock';
import { gateway } from './service.js';

export interface Asked {
  type: string;
  data: unknown;
  origin: Origin;
}

/** Substitutes of the other services: they answer as they are told and remember what they were asked. */
export class OtherServices {
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, (data: never, origin: Origin) => Promise<Reply<unknown>>>();

  answer<Data, Answer>(
    contract: RequestContract<Data, Answer>,
    answer: (data: Data, origin: Origin) => Reply<Answer> | Promise<Reply<Answer>>,
  ): void {
    this.answers.set(contract.type, async (data, origin) => {
      const reply = await answer(data, origin);
      return reply.ok ? accepted(contract.answer.parse(reply.value)) : reply;
    });
  }

  readonly ask: Ask = async (contract, data, origin) => {
    this.asked.push({ type: contract.type, data: contract.data.parse(data), origin });
    const answer = this.answers.get(contract.type);
    if (!answer) return refused(problem('service.unavailable', { service: contract.service }));
    return (await answer(data as never, origin)) as Reply<never>;
  };
}

export interface ComposedGateway {
  url: string;
  configuration: Configuration;
  clock: MovableClock;
  database: DataSource;
  store: InMemoryEventStore;
  nats: NatsConnection;
  secrets: SecretsProvider;
  services: OtherServices;
  processors: RunningProcessors;
  /** All that was logged. */
  log(): string;
  /** Cuts the gateway from NATS for good. */
  loseNats(): Promise<void>;
  append(stream: string, type: string, data: Record<string, unknown>, at?: Date): Promise<string>;
  token(of?: { tenant?: string; permissions?: string[]; user?: string }): Promise<string>;
  fetch(path: string, init?: RequestInit & { tenant?: string; json?: unknown }): Promise<Response>;
  close(): Promise<void>;
}

const secret = 'the host’s shared secret, long enough';
const all = ['system_settings:read', 'system_settings:create', 'system_settings:update'];

/** The gateway on a PostgreSQL and a NATS of its own, with substitutes of the other services. For specs. */
export async function composeGateway(settings: Record<string, string> = {}): Promise<ComposedGateway> {
  const [testDatabase, testNats] = await Promise.all([createTestDatabase(), startTestNats()]);
  const configuration = readConfiguration({
    BASE_URL: 'https://psa.example.com',
    OPENER_ORIGINS: 'https://app.psa.example.com',
    NATS_URL: testNats.url,
    DATABASE_URL: testDatabase.url,
    AUTH_JWT_SECRET: secret,
    SECRETS_KEY_RING: `k1:${Buffer.alloc(32).toString('base64')}`,
    DEVELOPMENT: 'true',
    ...settings,
  });
  let logged = '';
  const destination = new Writable({ write: (line, _, done) => ((logged += String(line)), done()) });
  const logger = createLogger({ level: 'trace', name: 'gateway', destination });
  const clock = new MovableClock();
  const store = new InMemoryEventStore();
  const secrets = memorySecrets();
  const services = new OtherServices();
  const nats = await connect({ servers: testNats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const database = await openDatabase({
    url: testDatabase.url,
    schema: 'gateway',
    entities: gateway.entities,
    migrations: [ProcessorTables1760000000000, ...gateway.migrations],
    poolSize: 5,
  });
  const composition = await gateway.compose({
    configuration,
    clock,
    logger,
    database,
    store,
    nats,
    ask: services.ask,
    locks: new MemoryLocks(),
    secrets,
  });
  const app = await NestFactory.create<NestFastifyApplication>(composition.http!, new FastifyAdapter(), {
    logger: nestLogger(logger),
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('localhost', '127.0.0.1');
  const ending = new AbortController();
  const processors = runProcessors(composition.processors, {
    database,
    store,
    clock,
    warn: (sentence) => logger.warn(sentence),
    signal: ending.signal,
  });
  const workers = composition.workers.map(({ run }) => run(ending.signal));
  let natsStopped = false;
  const token = ({ tenant = 't1', permissions = all, user = 'u1' } = {}): Promise<string> =>
    new SignJWT({ tenant, permissions })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(secret));
  return {
    url,
    configuration,
    clock,
    database,
    store,
    nats,
    secrets,
    services,
    processors,
    log: () => logged,
    loseNats: async () => {
      natsStopped = true;
      await testNats.stop();
    },
    append: async (stream, type, data, at = clock.now()) => {
      const id = randomUUID();
      const tenantId = stream.split('-')[1]!.split('+')[0]!;
      const metadata = {
        id,
        tenantId,
        correlationId: id,
        causationId: id,
        at: at.toISOString(),
        by: 'user u1',
      };
      await store.append(stream, [{ type, data, metadata }], 'any');
      return id;
    },
    token,
    fetch: async (path, { tenant = 't1', json, ...init } = {}) =>
      fetch(`${url}${path}`, {
        redirect: 'manual',
        ...init,
        headers: {
          authorization: `Bearer ${await token({ tenant })}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...init.headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      }),
    close: async () => {
      ending.abort();
      await app.close();
      await processors.close();
      await nats.close();
      await Promise.all(workers);
      await database.destroy();
      if (!natsStopped) await testNats.stop();
      await testDatabase.drop();
    },
  };
}
