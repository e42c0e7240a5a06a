import { days, hours } from '#time/clock';

/** Clocks differ, and Gmail's search goes by the time of arrival: somewhat earlier than what was surely read. */
const margin = hours(1);

/** How far back to search after Google has forgotten the history: to the last sync, but not further than is allowed. */
export function searchBackTo(
  syncedAt: Date,
  now: Date,
  { backfillDays }: { backfillDays: number },
): { since: Date; reachesLastSync: boolean } {
  const lastSync = syncedAt.getTime() - margin;
  const furthest = now.getTime() - days(backfillDays);
  return { since: new Date(Math.max(lastSync, furthest)), reachesLastSync: lastSync >= furthest };
}
