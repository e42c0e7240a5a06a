import { minutes } from '#time/clock';

/** Something happened at Google that a comparison found and no notification had announced. */
export interface Unannounced {
  /** Everything before this moment was read already. */
  happenedAfter: Date;
  foundAt: Date;
}

/** What is known when something was read to its end. */
export interface Evidence {
  /** What still waits for its notification. */
  waiting: Unannounced | null;
  /** What this reading found. Null when nothing, or when a notification had asked for it. */
  found: Unannounced | null;
  /** Since when Google notifies about it; null while it does not, or has not been proven to. */
  notifiesSince: Date | null;
  lastNotificationAt: Date | null;
  now: Date;
}

export type Judgement = { kind: 'fine' } | { kind: 'waiting' | 'missing'; what: Unannounced };

/**
 * After an outage of ours a notification may come as late as Pub/Sub's longest pause between two attempts, ten minutes. Somewhat less, so that the
 * next comparison decides, however exactly it keeps its time.
 */
export const graceOfNotifications = minutes(9.5);
/** Who notes notifications may have another clock than who reads; and Gmail drops what comes within a second of the one before. */
const leeway = minutes(1);

/**
 * Whether a notification that should have come is missing. Comparison and notification often cross, so nothing is concluded at once: only
 * from what was found before the grace began, and of which no notification has come since it happened.
 */
export function judge({ waiting, found, notifiesSince, lastNotificationAt, now }: Evidence): Judgement {
  const isUnannounced = ({ happenedAfter }: Unannounced): boolean =>
    notifiesSince !== null &&
    notifiesSince <= happenedAfter &&
    (lastNotificationAt === null || lastNotificationAt.getTime() < happenedAfter.getTime() - leeway);
  const what = [waiting, found].find((one) => one !== null && isUnannounced(one));
  if (!what) return { kind: 'fine' };
  const over = now.getTime() - what.foundAt.getTime() >= graceOfNotifications;
  return { kind: over ? 'missing' : 'waiting', what };
}
