import type { calendar_v3 } from '@googleapis/calendar';
import type { ChosenCalendar } from '#contracts/calendar';
import type { Problem } from '#problems/problem';

/** What was asked of Google Calendar, or the problem in plain words; never an error object. */
export type CalendarResult<Value> =
  { ok: true; value: Value } | { ok: false; problem: Problem; retryAfterMs?: number };

/** A calendar of the account's list, by its real id. */
export type ListedCalendar = ChosenCalendar;

/** An event as Google gives it; of a cancelled one only the id is sure, and unknown fields may be there. */
export type GoogleEvent = calendar_v3.Schema$Event;

export interface EventsPage {
  /** May be empty although more pages follow. */
  events: GoogleEvent[];
  nextPageToken: string | null;
  /** Only on the last page. */
  nextSyncToken: string | null;
  /** The calendar's own zone, an IANA name. */
  timeZone: string | null;
}

export interface OpenedChannel {
  resourceId: string;
  expiresAt: Date;
}
