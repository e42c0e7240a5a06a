import { z } from 'zod';
import { eventTime, timeResource, type EventTime } from './event-time.js';

/** An event as its calendar has it: single, master of a series (`recurrence`), or exception of one (`recurringEventId`). */
export const calendarEvent = z.object({
  id: z.string(),
  /** Where its last change stands among all changes of all calendars. */
  change: z.number(),
  status: z.enum(['confirmed', 'tentative', 'cancelled']),
  /** ISO instants of the simulated clock. */
  created: z.string(),
  updated: z.string(),
  start: eventTime,
  /** Exclusive. */
  end: eventTime,
  recurrence: z.array(z.string()).readonly().exactOptional(),
  recurringEventId: z.string().exactOptional(),
  /** Where the instance would be, had nobody moved it. */
  originalStart: eventTime.exactOptional(),
  iCalUID: z.string(),
  /** Rises when it is moved. */
  sequence: z.number(),
  /** Everything else, as Google's resources have it. */
  details: z.record(z.string(), z.unknown()),
});
export type CalendarEvent = Readonly<z.output<typeof calendarEvent>>;
/** An exception or an unchanged instance of a series. */
export type Instance = CalendarEvent & {
  readonly recurringEventId: string;
  readonly originalStart: EventTime;
};

export const isInstance = (event: CalendarEvent): event is Instance =>
  event.recurringEventId !== undefined && event.originalStart !== undefined;
export const etagOf = ({ change }: CalendarEvent): string => `"${3_500_000_000_000_000 + change}"`;

/** Whom and in which zone a resource is shown. */
export interface View {
  readonly timeZone: string;
  /** E-mail of the calendar's owner, or of the viewer: `self` in people. */
  readonly self: string;
  readonly maxAttendees?: number | undefined;
  /** Busy times only, without details. */
  readonly busyOnly?: boolean;
}

interface Person {
  readonly email?: string;
}

export function eventResource(event: CalendarEvent, view: View): Record<string, unknown> {
  const shown = (time: EventTime) => timeResource(time, view.timeZone);
  const withSelf = (person: unknown) =>
    (person as Person | undefined)?.email === view.self ? { ...(person as Person), self: true } : person;
  const { attendees, organizer, creator, ...details } = event.details;
  const people = Array.isArray(attendees) ? attendees.map(withSelf) : undefined;
  const isCut = people !== undefined && people.length > (view.maxAttendees ?? Infinity);
  return {
    kind: 'calendar#event',
    etag: etagOf(event),
    id: event.id,
    status: event.status,
    htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(event.id).toString('base64url')}`,
    created: event.created,
    updated: event.updated,
    ...(view.busyOnly
      ? { visibility: 'private', eventType: details['eventType'] }
      : { ...details, creator: withSelf(creator), organizer: withSelf(organizer) }),
    ...(people && !view.busyOnly && !isCut && { attendees: people }),
    ...(isCut && {
      attendees: people.filter((one) => (one as { self?: boolean }).self),
      attendeesOmitted: true,
    }),
    start: shown(event.start),
    end: shown(event.end),
    ...(event.recurrence && { recurrence: event.recurrence }),
    ...(event.recurringEventId && { recurringEventId: event.recurringEventId }),
    ...(event.originalStart && { originalStartTime: shown(event.originalStart) }),
    iCalUID: event.iCalUID,
    sequence: event.sequence,
  };
}

/** Of a cancelled event nothing else is sure; of an exception, as long as its series lives, where it was. */
export function tombstone(event: CalendarEvent, seriesLives: boolean, { timeZone }: View) {
  return {
    kind: 'calendar#event',
    etag: etagOf(event),
    id: event.id,
    status: 'cancelled',
    ...(seriesLives &&
      isInstance(event) && {
        recurringEventId: event.recurringEventId,
        originalStartTime: timeResource(event.originalStart, timeZone),
      }),
  };
}
