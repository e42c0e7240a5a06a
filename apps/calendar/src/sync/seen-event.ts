import type { CalendarTime } from '#contracts/calendar-event';

/** What consumers were last told of an event. */
export interface SeenEvent {
  eventId: string;
  /** Only instances of a series that still lives are kept as cancelled: a complete list names them each time. */
  cancelled: boolean;
  etag: string | null;
  contentHash: string | null;
  seriesMasterId: string | null;
  originalStart: CalendarTime | null;
  recurring: boolean;
  endsAt: Date | null;
}
