import type { EntityManager } from 'typeorm';
import { calendarEvents, type CalendarEvent } from '#contracts/calendar';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projectByType, projection } from '#processors/processor';

type Project = (event: RecordedEvent, manager: EntityManager) => Promise<void>;

/** Whose notifications are believed: from before Google is asked for a channel until it is over. */
export const channelBindings = projection({
  id: 'gateway.channel-bindings',
  categories: ['calendar'],
  tables: ['channel_bindings'],
  project: projectByType({
    ChannelRequested: bind,
    ChannelOpened: async ({ data }, manager) => {
      const { channelId, resourceId } = calendarEvents.ChannelOpened.data.parse(data);
      await manager.query('UPDATE channel_bindings SET resource_id = $2 WHERE channel_id = $1', [
        channelId,
        resourceId,
      ]);
    },
    ChannelFailed: async ({ data }, manager) => {
      const { channelId, problem } = calendarEvents.ChannelFailed.data.parse(data);
      // Without an answer Google may have opened it all the same.
      if (problem.code !== 'calendar.unavailable') await unbind(channelId, manager);
    },
    PollingChosen: ({ data }, manager) =>
      unbind(calendarEvents.PollingChosen.data.parse(data).channelId, manager),
    ChannelClosed: ({ data }, manager) =>
      unbind(calendarEvents.ChannelClosed.data.parse(data).channelId, manager),
    Reset: unbindAll,
    Removed: unbindAll,
    CalendarProviderAdded: 'pass',
    ProviderRenamed: 'pass',
    CalendarsChosen: 'pass',
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
    Disconnected: 'pass',
  } satisfies Record<CalendarEvent['type'], Project | 'pass'>),
});

async function bind({ stream, data }: RecordedEvent, manager: EntityManager): Promise<void> {
  const { tenantId, id } = parseStreamName(stream);
  const { channelId, calendarId, tokenHash } = calendarEvents.ChannelRequested.data.parse(data);
  await manager.query(
    `INSERT INTO channel_bindings (channel_id, tenant_id, provider_id, calendar_id, token_hash)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [channelId, tenantId, id, calendarId, tokenHash],
  );
}

async function unbind(channelId: string | null, manager: EntityManager): Promise<void> {
  await manager.query('DELETE FROM channel_bindings WHERE channel_id = $1', [channelId]);
}

async function unbindAll({ stream }: RecordedEvent, manager: EntityManager): Promise<void> {
  const { tenantId, id } = parseStreamName(stream);
  await manager.query('DELETE FROM channel_bindings WHERE tenant_id = $1 AND provider_id = $2', [
    tenantId,
    id,
  ]);
}
