import {
  dateOfDay,
  dayNumber,
  instantOf,
  isAllDay,
  sameTime,
  wallClock,
  type EventTime,
} from './event-time.js';

const DAY_MS = 86_400_000;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
/** Google expands endless series to a bounded number of instances as well. */
const MOST_INSTANCES = 1_000;
/** No rule may search longer than this for its next day, e.g. the 30th of February. */
const LONGEST_GAP_PERIODS = 1_500;

interface Rule {
  readonly frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  readonly interval: number;
  readonly count?: number;
  readonly until?: string;
  readonly byDay: readonly { readonly nth: number; readonly weekday: number }[];
  readonly byMonthDay: readonly number[];
  readonly byMonth: readonly number[];
  readonly weekStart: number;
}

export class RecurrenceProblem extends Error {}

/** @throws RecurrenceProblem on lines that are not understood */
export function checkRecurrence(lines: readonly string[]): void {
  for (const line of lines) {
    if (/^RRULE:/.test(line)) parseRule(line.slice('RRULE:'.length));
    else if (!/^(EXDATE|RDATE)(;[^:]+)?:[\dTZ,]+$/.test(line)) throw new RecurrenceProblem(line);
  }
}

/** The original starts of a series in ascending order, the first always among them; at most a thousand, none from `before` on. */
export function originalStarts(
  start: EventTime,
  lines: readonly string[],
  calendarZone: string,
  before = Infinity,
): EventTime[] {
  const zone = isAllDay(start) ? 'UTC' : (start.timeZone ?? calendarZone);
  const wall = isAllDay(start) ? dayNumber(start.date) * DAY_MS : wallClock(start.at, zone);
  const day = Math.floor(wall / DAY_MS);
  const timeOfDay = wall - day * DAY_MS;
  const at = (one: number): EventTime =>
    isAllDay(start) ? { date: dateOfDay(one) } : { ...start, at: instantOf(one * DAY_MS + timeOfDay, zone) };
  const position = (time: EventTime): number => (isAllDay(time) ? dayNumber(time.date) * DAY_MS : time.at);
  const listed = (kind: string): EventTime[] =>
    lines.filter((line) => line.startsWith(kind)).flatMap((line) => timesIn(line, start, zone));
  const starts: EventTime[] = [start];
  for (const line of lines.filter((one) => one.startsWith('RRULE:'))) {
    const rule = parseRule(line.slice('RRULE:'.length));
    const last = rule.until === undefined ? Infinity : position(boundIn(rule.until, start, zone));
    let counted = 1;
    for (const found of daysOf(rule, day)) {
      if (found === day) continue;
      const time = at(found);
      counted += 1;
      const isPastEnd = position(time) > last || position(time) >= before;
      if (isPastEnd || counted > (rule.count ?? MOST_INSTANCES)) break;
      starts.push(time);
    }
  }
  const excluded = listed('EXDATE');
  return [...starts, ...listed('RDATE')]
    .filter((one, index, all) => all.findIndex((other) => sameTime(one, other)) === index)
    .filter((one) => position(one) < before && !excluded.some((other) => sameTime(one, other)))
    .sort((a, b) => position(a) - position(b));
}

export function isEndless(lines: readonly string[]): boolean {
  return lines.some((line) => line.startsWith('RRULE:') && !/COUNT=|UNTIL=/.test(line));
}

