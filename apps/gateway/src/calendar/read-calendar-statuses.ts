import type { DataSource } from 'typeorm';
import type { AppFacet, GrantFacet } from '../status/tenant-facets.js';
import type { CalendarFacet } from './calendar-facet.js';
import { type CalendarProviderStatus, deriveCalendarStatus } from './derive-calendar-status.js';

/** A calendar provider with its own settings and how it is at this moment. */
export interface CalendarProviderWithStatus {
  providerId: string;
  calendar: CalendarFacet;
  status: CalendarProviderStatus;
}

interface Row {
  providerId: string;
  calendar: CalendarFacet;
  grant: GrantFacet | null;
  app: AppFacet | null;
  activity: { calendarId: string; lastNotificationAt: string | null; lastSyncAt: string | null }[] | null;
}

const selection = `
  SELECT p.provider_id AS "providerId", p.calendar, p.grant_state AS "grant", t.app,
         (SELECT jsonb_agg(jsonb_build_object('calendarId', a.calendar_id,
                   'lastNotificationAt', a.last_notification_at, 'lastSyncAt', a.last_sync_at))
            FROM calendar_activity a
           WHERE a.tenant_id = p.tenant_id AND a.provider_id = p.provider_id) AS activity
    FROM provider_statuses p
    LEFT JOIN tenant_statuses t ON t.tenant_id = p.tenant_id
   WHERE p.tenant_id = $1 AND p.calendar IS NOT NULL AND NOT (p.calendar ->> 'removed')::boolean
     AND ($2::text IS NULL OR p.provider_id = $2)
   ORDER BY p.calendar ->> 'addedAt', p.provider_id`;

/** In the order in which they were added; one only when `providerId` is given. */
export async function calendarStatusesOf(
  database: DataSource,
  tenantId: string,
  now: Date,
  providerId: string | null = null,
): Promise<CalendarProviderWithStatus[]> {
  const rows: Row[] = await database.query(selection, [tenantId, providerId]);
  return rows.map(({ providerId: id, calendar, grant, app, activity }) => {
    const lately = Object.fromEntries(
      (activity ?? []).map(({ calendarId, lastNotificationAt, lastSyncAt }) => [
        calendarId,
        { lastNotificationAt: isoOf(lastNotificationAt), lastSyncAt: isoOf(lastSyncAt) },
      ]),
    );
    const status = deriveCalendarStatus({ calendar, grant, app, activity: lately }, now);
    return { providerId: id, calendar, status };
  });
}

const isoOf = (time: string | null): string | null => (time === null ? null : new Date(time).toISOString());
