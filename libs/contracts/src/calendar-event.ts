import { z } from 'zod';

export const CALENDAR_EVENT_CREATED = 'calendar-event.created';
export const CALENDAR_EVENT_UPDATED = 'calendar-event.updated';
export const CALENDAR_EVENT_DELETED = 'calendar-event.deleted';

/** The whole payload as JSON stays below this many bytes, so that a NATS message stays far below its 1 MB. */
export const MAX_CALENDAR_EVENT_BYTES = 128 * 1024;

/**
 * Either `date` (all day) or `dateTime`, exactly as Google gives it. The end of an all-day event is exclusive: one day on
 * 24 December ends on the 25th. `dateTime` is RFC 3339 with offset; `timeZone` is an IANA name and, for a series, what its rule
 * is counted in.
 */
export const calendarTime = z.object({
  date: z.string().optional(),
  dateTime: z.string().optional(),
  timeZone: z.string().optional(),
});
export type CalendarTime = z.infer<typeof calendarTime>;

export const calendarPerson = z.object({
  email: z.string(),
  name: z.string().optional(),
});

export const calendarAttendee = calendarPerson.extend({
  /** `needsAction`, `declined`, `tentative`, `accepted`. */
  responseStatus: z.string().optional(),
  organizer: z.boolean().optional(),
  /** The account whose calendar this is. */
  self: z.boolean().optional(),
  optional: z.boolean().optional(),
  /** A room or a device. */
  resource: z.boolean().optional(),
});

/** An event as it stands at Google. What is not set there is left out. */
export const externalCalendarEvent = z.object({
  /** Google's id within the calendar; of one changed instance of a series, the instance's own. */
  id: z.string(),
  provider: z.literal('google'),
  /** Empty where there is none, or only busy times may be seen. */
  title: z.string(),
  description: z.string().optional(),
  start: calendarTime,
  end: calendarTime,
  location: z.string().optional(),
  attendees: z.array(calendarAttendee),
  /** RRULE, RDATE and EXDATE lines of a series' master; without DTSTART and DTEND. Its exceptions are events of their own. */
  recurrence: z.array(z.string()),
  /** `cancelled` never comes: that is a `calendar-event.deleted`. */
  status: z.enum(['confirmed', 'tentative']),
  /** `default`, `outOfOffice`, `focusTime`, `workingLocation`, `birthday`, `fromGmail`, or one that is not known yet. */
  eventType: z.string(),
  htmlLink: z.string().optional(),
  iCalUID: z.string().optional(),
  created: z.string().optional(),
  updated: z.string().optional(),
  organizer: calendarPerson.extend({ self: z.boolean().optional() }).optional(),
  reminders: z
    .object({
      useDefault: z.boolean(),
      overrides: z.array(z.object({ method: z.string(), minutes: z.number() })),
    })
    .optional(),
  visibility: z.string().optional(),
  /** `private`: of this calendar's copy; `shared`: of every attendee's. Anybody with the calendar may have written them. */
  extendedProperties: z.object({
    private: z.record(z.string(), z.string()),
    shared: z.record(z.string(), z.string()),
  }),
});
export type ExternalCalendarEvent = z.infer<typeof externalCalendarEvent>;

/** What was cut to keep the payload small: a text ends early, of a list only the first are there. */
export const cutEventField = z.enum([
  'title',
  'description',
  'location',
  'attendees',
  'recurrence',
  'reminders',
  'extendedProperties',
  /** A link, an id or another short text that was absurdly long is left out. */
  'others',
]);
export type CutEventField = z.infer<typeof cutEventField>;

const change = z.object({
  version: z.literal(1),
  /** The same each time this very change is delivered: drop what carries one that was already handled. */
  deliveryId: z.string(),
  tenantId: z.string(),
  providerId: z.string(),
  provider: z.literal('google'),
  calendarId: z.string(),
  eventId: z.string(),
  /** Of a changed or cancelled instance: the id of the series' master. */
  seriesMasterId: z.string().nullable(),
  /** Of a changed or cancelled instance: where the series' rule puts it. Never changes, wherever the instance is moved. */
  originalStart: calendarTime.nullable(),
  /** Google's version of the event. Null for a deletion that Google says nothing more of. */
  etag: z.string().nullable(),
  /** Rises with every delivery of the calendar, and so of the event: a lower one than was handled before is out of date. */
  sequence: z.int().positive(),
  /** When it was changed at Google; for a deletion that Google does not date, when it was noticed. ISO 8601 in UTC. */
  changedAt: z.iso.datetime(),
  cut: z.array(cutEventField),
});

const present = change.extend({ event: externalCalendarEvent });

/** An event that was not known yet, or known as deleted. The first read of a calendar delivers each of its events so. */
export const calendarEventCreated = present.extend({ type: z.literal(CALENDAR_EVENT_CREATED) });

/** The event as it is now; in between it may have been something else. */
export const calendarEventUpdated = present.extend({ type: z.literal(CALENDAR_EVENT_UPDATED) });

/**
 * The event is gone. With `seriesMasterId`: this one instance is, and its place in the series (`originalStart`) stays empty. Of a
 * series' master: the whole series with all its instances is gone; those of them that had been delivered as changed are
 * delivered as deleted before it.
 */
export const calendarEventDeleted = change.extend({
  type: z.literal(CALENDAR_EVENT_DELETED),
  event: z.null(),
});

/** A change in a connected calendar. Delivered at least once, in order per calendar; `deliveryId` is the same each time. */
export const calendarEventChanged = z.discriminatedUnion('type', [
  calendarEventCreated,
  calendarEventUpdated,
  calendarEventDeleted,
]);
export type CalendarEventChanged = z.infer<typeof calendarEventChanged>;
