import { Metadata, status, type ServiceError } from '@grpc/grpc-js';

/** What the node can be made to suffer from. */
export type Trouble =
  /** Writes are refused with the leader's address. */
  | { kind: 'not-leader'; leader: { host: string; port: number } }
  /** A read-only replica, or a cluster that has elected no leader. */
  | { kind: 'read-only' }
  | { kind: 'not-ready' }
  | { kind: 'too-busy' }
  /** The disk has no room: writes are refused by whatever stands before it. */
  | { kind: 'full' }
  | { kind: 'access-denied' }
  /** The next so many appends are written and their answers never sent: the connection breaks instead. */
  | { kind: 'answers-lost'; times: number };

/** Status and trailers as the server sends them for what keeps it from handling a request. */
export function refusalOf(trouble: Trouble | null, requiresLeader: boolean): ServiceError | null {
  switch (trouble?.kind) {
    case 'not-leader':
      return requiresLeader
        ? refusal(status.NOT_FOUND, 'Leader info available', {
            exception: 'not-leader',
            'leader-endpoint-host': trouble.leader.host,
            'leader-endpoint-port': String(trouble.leader.port),
          })
        : null;
    case 'read-only':
      return requiresLeader ? refusal(status.UNKNOWN, 'No leader info available in response') : null;
    case 'not-ready':
      return refusal(status.UNAVAILABLE, 'Server Is Not Ready');
    case 'too-busy':
      return refusal(status.UNAVAILABLE, 'Server Is Too Busy');
    case 'access-denied':
      return refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
    case 'full':
    case 'answers-lost':
    case undefined:
      return null;
  }
}

export const diskFull = (): ServiceError =>
  refusal(status.RESOURCE_EXHAUSTED, 'There is not enough space on the disk.');

export const invalidArgument = (details: string): ServiceError => refusal(status.INVALID_ARGUMENT, details);

export const wrongExpectedVersion = (
  stream: string,
  expected: string,
  current: number | null,
): ServiceError =>
  refusal(status.FAILED_PRECONDITION, `Append failed due to WrongExpectedVersion. Stream: ${stream}`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': expected,
    ...(current === null ? {} : { 'actual-version': String(current) }),
  });

function refusal(code: status, details: string, trailers: Record<string, string> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return Object.assign(new Error(details), { code, details, metadata });
}
