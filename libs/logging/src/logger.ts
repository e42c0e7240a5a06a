import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Fields that may never be printed, wherever somebody should put them by mistake. */
const secretField =
  /secret|token|authorization|password|cookie|verifier|assertion|private_?key|AccountKey|^code$/i;

/** What Google's and the host's secrets look like, in whatever text they should stand: access, refresh and signed tokens, codes, client secrets, keys. */
const secretText =
  /ya29\.[\w.-]{8,}|1\/\/[\w-]{20,}|4\/0[\w-]{20,}|GOCSPX-[\w-]{8,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?="))/g;

const censored = '[redacted]';
const deepest = 8;

function withoutSecrets(value: unknown, depth = 0): unknown {
  if (value instanceof Error) return whatNames(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth === deepest) return '…';
  if (Array.isArray(value)) return value.map((inner) => withoutSecrets(inner, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretField.test(name) ? censored : withoutSecrets(inner, depth + 1),
    ]),
  );
}

/** Google's client errors carry whole requests with their headers: only what names the error is kept. */
const whatNames = ({ name, message, stack }: Error) => ({ type: name, message, stack });

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
      formatters: { log: (fields) => withoutSecrets(fields) as Record<string, unknown> },
      // Pino's own would describe it once more.
      serializers: { err: (described: unknown) => described },
      hooks: { streamWrite: (line) => line.replace(secretText, censored) },
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
