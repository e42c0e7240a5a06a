import { calendarEvents } from '#contracts/calendar';
import { streamName, parseStreamName } from '#event-sourcing/stream-name';
import { fold } from '#event-sourcing/decider';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import { seconds } from '#time/clock';
import { providerDecider } from '../provider/provider.decider.js';
import { isPresent, type TimedCalendarEvent } from '../provider/provider-state.js';
import { idOf, lockOf, type CalendarKey, type CalendarRow } from './calendar-key.js';
import type { SyncMeans } from './sync-means.js';

const tables = ['sync_states', 'seen_events', 'wanted_syncs', 'calendar_activities', 'unannounced_changes'];

/**
 * Of a provider that was removed nothing is kept but its history. What is in the outbox still goes out. Of a calendar that is only
 * taken out of the choice everything is kept, so that chosen again it goes on, and what was deleted meanwhile is told.
 */
export const forgetWhenRemoved = (means: SyncMeans): Reactor =>
  reactor({
    id: 'calendar.forget-when-removed',
    categories: ['calendar'],
    react: reactByType({
      ...Object.fromEntries(Object.keys(calendarEvents).map((type) => [type, 'pass' as const])),
      Removed: async (event) => {
        const { tenantId, id } = parseStreamName(event.stream);
        for (const calendar of await calendarsOf(means, tenantId, id!)) {
          const turn = await means.locks.exclusively(lockOf(calendar), () => forget(means, calendar), {
            wait: seconds(20),
          });
          if (!turn.acquired) return { retry: 'A calendar is still being read.' };
        }
        return 'done';
      },
    }),
  });

/** Of which something is known here. */
export async function calendarsOf(
  { database }: Pick<SyncMeans, 'database'>,
  tenantId: string,
  providerId: string,
): Promise<CalendarKey[]> {
  const rows: CalendarRow[] = await database.query(
    tables
      .map(
        (table) =>
          `SELECT tenant_id, provider_id, calendar_id FROM ${table} WHERE tenant_id = $1 AND provider_id = $2`,
      )
      .join(' UNION '),
    [tenantId, providerId],
  );
  return rows.map(idOf);
}

async function forget({ database, store }: SyncMeans, calendar: CalendarKey): Promise<void> {
  const { tenantId, providerId, calendarId } = calendar;
  const history = await store.readStream(streamName('calendar', tenantId, providerId));
  // Added again meanwhile: what is there is the new one's.
  if (isPresent(fold(providerDecider, history as unknown as TimedCalendarEvent[]))) return;
  await database.transaction(async (manager) => {
    for (const table of tables)
      await manager.query(
        `DELETE FROM ${table} WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3`,
        [tenantId, providerId, calendarId],
      );
  });
}
