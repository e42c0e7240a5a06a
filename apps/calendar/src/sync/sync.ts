import { SyncCalendar } from '#contracts/calendar';
import { ResetCalendarProvider } from '#contracts/reset';
import { calendarActivityPublisher } from '#deliveries/calendar-notifications';
import { Outbox } from '#deliveries/outbox';
import { outboxMigrations } from '#deliveries/outbox-table';
import { ensureStreams } from '#deliveries/streams';
import type { Composition, Means } from '#hosting/service';
import { accepted, refused, type Reply } from '#messaging/envelope';
import { answer } from '#messaging/handler';
import { problem } from '#problems/problem';
import { forgetWhenReset } from '../reset/forget-when-reset.js';
import { resetCalendarProvider } from '../reset/reset-calendar-provider.js';
import type { CalendarKey } from './calendar-key.js';
import { CalendarTurns } from './calendar-turns.js';
import { forgetWhenRemoved } from './forget-when-removed.js';
import { IncomingNotifications } from './incoming-notifications.js';
import { WantedPushTime1764300400000 } from './push-time.js';
import { Quota } from './quota.js';
import type { SyncMeans } from './sync-means.js';
import { SyncTables1760000500000 } from './sync-tables.js';
import { syncWhenAuthorized, syncWhenReadable } from './sync-when-readable.js';
import { syncWatch } from './sync-watch.js';
import { openCalendar } from './take-turn.js';
import { UnannouncedChanges1764300000001 } from './unannounced-changes.js';
import { WantedSyncs } from './wanted-syncs.js';

/** For the service's list of migrations. */
export const syncMigrations = [
  ...outboxMigrations,
  SyncTables1760000500000,
  UnannouncedChanges1764300000001,
  WantedPushTime1764300400000,
];

/** From notifications and polls to delivered changes. */
export async function calendarSync(
  means: Means,
): Promise<Pick<Composition, 'handlers' | 'processors' | 'workers' | 'checks' | 'gauges'>> {
  const { nats, database, clock, configuration } = means;
  await ensureStreams(nats, configuration.messages);
  const syncMeans: SyncMeans = {
    ...means,
    outbox: new Outbox({ ...means, service: 'calendar' }),
    quota: new Quota(clock),
    wanted: new WantedSyncs(database, clock),
    publishActivity: calendarActivityPublisher(nats),
  };
  return {
    handlers: [
      answer(SyncCalendar, ({ providerId, calendarId }, { tenantId }) =>
        syncCalendar(syncMeans, { tenantId, providerId, calendarId }),
      ),
      answer(ResetCalendarProvider, (data, origin) => resetCalendarProvider(means, data, origin)),
    ],
    processors: [
      syncWhenReadable(syncMeans),
      syncWhenAuthorized(syncMeans),
      forgetWhenRemoved(syncMeans),
      forgetWhenReset(syncMeans),
    ],
    workers: workersOf(syncMeans, nats),
    ...syncWatch(means),
  };
}

/** Exported so that a spec can have its means fail at any step. */
export const workersOf = (means: SyncMeans, nats: Means['nats']): Composition['workers'] => [
  { name: 'calendar.notifications', run: (signal) => new IncomingNotifications(nats, means).run(signal) },
  { name: 'calendar.turns', run: (signal) => new CalendarTurns(means).run(signal) },
  { name: 'calendar.outbox', run: (signal) => means.outbox.run(signal) },
];

async function syncCalendar(means: SyncMeans, calendar: CalendarKey): Promise<Reply<{ providerId: string }>> {
  const { providerId, calendarId } = calendar;
  const { obstacle } = await openCalendar(means, calendar);
  if (obstacle) return refused(problem(obstacle, { providerId, calendarId }));
  await means.wanted.ask(calendar);
  return accepted({ providerId });
}
