import { ignoredSettings, readConfiguration } from '#configuration/configuration';
import { createLogger } from '#logging/logger';
import { systemClock, type Clock } from '#time/clock';
import { runOperatorServer, runServices } from './run-services.js';
import type { ServiceDefinition } from './service.js';

/**
 * Runs services as this process, configured by the environment, until SIGINT or SIGTERM. Ends with exit code 1 and one plain message
 * when it cannot start or when a part of it fails, so that whoever supervises the process starts it again.
 */
export async function runAsProcess(
  definitions: ServiceDefinition[],
  clock: Clock = systemClock,
): Promise<void> {
  try {
    const configuration = readConfiguration();
    const logger = (service: string) => createLogger({ level: configuration.logLevel, name: service });
    const host = logger('host');
    for (const setting of ignoredSettings()) {
      host.warn(
        `${setting} is set and ignored: each tenant brings its own Google app, stored in the Google setup.`,
      );
    }
    let end = (exitCode: number): Promise<void> => process.exit(exitCode);
    // Node would print an error with all that hangs on it, such as a whole request with its token.
    for (const kind of ['uncaughtException', 'unhandledRejection'] as const)
      process.on(kind, (error: unknown) => {
        host.fatal({ err: error }, 'failed where nobody expected it; the process ends');
        void end(1);
      });
    const operators = await runOperatorServer(configuration, host);
    const services = await runServices(definitions, {
      configuration,
      board: operators.board,
      clock,
      logger,
      onFailure: () => void end(1),
    });
    let ending: Promise<void> | undefined;
    end = (exitCode) => {
      ending ??= Promise.all(services.map((service) => service.close()))
        .then(() => operators.close())
        .then(
          () => process.exit(exitCode),
          () => process.exit(1),
        );
      return ending;
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(0));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
