import { mkdir } from 'node:fs/promises';
import { readConfiguration, type Configuration, type EmbeddedSettings } from '#configuration/configuration';
import { startSimulator, type Simulator } from '#google-simulator/server';
import { runService, runServices, type RunningService } from '#hosting/run-services';
import type { ServiceDefinition } from '#hosting/service';
import { createLogger, logFile } from '#logging/logger';
import { OperatorBoard } from '#operating/operator-board';
import { freePort, isPortTaken, ServerStartError } from '#servers/child-server';
import { startNats } from '#servers/nats-server';
import { startPostgres } from '#servers/postgres-server';
import type { Clock } from '#time/clock';
import { calendar } from '../../calendar/src/service.js';
import { gateway } from '../../gateway/src/service.js';
import { gmail } from '../../gmail/src/service.js';
import { maintenance } from '../../maintenance/src/service.js';
import { oauth } from '../../oauth/src/service.js';
import { DataFolder } from './data-folder.js';
import { mintToken, type TokenFor } from './development-token.js';

/** All that this product runs. */
export const allServices: ServiceDefinition[] = [gateway, oauth, gmail, calendar, maintenance];

export interface Embedded {
  configuration: Configuration;
  folder: DataFolder;
  gatewayUrl: string;
  simulator: Simulator;
  natsUrl: string;
  postgresUrl: string;
  services: RunningService[];
  token(of: TokenFor): Promise<string>;
  /** Ends one service in order, the others go on without it until it is restarted. */
  stop(name: ServiceDefinition['name']): Promise<void>;
  /** Ends one service if it still runs, and starts it again. */
  restart(name: ServiceDefinition['name']): Promise<void>;
  /** Resolves when every projection and reactor has processed what is in the store. */
  caughtUp(): Promise<void>;
  /** Ends everything in order. */
  close(): Promise<void>;
}

export interface EmbeddedOptions extends EmbeddedSettings {
  clock: Clock;
  /** Whether mailbox owners are also asked for the Pub/Sub scope; Google then shows boxes to tick. */
  requestPubsubScope?: boolean;
  /** Origins of pages that may open the sign-in popup, besides the gateway's own. */
  openerOrigins?: string[];
  /** Origins of pages that may show the console in a frame or open it, and hand it a token. */
  consoleOrigins?: string[];
  /** Where the built console lies, when not beside the compiled gateway. */
  consoleFolder?: string;
  /** Hears in one sentence what is being brought or waited for. */
  say: (sentence: string) => void;
  onFailure: (error: Error) => void;
}

/** Brings PostgreSQL, NATS and the Google simulator, and runs all services in this process. @throws ServerStartError */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    return await start(options, opened, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: EmbeddedOptions,
  opened: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Embedded> {
  const { clock, say } = options;
  const folder = new DataFolder(options.dataDir);
  await folder.claim();
  await mkdir(folder.within('log'), { recursive: true });
  // Opened first, so closed last: connections have something to say even while PostgreSQL ends.
  const destination = logFile(folder.within('log', 'tenant-google.log'));
  opened.push(() => destination.close());
  const keys = await folder.secrets();
  const gatewayPort = await usablePort(options.gatewayPort, 'The gateway', 'GATEWAY_PORT');
  const simulatorPort = await usablePort(options.simulatorPort, 'The Google simulator', 'SIMULATOR_PORT');

  const [postgresUrl, natsUrl] = await Promise.all([
    postgres(options, folder, opened),
    nats(options, folder, opened),
  ]);
  const simulator = await startSimulator({
    port: simulatorPort,
    stateFile: folder.within('google-simulator.json'),
  });
  opened.push(() => simulator.close());

  const baseUrl = `http://localhost:${gatewayPort}`;
  const configuration = readConfiguration({
    BASE_URL: baseUrl,
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: String(gatewayPort),
    NATS_URL: natsUrl,
    DATABASE_URL: postgresUrl,
    DATABASE_POOL_SIZE: '6',
    EVENTSTOREDB_URL: options.eventStoreDbUrl,
    AUTH_JWT_SECRET: keys.jwtSecret,
    SECRETS_KEY_RING: keys.keyRing,
    GOOGLE_SIMULATOR_URL: simulator.url,
    OPENER_ORIGINS: (options.openerOrigins ?? []).join(','),
    CONSOLE_ORIGINS: (options.consoleOrigins ?? []).join(','),
    CONSOLE_FOLDER: options.consoleFolder,
    REQUEST_PUBSUB_SCOPE: String(options.requestPubsubScope ?? false),
    DEVELOPMENT: 'true',
    LOG_LEVEL: options.logLevel,
  });
  const runOptions = {
    configuration,
    clock,
    board: new OperatorBoard(),
    onFailure: options.onFailure,
    logger: (name: string) =>
      createLogger({ level: configuration.logLevel, name, destination: destination.stream }),
  };
  const services = await runServices(allServices, runOptions);
  opened.push(() => Promise.all(services.map((service) => service.close())));
  await folder.announce({ gateway: baseUrl, simulator: simulator.url, nats: natsUrl, postgres: postgresUrl });
  opened.push(() => folder.withdraw());
  const stop = async (name: ServiceDefinition['name']): Promise<void> => {
    const index = services.findIndex((service) => service.name === name);
    if (index < 0) return;
    const [ended] = services.splice(index, 1);
    await ended!.close();
  };
  say('Everything runs.');
  return {
    configuration,
    folder,
    gatewayUrl: baseUrl,
    simulator,
    natsUrl,
    postgresUrl,
    services,
    token: (of) => mintToken(keys.jwtSecret, of),
    stop,
    restart: async (name) => {
      await stop(name);
      const definition = allServices.find((one) => one.name === name)!;
      services.push(await runService(definition, runOptions));
    },
    caughtUp: async () => {
      for (const { processors } of services) await processors.caughtUp();
    },
    close,
  };
}

async function postgres(
  { databaseUrl, say }: EmbeddedOptions,
  folder: DataFolder,
  opened: (() => Promise<unknown>)[],
): Promise<string> {
  if (databaseUrl) return databaseUrl;
  say(`PostgreSQL is brought up on ${folder.within('postgres')}.`);
  const server = await startPostgres({ dataDir: folder.within('postgres'), port: await freePort() });
  opened.push(() => server.stop());
  return server.url;
}

async function nats(
  { natsUrl, say }: EmbeddedOptions,
  folder: DataFolder,
  opened: (() => Promise<unknown>)[],
): Promise<string> {
  if (natsUrl) return natsUrl;
  const server = await startNats({
    storeDir: folder.within('nats'),
    port: await freePort(),
    cacheDir: folder.within('bin'),
    say,
  });
  opened.push(() => server.stop());
  return server.url;
}

/** The wished port, or any free one for 0. @throws ServerStartError when it is taken. */
async function usablePort(wished: number, who: string, setting: string): Promise<number> {
  if (wished === 0) return freePort();
  if (await isPortTaken(wished)) {
    throw new ServerStartError(
      `${who} cannot listen on port ${wished}: something else does already. Stop that, or choose another one, for example ${setting}=${wished + 1} npm start.`,
    );
  }
  return wished;
}
