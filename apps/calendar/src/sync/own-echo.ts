import type { ExternalCalendarEvent } from '#contracts/calendar-event';

/** Private to this calendar's copy of an event: the key of our own write that made it what it is. */
export const OWN_WRITE_PROPERTY = 'tenantGoogle';

/** What was written to Google, and the version that Google answered. */
export interface OwnWrite {
  key: string;
  etag: string;
}

/**
 * Whether a listed event is only our own write coming back. The property alone proves nothing, since anybody with the calendar can copy it:
 * it has to be the very version that our write made. Nothing is written yet, so nothing is an echo yet.
 */
export const isOwnEcho = (
  { event, etag }: { event: ExternalCalendarEvent; etag: string | null },
  written: OwnWrite | null,
): boolean =>
  written !== null &&
  etag === written.etag &&
  event.extendedProperties.private[OWN_WRITE_PROPERTY] === written.key;
