import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Fields that may never be printed, wherever somebody should put them by mistake. */
const secretFields = [
  'authorization',
  'access_token',
  'accessToken',
  'refresh_token',
  'refreshToken',
  'client_secret',
  'clientSecret',
  'private_key',
  'privateKey',
  'serviceAccountKey',
  'code',
  'assertion',
  'token',
];

/** Structured JSON lines. What is logged are types, ids and reasons; never messages' content, never secrets. */
export function createLogger(options: {
  level: string;
  name: string;
  destination?: DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
      // Google's client errors carry whole requests with their headers: only what names the error is kept.
      serializers: {
        err: (error: Error) => ({ type: error.name, message: error.message, stack: error.stack }),
      },
    },
    options.destination ?? pino.destination(1),
  );
}

/** Lets Nest's own messages go the same way; its start-up chatter counts as debug. */
export const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown) => logger.debug(String(message)),
  error: (message: unknown) => logger.error(String(message)),
  warn: (message: unknown) => logger.warn(String(message)),
  debug: (message: unknown) => logger.trace(String(message)),
  verbose: (message: unknown) => logger.trace(String(message)),
});

/** A log file that lines are appended to. */
export function logFile(path: string): { stream: DestinationStream; close(): Promise<void> } {
  const stream = pino.destination({ dest: path, mkdir: true, sync: false });
  return {
    stream,
    close: () =>
      new Promise((resolve) => {
        stream.once('close', resolve);
        stream.end();
      }),
  };
}
