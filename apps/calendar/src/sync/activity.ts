import { keysOf, type CalendarKey } from './calendar-key.js';
import type { SyncMeans } from './sync-means.js';

/** Tells what the calendar did lately. The newest wins, so what cannot be told now is told the next time. */
export async function tellActivity(
  { database, clock, publishActivity, logger }: SyncMeans,
  calendar: CalendarKey,
  { read }: { read: boolean },
): Promise<void> {
  if (read) {
    await database.query(
      `INSERT INTO calendar_activities (tenant_id, provider_id, calendar_id, last_sync_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (tenant_id, provider_id, calendar_id) DO UPDATE SET last_sync_at = $4`,
      [...keysOf(calendar), clock.now()],
    );
  }
  const [row]: ActivityRow[] = await database.query(
    `SELECT last_notification_at, last_sync_at FROM calendar_activities
      WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3`,
    keysOf(calendar),
  );
  const activity = {
    ...calendar,
    lastNotificationAt: row?.last_notification_at?.toISOString() ?? null,
    lastSyncAt: row?.last_sync_at?.toISOString() ?? null,
  };
  const { tenantId, providerId } = calendar;
  await publishActivity(activity).catch((error: unknown) =>
    logger.warn(
      { tenantId, providerId, calendarId: calendar.calendarId, err: error },
      'the activity of a calendar could not be told',
    ),
  );
}

interface ActivityRow {
  last_notification_at: Date | null;
  last_sync_at: Date | null;
}
