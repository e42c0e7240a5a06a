import type { CalendarKey } from './calendar-key.js';
import { changesAmong, type Change } from './changes.js';
import { deliveriesOf } from './deliveries.js';
import type { ListedEvent } from './read-event.js';
import { pushTimeOf } from './push-time.js';
import { seenAround, storeSeen } from './seen-events.js';
import { moveSyncState, takeSequence, type SyncState } from './sync-state.js';
import type { SyncMeans } from './sync-means.js';

/**
 * In one transaction: what consumers are told of these events, what is now known of them, and how far the calendar was read.
 * What was recorded before is not told again.
 */
export async function record(
  { database, outbox, clock }: SyncMeans,
  calendar: CalendarKey,
  listed: ListedEvent[],
  state: SyncState,
  options: { inGap: boolean; read?: { syncToken: string; parameters: string } },
): Promise<{ state: SyncState; changes: Change[] }> {
  const { inGap, read } = options;
  const now = clock.now();
  const recorded = await database.transaction(async (manager) => {
    const seen = await seenAround(manager, calendar, listed);
    const { changes, ...known } = changesAmong(listed, seen, state);
    await storeSeen(manager, calendar, known);
    if (changes.length > 0) {
      const firstSequence = await takeSequence(manager, calendar, { count: changes.length, now });
      // What a complete comparison brings is late for other reasons.
      const pushedAt = inGap ? null : await pushTimeOf(manager, calendar);
      await outbox.write(manager, deliveriesOf(calendar, changes, { firstSequence, now }), { pushedAt });
    }
    const moved = await moveSyncState(manager, calendar, {
      from: state,
      ...(read && { read: { ...read, at: now } }),
      ...(inGap && { gap: { ...countedWith(state.gap, changes), compared: read !== undefined } }),
    });
    return { state: moved, changes };
  });
  outbox.ring();
  return recorded;
}

const countedWith = (
  { created, updated, deleted }: SyncState['gap'],
  changes: Change[],
): Omit<SyncState['gap'], 'compared'> => {
  const of = (kind: Change['kind']): number => changes.filter((change) => change.kind === kind).length;
  return {
    created: created + of('created'),
    updated: updated + of('updated'),
    deleted: deleted + of('deleted'),
  };
};
