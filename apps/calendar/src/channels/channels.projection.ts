import type { EntityManager } from 'typeorm';
import type { CalendarEvent } from '#contracts/calendar';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projectByType, projection } from '#processors/processor';

type DataOf<Type extends CalendarEvent['type']> = (CalendarEvent & { type: Type })['data'];
type Project = (event: RecordedEvent, manager: EntityManager) => Promise<void>;

/** Which address each calendar's channel notifies, so that a move of the installation is noticed. No address: it is compared only. */
export const channelsProjection = projection({
  id: 'calendar.channels',
  categories: ['calendar'],
  tables: ['channels'],
  project: projectByType({
    ChannelRequested: (event, manager) => {
      const { calendarId, address } = event.data as DataOf<'ChannelRequested'>;
      return note(event, manager, calendarId, address);
    },
    PollingChosen: (event, manager) => {
      const { calendarId, problem } = event.data as DataOf<'PollingChosen'>;
      // What no address helps needs none.
      const address = problem.code === 'calendar.not-watchable' ? 'none' : null;
      return note(event, manager, calendarId, address);
    },
    CalendarsChosen: async (event, manager) => {
      const { calendars } = event.data as DataOf<'CalendarsChosen'>;
      await forget(
        event,
        manager,
        calendars.map(({ calendarId }) => calendarId),
      );
    },
    Disconnected: (event, manager) => forget(event, manager, []),
    Reset: (event, manager) => forget(event, manager, []),
    Removed: (event, manager) => forget(event, manager, []),
    CalendarProviderAdded: 'pass',
    ProviderRenamed: 'pass',
    ChannelOpened: 'pass',
    ChannelFailed: 'pass',
    ChannelClosed: 'pass',
    ChannelStopFailed: 'pass',
    NotificationProven: 'pass',
    FirstSyncCompleted: 'pass',
    SyncTokenInvalidated: 'pass',
    GapDetected: 'pass',
    GapRecovered: 'pass',
    SyncFailed: 'pass',
    SyncRecovered: 'pass',
    CalendarLost: 'pass',
    Paused: 'pass',
    Resumed: 'pass',
  } satisfies Record<CalendarEvent['type'], Project | 'pass'>),
});

async function note(
  { stream, revision }: RecordedEvent,
  manager: EntityManager,
  calendarId: string,
  address: string | null,
): Promise<void> {
  const { tenantId, id } = parseStreamName(stream);
  await manager.query(
    `INSERT INTO channels (tenant_id, provider_id, calendar_id, address, revision) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, provider_id, calendar_id) DO UPDATE SET address = $4, revision = $5
       WHERE channels.revision < $5`,
    [tenantId, id, calendarId, address, revision],
  );
}

async function forget(
  { stream, revision }: RecordedEvent,
  manager: EntityManager,
  except: string[],
): Promise<void> {
  const { tenantId, id } = parseStreamName(stream);
  await manager.query(
    `DELETE FROM channels
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id <> ALL ($3) AND revision < $4`,
    [tenantId, id, except, revision],
  );
}
