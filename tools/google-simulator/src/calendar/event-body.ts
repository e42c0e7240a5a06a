import { z } from 'zod';
import { invalid, required, timeRangeEmpty } from './calendar-refusals.js';
import type { CalendarEvent } from './event.js';
import { dayNumber, instantOf, isAllDay, isTimeZone, timeResource, type EventTime } from './event-time.js';
import { checkRecurrence, RecurrenceProblem } from './recurrence.js';

export type EventBody = Record<string, unknown>;

/** What a writer decides about an event. */
export type EventContent = Pick<CalendarEvent, 'status' | 'start' | 'end' | 'recurrence' | 'details'>;

const timeBody = z.object({
  date: z.string().nullish(),
  dateTime: z.string().nullish(),
  timeZone: z.string().nullish(),
});
const known = z.looseObject({
  status: z.enum(['confirmed', 'tentative', 'cancelled']).nullish(),
  start: timeBody.nullish(),
  end: timeBody.nullish(),
  recurrence: z.array(z.string()).nullish(),
});

const WRITABLE = new Set([
  'anyoneCanAddSelf',
  'attachments',
  'attendees',
  'attendeesOmitted',
  'birthdayProperties',
  'colorId',
  'conferenceData',
  'description',
  'eventType',
  'extendedProperties',
  'focusTimeProperties',
  'guestsCanInviteOthers',
  'guestsCanModify',
  'guestsCanSeeOtherGuests',
  'location',
  'outOfOfficeProperties',
  'reminders',
  'source',
  'summary',
  'transparency',
  'visibility',
  'workingLocationProperties',
]);
const OWN_FIELDS = new Set([
  'created',
  'end',
  'etag',
  'htmlLink',
  'iCalUID',
  'id',
  'kind',
  'originalStartTime',
  'recurrence',
  'recurringEventId',
  'sequence',
  'start',
  'status',
  'updated',
]);

/** Reads what was sent; fields that callers may not write are passed over, unless Google itself is the writer. @throws GoogleError 400 */
export function readContent(
  body: EventBody,
  calendarZone: string,
  writer: 'caller' | 'google' = 'caller',
): EventContent {
  const parsed = known.safeParse(body);
  if (!parsed.success) throw invalid(`Invalid value for: ${z.prettifyError(parsed.error)}`);
  const { status, start, end, recurrence } = parsed.data;
  const isRecurring = recurrence !== undefined && recurrence !== null && recurrence.length > 0;
  const from = readTime('start', start, calendarZone, isRecurring);
  const to = readTime('end', end, calendarZone, isRecurring);
  if (isAllDay(from) !== isAllDay(to)) throw invalid('Invalid start time.');
  const length = isAllDay(from) && isAllDay(to) ? dayNumber(to.date) - dayNumber(from.date) : undefined;
  const isBackwards = !isAllDay(from) && !isAllDay(to) && to.at < from.at;
  if (isBackwards || (length !== undefined && length < 1)) throw timeRangeEmpty();
  if (isRecurring) check(recurrence);
  const details = Object.entries(body).filter(
    ([name, value]) => value !== null && (writer === 'google' ? !OWN_FIELDS.has(name) : WRITABLE.has(name)),
  );
  return {
    status: status ?? 'confirmed',
    start: from,
    end: to,
    ...(isRecurring && { recurrence }),
    details: { eventType: 'default', ...Object.fromEntries(details) },
  };
}

/** What a patch is merged into. */
export function bodyOf(
  { details, start, end, status, recurrence }: CalendarEvent,
  calendarZone: string,
): EventBody {
  return {
    ...details,
    status,
    start: timeResource(start, calendarZone),
    end: timeResource(end, calendarZone),
    ...(recurrence && { recurrence }),
  };
}

/** Objects are merged, lists replaced, and null clears. */
export function merged(base: EventBody, patch: EventBody): EventBody {
  const result: EventBody = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = isObject(value) ? merged(isObject(base[name]) ? base[name] : {}, value) : value;
  }
  return result;
}

function readTime(
  field: 'start' | 'end',
  body: z.infer<typeof timeBody> | null | undefined,
  calendarZone: string,
  isRecurring: boolean,
): EventTime {
  const { date, dateTime, timeZone } = body ?? {};
  if (!date && !dateTime) throw required(`Missing ${field} time.`);
  if (date && dateTime) throw invalid(`Invalid ${field} time.`);
  if (timeZone && !isTimeZone(timeZone)) throw invalid(`Invalid time zone definition for ${field} time.`);
  if (date) {
    if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(dayNumber(date)))
      throw invalid('Invalid value for: date');
    return { date };
  }
  if (isRecurring && !timeZone) throw required(`Missing time zone definition for ${field} time.`);
  const at = readInstant(dateTime ?? '', timeZone ?? calendarZone);
  if (at === undefined) throw invalid(`Invalid value for: Invalid format: "${dateTime}"`);
  return { at, ...(timeZone && { timeZone }) };
}

/** Epoch milliseconds of RFC 3339 text, in the zone when it has no offset. */
function readInstant(text: string, zone: string): number | undefined {
  const [, wall, offset] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/i.exec(text) ?? [];
  if (wall === undefined) return undefined;
  const at = offset === undefined ? instantOf(Date.parse(`${wall}Z`), zone) : Date.parse(`${wall}${offset}`);
  return Number.isNaN(at) ? undefined : at;
}

function check(recurrence: readonly string[]): void {
  try {
    checkRecurrence(recurrence);
  } catch (error) {
    if (error instanceof RecurrenceProblem) throw invalid(`Invalid recurrence rule: ${error.message}`);
    throw error;
  }
}

const isObject = (value: unknown): value is EventBody =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
