import { ConfigurationError } from '#configuration/configuration';
import { DatabaseError } from '#database/database-error';
import { StateFileProblem } from '#google-simulator/state/state-file';
import { ServerStartError } from '#servers/child-server';

const expected = [ConfigurationError, DatabaseError, ServerStartError, StateFileProblem];

/** What a person reads of an error: its sentence when it was written for people, else all that helps to find the fault. */
export const sentenceOf = (error: unknown): string =>
  expected.some((kind) => error instanceof kind)
    ? (error as Error).message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
