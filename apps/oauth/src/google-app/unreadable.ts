import { refused, type Origin, type Reply } from '#messaging/envelope';
import { problem, type Problem } from '#problems/problem';
import { SecretsError } from '#secrets/secrets-error';

/** The problem when a tenant's secrets are there and cannot be opened, which is never taken for "not configured"; null for other errors. */
export const unreadable = (error: unknown): Problem | null =>
  error instanceof SecretsError && codes.has(error.failure.code) ? problem('google-app.unreadable') : null;

/** Lets a handler refuse in plain words when secrets cannot be opened. */
export const whenReadable =
  <Data, Answer>(handle: (data: Data, origin: Origin) => Promise<Reply<Answer>>) =>
  async (data: Data, origin: Origin): Promise<Reply<Answer>> => {
    try {
      return await handle(data, origin);
    } catch (error) {
      const found = unreadable(error);
      if (found) return refused(found);
      throw error;
    }
  };

const codes: ReadonlySet<string> = new Set<SecretsError['failure']['code']>([
  'secrets.unreadable',
  'secrets.wrapping-key-missing',
  'secrets.unsafe-path',
  'secrets.store-missing',
]);
