import {
  AccessDeniedError,
  CancelledError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
  UnknownError,
} from '@eventstore/db-client';

/** Why EventStoreDB did not do what it was asked for, as an operator reads it. `passes`: worth another try by itself. */
export class EventStoreDbError extends Error {
  override name = 'EventStoreDbError';

  constructor(
    message: string,
    readonly passes: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** gRPC’s own statuses; the client translates them for some of its calls only. `resourceExhausted`: here the disk. */
const grpc = { deadlineExceeded: 4, resourceExhausted: 8, unavailable: 14, unauthenticated: 16 };

/** Pure: what an error of the client means. `node` is host and port. */
export function explained(error: unknown, node: string): EventStoreDbError {
  if (error instanceof EventStoreDbError) return error;
  const told = (sentence: string, passes: boolean): EventStoreDbError =>
    new EventStoreDbError(sentence, passes, { cause: error });
  const { message = '', code } = error as { message?: string; code?: number };
  if (error instanceof AccessDeniedError || code === grpc.unauthenticated)
    return told(
      `EventStoreDB at ${node} refuses the user: check name and password in EVENTSTOREDB_URL, and that the user may read and write streams.`,
      false,
    );
  if (error instanceof NotLeaderError)
    return told(
      `EventStoreDB at ${node} is not the leader; the leader is ${error.leader.address}:${error.leader.port}.`,
      true,
    );
  if (message.includes('No leader info'))
    return told(
      `EventStoreDB at ${node} takes no writes: it is a read-only replica, or the cluster has elected no leader. Name the cluster’s nodes in EVENTSTOREDB_URL, separated by commas.`,
      true,
    );
  if (error instanceof MaxAppendSizeExceededError)
    return told(`The events are larger than EventStoreDB at ${node} takes in one append.`, false);
  if (code === grpc.resourceExhausted || /not enough space|disk is full|no space left/i.test(message))
    return told(`EventStoreDB at ${node} is full: free some space or enlarge its volume.`, true);
  if (message.includes('Not Ready')) return told(`EventStoreDB at ${node} is not ready yet.`, true);
  if (/Too Busy|Is Busy/.test(message)) return told(`EventStoreDB at ${node} is too busy.`, true);
  if (
    error instanceof DeadlineExceededError ||
    error instanceof TimeoutError ||
    code === grpc.deadlineExceeded
  )
    return told(`EventStoreDB at ${node} did not answer in time.`, true);
  if (error instanceof UnavailableError || error instanceof CancelledError || code === grpc.unavailable)
    return told(`EventStoreDB at ${node} cannot be reached: ${firstLine(message)}`, true);
  if (error instanceof UnknownError) return told(`EventStoreDB at ${node}: ${firstLine(message)}`, true);
  return told(`EventStoreDB at ${node}: ${firstLine(message || String(error))}`, false);
}

const firstLine = (text: string): string => text.split('\n', 1)[0]!.slice(0, 300);

/** What the adapter relies on came with this version: positions in streams, and being told when a subscription has caught up. */
export const oldestVersion = [23, 10] as const;

/** Pure: why a server of this version cannot be used; null when it can. */
export function tooOld(version: string, node: string): EventStoreDbError | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  const [leastMajor, leastMinor] = oldestVersion;
  if (major && (Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor)))
    return null;
  const found = major ? `version ${version}` : 'of a version that does not tell its features';
  return new EventStoreDbError(
    `EventStoreDB at ${node} is ${found}; ${oldestVersion.join('.')} or later is needed.`,
    false,
  );
}
