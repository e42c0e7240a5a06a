import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigurationError, type Configuration } from '#configuration/configuration';
import { requestsOf } from '#contracts/registry';
import { nestLogger, type Logger as ServiceLogger } from '#logging/logger';
import { openAsking } from '#messaging/ask';
import type { Handler } from '#messaging/handler';
import { natsServers } from '#messaging/nats-servers';
import { OperatorBoard } from '#operating/operator-board';
import { startOperatorServer } from '#operating/operator-server';
import { serviceModule } from '#messaging/service-module';
import { runProcessors, type RunningProcessors } from '#processors/run-processors';
import { seconds, type Clock } from '#time/clock';
import {
  openDatabaseOf,
  openEventStore,
  openJobs,
  openLocks,
  openNats,
  openSecrets,
  type Closing,
} from './adapters.js';
import type { Composition, Means, ServiceDefinition } from './service.js';
import { watchedService } from './watched-service.js';

export interface RunOptions {
  configuration: Configuration;
  clock: Clock;
  logger: (service: string) => ServiceLogger;
  /** Called when a worker of a service ended with an error; the process should end then and be started again. */
  onFailure: (error: Error) => void;
  /** One per process: what it tells its operators of all its services. */
  board?: OperatorBoard;
}

export interface RunningService {
  name: string;
  processors: RunningProcessors;
  /** Of the service with HTTP routes: where it listens. */
  url?: string;
  /** Takes nothing new, finishes what is being done, frees everything. */
  close(): Promise<void>;
}

/** The operators' server of this process, where one is wished. Its closing is last, so that it tells of the end, too. */
export async function runOperatorServer(
  { operator }: Configuration,
  logger: ServiceLogger,
): Promise<{ board: OperatorBoard; close(): Promise<void> }> {
  const board = new OperatorBoard();
  if (operator.port === undefined) return { board, close: () => Promise.resolve() };
  const server = await startOperatorServer(board, { host: operator.host, port: operator.port }).catch(
    (error: Error) => {
      throw new ConfigurationError([
        {
          setting: 'OPERATOR_PORT',
          fault: `cannot be listened on (${error.message}): each process on a machine needs one of its own`,
        },
      ]);
    },
  );
  logger.info({ url: server.url }, 'operators find /health, /ready and /metrics here');
  return { board, close: () => server.close() };
}

/** Five processes or one is the length of this list. Started together, because they ask each other; ended together if one cannot start. */
export async function runServices(
  definitions: ServiceDefinition[],
  options: RunOptions,
): Promise<RunningService[]> {
  const started = await Promise.allSettled(definitions.map((definition) => runService(definition, options)));
  const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed) {
    await Promise.all(running.map((service) => service.close()));
    throw failed.reason;
  }
  return running;
}

export async function runService(
  definition: ServiceDefinition,
  options: RunOptions,
): Promise<RunningService> {
  const toClose: (() => Promise<unknown>)[] = [];
  const closing: Closing = (close) => toClose.unshift(close);
  const closeAll = async (): Promise<void> => {
    for (const close of toClose) await close();
  };
  const announced = options.board?.announce(definition.name);
  closing(async () => announced?.ended());
  try {
    return await start(definition, options, closing, closeAll, announced);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(
  definition: ServiceDefinition,
  { configuration, clock, logger: loggerOf, onFailure, board }: RunOptions,
  closing: Closing,
  closeAll: () => Promise<void>,
  announced: ReturnType<OperatorBoard['announce']> | undefined,
): Promise<RunningService> {
  const logger = loggerOf(definition.name);
  // Nest's static logger, which its clients use, is one for the whole process.
  Logger.overrideLogger(nestLogger(logger));
  const nats = await openNats(configuration.natsUrl, definition.name, closing);
  const asking = await openAsking(configuration.natsUrl, definition.name);
  closing(() => asking.close());
  const means: Means = {
    configuration,
    clock,
    logger,
    nats,
    ask: asking.ask,
    database: await openDatabaseOf(definition, configuration, closing),
    ...(await openEventStore(configuration, logger, closing)),
    locks: openLocks(configuration, logger, closing),
    jobs: openJobs(configuration, logger, closing),
    secrets: await openSecrets(definition, configuration, closing),
    ...(board && { operatorBoard: board }),
  };
  const composition = await definition.compose(means);
  if (composition.close) closing(composition.close);
  assertComplete(definition, composition.handlers);

  const url = await listen(definition, composition, means, closing);
  const ending = new AbortController();
  const processors = runProcessors(composition.processors, {
    database: means.database,
    store: means.store,
    clock,
    warn: (sentence, about = {}) => logger.warn(about, sentence),
    signal: ending.signal,
  });
  closing(() => processors.close());
  const working = composition.workers.map(({ name, run }) =>
    run(ending.signal).catch((error: unknown) => {
      if (ending.signal.aborted) return;
      const failure = error instanceof Error ? error : new Error(String(error));
      logger.error({ worker: name, err: failure }, 'a worker ended');
      onFailure(failure);
    }),
  );
  closing(() => Promise.all(working));
  closing(() => Promise.resolve(ending.abort()));
  announced?.started(watchedService(definition.name, means, composition));
  logger.info('ready');
  return { name: definition.name, processors, close: closeAll, ...(url ? { url } : {}) };
}

/** A request without a handler would be lost in silence, and of two handlers Nest would silently drop one. */
function assertComplete({ name }: ServiceDefinition, handlers: Handler[]): void {
  const owned = requestsOf(name).map(({ type }) => type);
  const handled = handlers.map(({ contract }) => contract.type);
  const missing = owned.filter((type) => !handled.includes(type));
  const surplus = handled.filter((type, index) => !owned.includes(type) || handled.indexOf(type) !== index);
  if (missing.length > 0 || surplus.length > 0) {
    throw new Error(
      `The service ${name} does not handle its contracts: missing [${missing.join(', ')}], not its own or twice [${surplus.join(', ')}].`,
    );
  }
}

async function listen(
  { name }: ServiceDefinition,
  { handlers, http }: Composition,
  { configuration, logger }: Means,
  closing: Closing,
): Promise<string | undefined> {
  if (handlers.length > 0) {
    const microservice = await NestFactory.createMicroservice<MicroserviceOptions>(
      serviceModule(name, handlers, logger),
      {
        transport: Transport.NATS,
        options: { ...natsServers(configuration.natsUrl), queue: name, name, maxReconnectAttempts: -1 },
        logger: nestLogger(logger),
        abortOnError: false,
      },
    );
    await microservice.listen();
    closing(() => microservice.close());
  }
  if (!http) return undefined;
  // Without a limit, whoever sends a body drop by drop keeps a connection for ever.
  // No HEAD for every GET: asking for the head of a callback would use up its state.
  const adapter = new FastifyAdapter({ requestTimeout: seconds(30), exposeHeadRoutes: false });
  const app = await NestFactory.create<NestFastifyApplication>(http, adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
    bodyParser: true,
  });
  await app.listen(configuration.gateway.port, configuration.gateway.host);
  closing(() => app.close());
  return app.getUrl();
}
