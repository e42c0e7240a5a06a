import { createHash } from 'node:crypto';
import type { calendar_v3 } from '@googleapis/calendar';
import type { CalendarTime, CutEventField, ExternalCalendarEvent } from '#contracts/calendar-event';
import { hours } from '#time/clock';
import { EventCuts } from './event-cuts.js';

/** An event of Google's list, as far as we go by it. */
export interface ListedEvent {
  eventId: string;
  etag: string | null;
  seriesMasterId: string | null;
  originalStart: CalendarTime | null;
  /** Has a rule, and so instances. */
  recurring: boolean;
  /** When it is over for certain, wherever its days are counted; null when that is not to be seen, as with a series. */
  endsAt: Date | null;
  /** ISO 8601 in UTC. */
  changedAt: string | null;
  /** Null: cancelled. */
  present: { event: ExternalCalendarEvent; cut: CutEventField[]; contentHash: string } | null;
}

/** Null for what has no id, and so can be spoken of by nobody. */
export function readEvent(raw: calendar_v3.Schema$Event): ListedEvent | null {
  const { id, etag, recurringEventId, originalStartTime, updated, status } = raw;
  if (!id) return null;
  const recurring = (raw.recurrence ?? []).length > 0;
  const changedAt = updated && !Number.isNaN(Date.parse(updated)) ? new Date(updated).toISOString() : null;
  return {
    eventId: id,
    etag: etag ?? null,
    seriesMasterId: recurringEventId ?? null,
    originalStart: originalStartTime ? timeOf(originalStartTime) : null,
    recurring,
    endsAt: recurring ? null : overAt(raw.end),
    changedAt,
    present: status === 'cancelled' ? null : contentOf(raw),
  };
}

function contentOf(raw: calendar_v3.Schema$Event): ListedEvent['present'] {
  const cuts = new EventCuts();
  const text = (value: string | null | undefined, cut: (text: string) => string): string | undefined =>
    value ? cut(value) : undefined;
  const event = withoutUndefined<ExternalCalendarEvent>({
    id: raw.id!,
    provider: 'google',
    title: cuts.title(raw.summary ?? ''),
    description: text(raw.description, cuts.description),
    start: timeOf(raw.start),
    end: timeOf(raw.end),
    location: text(raw.location, cuts.location),
    attendees: cuts.attendees((raw.attendees ?? []).map(attendeeOf)),
    recurrence: cuts.recurrence(raw.recurrence ?? []),
    status: raw.status === 'tentative' ? 'tentative' : 'confirmed',
    eventType: cuts.short(raw.eventType ?? undefined) ?? 'default',
    htmlLink: cuts.short(raw.htmlLink ?? undefined),
    iCalUID: cuts.short(raw.iCalUID ?? undefined),
    created: raw.created ?? undefined,
    updated: raw.updated ?? undefined,
    organizer: raw.organizer ? cuts.short(personOf(raw.organizer)) : undefined,
    reminders: raw.reminders ? remindersOf(raw.reminders, cuts) : undefined,
    visibility: cuts.short(raw.visibility ?? undefined),
    extendedProperties: {
      private: cuts.properties(raw.extendedProperties?.private ?? {}),
      shared: cuts.properties(raw.extendedProperties?.shared ?? {}),
    },
  });
  return { event, cut: cuts.made(), contentHash: hashOf(event) };
}

type Loose<Value> = { [Name in keyof Value]: Value[Name] | undefined };

const withoutUndefined = <Value extends object>(value: Loose<Value>): Value =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Value;

const timeOf = (time: calendar_v3.Schema$EventDateTime | undefined): CalendarTime =>
  withoutUndefined<CalendarTime>({
    date: time?.date ?? undefined,
    dateTime: time?.dateTime ?? undefined,
    timeZone: time?.timeZone ?? undefined,
  });

type Person = Pick<calendar_v3.Schema$EventAttendee, 'email' | 'displayName' | 'self'>;

const personOf = ({ email, displayName, self }: Person): NonNullable<ExternalCalendarEvent['organizer']> =>
  withoutUndefined<NonNullable<ExternalCalendarEvent['organizer']>>({
    email: email ?? '',
    name: displayName ?? undefined,
    self: self ?? undefined,
  });

const attendeeOf = (attendee: calendar_v3.Schema$EventAttendee): ExternalCalendarEvent['attendees'][number] =>
  withoutUndefined<ExternalCalendarEvent['attendees'][number]>({
    ...personOf(attendee),
    responseStatus: attendee.responseStatus ?? undefined,
    organizer: attendee.organizer ?? undefined,
    optional: attendee.optional ?? undefined,
    resource: attendee.resource ?? undefined,
  });

const remindersOf = (
  { useDefault, overrides }: NonNullable<calendar_v3.Schema$Event['reminders']>,
  cuts: EventCuts,
): ExternalCalendarEvent['reminders'] => ({
  useDefault: useDefault ?? false,
  overrides: cuts.reminders(
    (overrides ?? []).map(({ method, minutes }) => ({ method: method ?? '', minutes: minutes ?? 0 })),
  ),
});

/** The latest that a day ends anywhere on earth. */
const latestZone = hours(12);

function overAt(end: calendar_v3.Schema$EventDateTime | undefined): Date | null {
  const at = end?.dateTime
    ? Date.parse(end.dateTime)
    : end?.date
      ? Date.parse(`${end.date}T00:00:00Z`) + latestZone
      : NaN;
  return Number.isNaN(at) ? null : new Date(at);
}

/** Without `updated`, which Google moves for reasons of its own; the same whatever order Google gives the fields in. */
function hashOf({ updated: _, ...content }: ExternalCalendarEvent): string {
  return createHash('sha256').update(canonical(content)).digest('base64url');
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}
