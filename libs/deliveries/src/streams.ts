import {
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { setTimeout as pause } from 'node:timers/promises';
import { nanos, PermissionViolationError, TimeoutError, type NatsConnection } from '@nats-io/transport-node';
import { days, hours, minutes } from '#time/clock';

/** What came in from Google: one message per mailbox or calendar, and the newest wins, because ten are one piece of work. */
export const NOTIFICATIONS = 'NOTIFICATIONS';
/** What goes out to the host: messages and calendar changes, kept as long as the retention says. */
export const DELIVERIES = 'DELIVERIES';
/** What each mailbox did lately; the newest wins. */
export const ACTIVITY = 'ACTIVITY';
/** The bucket of raw messages and large bodies. */
export const OBJECTS = 'messages';

export interface Retention {
  /** How long a delivery, and the objects that it refers to, can be fetched. */
  retentionDays: number;
  /** Copies in a NATS cluster. Left as it is unless given; 1 when a stream is new. */
  replicas?: number;
}

type Wanted = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects'>;

const wantedStreams = ({ retentionDays }: Retention): Wanted[] => [
  {
    name: NOTIFICATIONS,
    description: 'Notifications of Google, newest per mailbox or calendar',
    subjects: ['notification.>'],
    max_msgs_per_subject: 1,
    // Longer than Google keeps a history: an older notification says nothing that the next one would not.
    max_age: nanos(days(30)),
  },
  {
    name: DELIVERIES,
    description: 'What is delivered to the host; the message id is the delivery id',
    subjects: ['delivery.>'],
    max_age: nanos(days(retentionDays)),
    duplicate_window: nanos(hours(1)),
  },
  {
    name: ACTIVITY,
    description: 'What each mailbox did lately',
    subjects: ['activity.>'],
    max_msgs_per_subject: 1,
    max_age: 0,
  },
  {
    name: `OBJ_${OBJECTS}`,
    description: 'Raw messages and large bodies',
    subjects: [`$O.${OBJECTS}.C.>`, `$O.${OBJECTS}.M.>`],
    // An object is written before the delivery that refers to it, and has to outlive it.
    max_age: nanos(days(retentionDays + 1)),
    allow_rollup_hdrs: true,
    allow_direct: true,
  },
];

/** What was done to the streams, in words. `refused` is a drift that the server does not let us mend. */
export interface StreamsReport {
  made: string[];
  mended: string[];
  refused: string[];
}

/**
 * Makes the streams that are missing and mends those that drifted. Services may call it at the same time; one that may not make
 * streams waits until another has. So does everybody while a cluster has no leader.
 */
export async function ensureStreams(
  nats: NatsConnection,
  retention: Retention,
  { patienceMs = minutes(1) }: { patienceMs?: number } = {},
): Promise<StreamsReport> {
  const end = performance.now() + patienceMs;
  const report: StreamsReport = { made: [], mended: [], refused: [] };
  const missing = wantedStreams(retention);
  while (missing.length > 0) {
    try {
      const manager = await jetstreamManager(nats);
      while (missing[0]) {
        await ensureStream(manager, missing[0], retention, report);
        missing.shift();
      }
    } catch (error) {
      if (!passesBy(error)) throw error;
      if (performance.now() > end)
        throw new Error(
          isDenied(error)
            ? `JetStream has no stream ${missing[0]!.name}, and this service may not make it: start gmail or calendar.`
            : `JetStream cannot make the stream ${missing[0]!.name}: look at the cluster's leader and at NATS_REPLICAS.`,
          { cause: error },
        );
      await pause(tryAgainAfter);
    }
  }
  return report;
}

const tryAgainAfter = 250;

/** No leader yet, or no peers that could hold the copies: so it is while a cluster starts or loses a node. */
const clusterIsElecting = [10004, 10005, 10008, 10009];

const passesByItself = (error: unknown): boolean =>
  error instanceof TimeoutError || clusterIsElecting.some((code) => isRefusal(error, code));

const passesBy = (error: unknown): boolean => passesByItself(error) || isDenied(error);

const isDenied = (error: unknown): boolean =>
  error instanceof PermissionViolationError ||
  (error instanceof Error && error.cause instanceof PermissionViolationError);

async function ensureStream(
  manager: JetStreamManager,
  wanted: Wanted,
  retention: Retention,
  report: StreamsReport,
): Promise<void> {
  const { replicas } = retention;
  const copies = replicas === undefined ? {} : { num_replicas: replicas };
  const existing = await configOf(manager, wanted.name);
  if (existing === null) {
    try {
      await manager.streams.add({
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.Old,
        ...wanted,
        ...copies,
      });
      report.made.push(wanted.name);
      return;
    } catch (error) {
      // Another service made it in between, perhaps with another retention.
      if (!isRefusal(error, streamNameInUse)) throw error;
      return ensureStream(manager, wanted, retention, report);
    }
  }
  const drifted = driftOf(existing, { ...wanted, ...copies });
  if (drifted.length === 0) return;
  const drift = `${wanted.name}: ${drifted.join(', ')}`;
  try {
    await manager.streams.update(wanted.name, { ...existing, ...wanted, ...copies });
    report.mended.push(drift);
  } catch (error) {
    if (!(error instanceof JetStreamApiError || isDenied(error)) || passesByItself(error)) throw error;
    report.refused.push(`${drift} (${(error as Error).message})`);
  }
}

/** The names of the settings that are not as wanted. What nobody wants anything of is the operator's. */
function driftOf(existing: StreamConfig, wanted: Wanted): string[] {
  const names = Object.keys(wanted) as (keyof StreamConfig)[];
  return names.filter((name) => JSON.stringify(existing[name] ?? 0) !== JSON.stringify(wanted[name]));
}

const streamNameInUse = 10058;
const streamNotFound = 10059;

const isRefusal = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

async function configOf(manager: JetStreamManager, name: string): Promise<StreamConfig | null> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (isRefusal(error, streamNotFound)) return null;
    throw error;
  }
}
