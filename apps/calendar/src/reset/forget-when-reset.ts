import { calendarEvents } from '#contracts/calendar';
import { parseStreamName } from '#event-sourcing/stream-name';
import { reactByType, reactor, type Reactor } from '#processors/processor';
import { seconds } from '#time/clock';
import { permissionSince } from '../provider/permission.js';
import { keysOf, lockOf, type CalendarKey } from '../sync/calendar-key.js';
import { calendarsOf } from '../sync/forget-when-removed.js';
import type { SyncMeans } from '../sync/sync-means.js';
import { forgetToken } from '../sync/sync-state.js';

/**
 * Forgets how far the calendars of a provider were read. What was seen of them stays: the next connection lists everything, and only what is
 * different from that is delivered. So it does no harm either when it is told late, to a provider that is connected again.
 */
export const forgetWhenReset = (means: SyncMeans): Reactor =>
  reactor({
    id: 'calendar.forget-when-reset',
    categories: ['calendar'],
    react: reactByType({
      ...Object.fromEntries(Object.keys(calendarEvents).map((type) => [type, 'pass' as const])),
      Reset: async (event) => {
        const { tenantId, id } = parseStreamName(event.stream);
        const grantedAt = await permissionSince(means, { tenantId, providerId: id! });
        const connected = grantedAt !== null && grantedAt > event.metadata.at;
        for (const calendar of await calendarsOf(means, tenantId, id!)) {
          const forget = (): Promise<void> => forgetReading(means, calendar, { connected });
          const turn = await means.locks.exclusively(lockOf(calendar), forget, { wait: seconds(20) });
          if (!turn.acquired) return { retry: 'A calendar is still being read.' };
        }
        return 'done';
      },
    }),
  });

async function forgetReading(
  { database }: SyncMeans,
  calendar: CalendarKey,
  { connected }: { connected: boolean },
): Promise<void> {
  await forgetToken(database, calendar);
  if (!connected)
    await database.query(
      'DELETE FROM wanted_syncs WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3',
      keysOf(calendar),
    );
}
