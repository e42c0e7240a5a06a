import { z } from 'zod';

const DAY_MS = 86_400_000;

/** When an event starts or ends: a whole day, or an instant with the IANA zone that it was planned in, if one was given. */
export const eventTime = z.union([
  z.object({ date: z.string() }),
  z.object({ at: z.number(), timeZone: z.string().exactOptional() }),
]);
/** `date` is YYYY-MM-DD, `at` epoch milliseconds. */
export type EventTime = z.output<typeof eventTime>;

export const isAllDay = (time: EventTime): time is { date: string } => 'date' in time;

/** Days since 1970. */
export const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
export const dateOfDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** By how many milliseconds the zone's clocks are ahead of UTC at this instant. */
export function zoneOffset(at: number, timeZone: string): number {
  return wallClock(at, timeZone) - Math.floor(at / 1_000) * 1_000;
}

/** What the zone's clocks show, as if it were UTC: epoch milliseconds of whole seconds. */
export function wallClock(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<string, number>;
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The instant at which the zone's clocks show this; the first of two, and what the skipped hour would have been. */
export function instantOf(wall: number, timeZone: string): number {
  const before = wall - zoneOffset(wall - DAY_MS, timeZone);
  const after = wall - zoneOffset(wall + DAY_MS, timeZone);
  const fitting = [before, after].filter((at) => wallClock(at, timeZone) === wall);
  return fitting.length > 0 ? Math.min(...fitting) : before;
}

/** RFC 3339 with the zone's offset, without fractions. */
export function rfc3339(at: number, timeZone: string): string {
  const offset = zoneOffset(at, timeZone);
  const wall = new Date(Math.floor(at / 1_000) * 1_000 + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${wall}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const [h, m] = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
  return `${wall}${offset < 0 ? '-' : '+'}${h}:${m}`;
}

/** As Google's resources have it: instants in the calendar's zone (or the one asked for), the event's own zone beside it. */
export function timeResource(time: EventTime, shownIn: string) {
  if (isAllDay(time)) return { date: time.date };
  return { dateTime: rfc3339(time.at, shownIn), ...(time.timeZone && { timeZone: time.timeZone }) };
}

/** Epoch milliseconds; a day begins at midnight of the calendar's zone. */
export function startOf(time: EventTime, calendarZone: string): number {
  return isAllDay(time) ? instantOf(dayNumber(time.date) * DAY_MS, calendarZone) : time.at;
}

export function sameTime(a: EventTime, b: EventTime): boolean {
  return isAllDay(a) ? isAllDay(b) && a.date === b.date : !isAllDay(b) && a.at === b.at;
}

/** The end that is as long after `start` as `end` was after `from`. */
export function endAfter(start: EventTime, from: EventTime, end: EventTime): EventTime {
  if (isAllDay(start)) {
    const days = isAllDay(from) && isAllDay(end) ? dayNumber(end.date) - dayNumber(from.date) : 1;
    return { date: dateOfDay(dayNumber(start.date) + days) };
  }
  if (isAllDay(from) || isAllDay(end)) return start;
  return { ...end, at: start.at + end.at - from.at };
}

/** The suffix of an instance's id: 20260301T090000Z, or 20260301 of an all-day series. */
export function instanceSuffix(original: EventTime): string {
  if (isAllDay(original)) return original.date.replaceAll('-', '');
  return `${new Date(original.at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}
