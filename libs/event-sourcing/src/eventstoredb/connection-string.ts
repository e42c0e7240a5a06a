import { EventStoreDBClient } from '@eventstore/db-client';

/** The successor's names of the same protocol. */
const schemes: Record<string, string> = {
  esdb: 'esdb',
  'esdb+discover': 'esdb+discover',
  kurrentdb: 'esdb',
  'kurrentdb+discover': 'esdb+discover',
  kdb: 'esdb',
  'kdb+discover': 'esdb+discover',
};

/**
 * A client for `esdb://user:password@host:2113?tls=true` or `kurrentdb://…`, `…+discover://` for a cluster found by DNS.
 * @throws RangeError that says what is wrong without repeating the string, because it holds the password
 */
export function clientFor(connectionString: string): EventStoreDBClient {
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.+)$/s.exec(connectionString.trim()) ?? [];
  const known = schemes[scheme];
  if (!known)
    throw new RangeError(
      'has to begin with esdb://, esdb+discover://, kurrentdb:// or kurrentdb+discover://, such as esdb://user:password@host:2113',
    );
  try {
    return EventStoreDBClient.connectionString(`${known}://${rest}`);
  } catch (error) {
    const { expected } = error as { expected?: string };
    throw new RangeError(
      expected
        ? `is malformed: ${expected} was expected after ${scheme}://`
        : `cannot be used: ${(error as Error).message}`,
    );
  }
}

/** Host and port only, for messages. */
export const nodeNamedBy = (connectionString: string): string =>
  (/:\/\/(?:[^@]*@)?([^?/]+)/.exec(connectionString)?.[1] ?? 'the event store').trim();