/** The lines of a series that ends before its instance `at`; `UNTIL` takes the place of `COUNT`. */
export function endedBefore(lines: readonly string[], at: EventTime): string[] {
  const until = isAllDay(at)
    ? dateOfDay(dayNumber(at.date) - 1).replaceAll('-', '')
    : `${new Date(at.at - 1_000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  return lines.map((line) => (line.startsWith('RRULE:') ? `${withoutEnd(line)};UNTIL=${until}` : line));
}

/** The lines of the series that goes on after `passed` instances. */
export function continuedAfter(lines: readonly string[], passed: number): string[] {
  return lines.map((line) => {
    const count = /COUNT=(\d+)/.exec(line)?.[1];
    return count === undefined ? line : `${withoutEnd(line)};COUNT=${Number(count) - passed}`;
  });
}

function withoutEnd(line: string): string {
  const [, body = ''] = line.split(':');
  return `RRULE:${body
    .split(';')
    .filter((part) => !/^(COUNT|UNTIL)=/.test(part))
    .join(';')}`;
}

function parseRule(text: string): Rule {
  const parts = new Map(text.split(';').map((part) => part.split('=', 2) as [string, string]));
  const known = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'WKST'];
  const unknown = [...parts.keys()].find((name) => !known.includes(name));
  const frequency = parts.get('FREQ') as Rule['frequency'];
  if (unknown !== undefined || !['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(frequency))
    throw new RecurrenceProblem(text);
  const numbers = (name: string) => parts.get(name)?.split(',').map(Number) ?? [];
  const [interval = 1] = numbers('INTERVAL');
  const [count] = numbers('COUNT');
  const until = parts.get('UNTIL');
  const byDay = (parts.get('BYDAY')?.split(',') ?? []).map((one) => {
    const [, nth = '', name = ''] = /^([+-]?\d+)?([A-Z]{2})$/.exec(one) ?? [];
    return { nth: Number(nth), weekday: WEEKDAYS.indexOf(name) };
  });
  const all = [interval, count ?? 1, ...numbers('BYMONTHDAY'), ...numbers('BYMONTH')];
  if (all.some((one) => !Number.isInteger(one)) || interval < 1 || (count ?? 1) < 1)
    throw new RecurrenceProblem(text);
  if (byDay.some(({ weekday }) => weekday < 0)) throw new RecurrenceProblem(text);
  return {
    frequency,
    interval,
    ...(count !== undefined && { count }),
    ...(until !== undefined && { until }),
    byDay,
    byMonthDay: numbers('BYMONTHDAY'),
    byMonth: numbers('BYMONTH'),
    weekStart: Math.max(0, WEEKDAYS.indexOf(parts.get('WKST') ?? 'MO')),
  };
}

/** The rule's days from `first` on, ascending and without end; days since 1970. */
function* daysOf(rule: Rule, first: number): Generator<number> {
  let idle = 0;
  for (let period = 0; idle < LONGEST_GAP_PERIODS; period += 1) {
    const days = daysIn(rule, first, period * rule.interval).filter((day) => day >= first);
    idle = days.length > 0 ? 0 : idle + 1;
    yield* days;
  }
}

function daysIn(rule: Rule, first: number, offset: number): number[] {
  const { byDay, byMonth, byMonthDay } = rule;
  const start = new Date(first * DAY_MS);
  const inMonth = (day: number) =>
    byMonth.length === 0 || byMonth.includes(new Date(day * DAY_MS).getUTCMonth() + 1);
  const onWeekday = (day: number) =>
    byDay.length === 0 || byDay.some(({ weekday }) => weekday === weekdayOf(day));
  switch (rule.frequency) {
    case 'DAILY':
      return [first + offset].filter((day) => inMonth(day) && onWeekday(day) && onMonthDay(day, byMonthDay));
    case 'WEEKLY': {
      const week = first - ((weekdayOf(first) - rule.weekStart + 7) % 7) + offset * 7;
      const weekdays = byDay.length > 0 ? byDay.map(({ weekday }) => weekday) : [weekdayOf(first)];
      return range(week, 7).filter((day) => weekdays.includes(weekdayOf(day)) && inMonth(day));
    }
    case 'MONTHLY':
      return monthDays(rule, start.getUTCFullYear(), start.getUTCMonth() + offset, start).filter(inMonth);
    case 'YEARLY': {
      const months = byMonth.length > 0 ? byMonth.map((one) => one - 1) : [start.getUTCMonth()];
      return months
        .sort((a, b) => a - b)
        .flatMap((month) => monthDays(rule, start.getUTCFullYear() + offset, month, start));
    }
  }
}

function monthDays({ byDay, byMonthDay }: Rule, year: number, month: number, start: Date): number[] {
  const first = Date.UTC(year, month, 1) / DAY_MS;
  const length = Date.UTC(year, month + 1, 1) / DAY_MS - first;
  const days = range(first, length);
  const wanted = byMonthDay.length > 0 || byDay.length > 0 ? byMonthDay : [start.getUTCDate()];
  return days
    .filter((day) => onMonthDay(day, wanted))
    .filter((day) => {
      if (byDay.length === 0) return true;
      const sameWeekday = days.filter((one) => weekdayOf(one) === weekdayOf(day));
      return byDay.some(
        ({ nth, weekday }) =>
          weekday === weekdayOf(day) && (nth === 0 || sameWeekday.at(nth > 0 ? nth - 1 : nth) === day),
      );
    });
}

/** Negative days count from the month's end. */
function onMonthDay(day: number, wanted: readonly number[]): boolean {
  if (wanted.length === 0) return true;
  const date = new Date(day * DAY_MS);
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return wanted.some((one) => (one > 0 ? one : length + 1 + one) === date.getUTCDate());
}

function timesIn(line: string, start: EventTime, zone: string): EventTime[] {
  const [head = '', values = ''] = line.split(':', 2);
  const own = /TZID=([^;:]+)/.exec(head)?.[1] ?? zone;
  return values.split(',').map((value) => boundIn(value, start, own));
}

/** A date or date-time of RFC 5545 in the kind that the series has. */
function boundIn(value: string, start: EventTime, zone: string): EventTime {
  const date = `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6, 8)}`;
  if (isAllDay(start)) return { date };
  const time = value.slice(9, 15).padEnd(6, value.includes('T') ? '0' : '9');
  const clock = value.includes('T')
    ? `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}`
    : '23:59:59';
  const wall = Date.parse(`${date}T${clock}Z`);
  return { ...start, at: value.endsWith('Z') ? wall : instantOf(wall, zone) };
}

const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;
const range = (from: number, length: number): number[] => Array.from({ length }, (_, index) => from + index);
