import type { CalendarOfProvider } from '#deliveries/subjects';
import type { EntityManager } from 'typeorm';

/** One calendar of one provider, by Google's real id. */
export type CalendarKey = CalendarOfProvider;

/** A transaction's manager, or the pool itself. */
export type Queryable = Pick<EntityManager, 'query'>;

export interface CalendarRow {
  tenant_id: string;
  provider_id: string;
  calendar_id: string;
}

/** The first parameters of every statement about one calendar. */
export const keysOf = ({ tenantId, providerId, calendarId }: CalendarKey): [string, string, string] => [
  tenantId,
  providerId,
  calendarId,
];

export const idOf = ({ tenant_id, provider_id, calendar_id }: CalendarRow): CalendarKey => ({
  tenantId: tenant_id,
  providerId: provider_id,
  calendarId: calendar_id,
});

/** One text for maps and locks; none of the ids' own characters can make two calendars one. */
export const keyOf = (calendar: CalendarKey): string => keysOf(calendar).map(encodeURIComponent).join(':');

export const lockOf = (calendar: CalendarKey): string => `calendar:${keyOf(calendar)}`;
