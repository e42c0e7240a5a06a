import { isAllDay, rfc3339, type EventTime } from './event-time.js';
import {
  checkRecurrence,
  continuedAfter,
  endedBefore,
  originalStarts,
  RecurrenceProblem,
} from './recurrence.js';

const BERLIN = 'Europe/Berlin';
const timed = (text: string, timeZone = BERLIN): EventTime => ({ at: Date.parse(text), timeZone });
const day = (date: string): EventTime => ({ date });
const shown = (times: readonly EventTime[], zone = BERLIN): string[] =>
  times.map((time) => (isAllDay(time) ? time.date : rfc3339(time.at, zone)));
const starts = (start: EventTime, ...lines: string[]): string[] => shown(originalStarts(start, lines, 'UTC'));

describe('the instances of a series', () => {
  it('come daily, as often as counted, the first among them', () => {
    expect(starts(day('2027-01-30'), 'RRULE:FREQ=DAILY;COUNT=3')).toEqual([
      '2027-01-30',
      '2027-01-31',
      '2027-02-01',
    ]);
  });

  it('come at intervals until the last day, itself included', () => {
    expect(starts(day('2027-01-01'), 'RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20270105')).toEqual([
      '2027-01-01',
      '2027-01-03',
      '2027-01-05',
    ]);
  });

  it('come on the same weekday unless others are named', () => {
    expect(starts(day('2027-03-03'), 'RRULE:FREQ=WEEKLY;COUNT=2')).toEqual(['2027-03-03', '2027-03-10']);
    expect(starts(day('2027-03-03'), 'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4')).toEqual([
      '2027-03-03',
      '2027-03-15',
      '2027-03-17',
      '2027-03-29',
    ]);
  });

  it('come on the same day of the month, and not in months without it', () => {
    expect(starts(day('2027-01-31'), 'RRULE:FREQ=MONTHLY;COUNT=3')).toEqual([
      '2027-01-31',
      '2027-03-31',
      '2027-05-31',
    ]);
  });

  it('come on the second Tuesday, or the last Friday', () => {
    expect(starts(day('2027-01-12'), 'RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=2')).toEqual([
      '2027-01-12',
      '2027-02-09',
    ]);
    expect(starts(day('2027-01-29'), 'RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2')).toEqual([
      '2027-01-29',
      '2027-02-26',
    ]);
  });

  it('come on the last day of the month', () => {
    expect(starts(day('2027-01-31'), 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3')).toEqual([
      '2027-01-31',
      '2027-02-28',
      '2027-03-31',
    ]);
  });

  it('come yearly, on leap days too', () => {
    expect(starts(day('2028-02-29'), 'RRULE:FREQ=YEARLY;COUNT=2')).toEqual(['2028-02-29', '2032-02-29']);
  });

  it('keep their local hour when summer time begins', () => {
    expect(starts(timed('2027-03-27T09:00:00+01:00'), 'RRULE:FREQ=DAILY;COUNT=3')).toEqual([
      '2027-03-27T09:00:00+01:00',
      '2027-03-28T09:00:00+02:00',
      '2027-03-29T09:00:00+02:00',
    ]);
  });

  it('are an hour later where the clocks skip theirs, and the earlier of two where they strike twice', () => {
    expect(starts(timed('2027-03-27T02:30:00+01:00'), 'RRULE:FREQ=DAILY;COUNT=2')[1]).toBe(
      '2027-03-28T03:30:00+02:00',
    );
    expect(starts(timed('2027-10-30T02:30:00+02:00'), 'RRULE:FREQ=DAILY;COUNT=2')[1]).toBe(
      '2027-10-31T02:30:00+02:00',
    );
  });

  it('end at an instant, itself included', () => {
    expect(
      starts(timed('2027-06-01T10:00:00+02:00'), 'RRULE:FREQ=DAILY;UNTIL=20270602T080000Z'),
    ).toHaveLength(2);
    expect(
      starts(timed('2027-06-01T10:00:00+02:00'), 'RRULE:FREQ=DAILY;UNTIL=20270602T075959Z'),
    ).toHaveLength(1);
  });

  it('leave out excluded dates and add others', () => {
    expect(
      starts(
        timed('2027-06-01T10:00:00+02:00'),
        'RRULE:FREQ=DAILY;COUNT=3',
        'EXDATE;TZID=Europe/Berlin:20270602T100000',
        'RDATE:20270610T060000Z',
      ),
    ).toEqual(['2027-06-01T10:00:00+02:00', '2027-06-03T10:00:00+02:00', '2027-06-10T08:00:00+02:00']);
  });

  it('are a thousand at most when the series has no end', () => {
    expect(starts(day('2027-01-01'), 'RRULE:FREQ=DAILY')).toHaveLength(1_000);
  });

  it.each([
    'RRULE:FREQ=HOURLY',
    'RRULE:FREQ=DAILY;BYSETPOS=1',
    'RRULE:FREQ=DAILY;COUNT=none',
    'DTSTART:20270101',
  ])('are not to be had of %s', (line) => {
    expect(() => checkRecurrence([line])).toThrow(RecurrenceProblem);
  });
});

describe('a series that is split', () => {
  const lines = ['RRULE:FREQ=WEEKLY;COUNT=10;BYDAY=MO'];

  it('ends before the instance', () => {
    expect(endedBefore(lines, timed('2027-03-15T10:00:00Z'))).toEqual([
      'RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270315T095959Z',
    ]);
    expect(endedBefore(lines, day('2027-03-15'))).toEqual(['RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20270314']);
  });

  it('goes on with the instances that are left', () => {
    expect(continuedAfter(lines, 3)).toEqual(['RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=7']);
    expect(continuedAfter(['RRULE:FREQ=DAILY;UNTIL=20280101'], 3)).toEqual([
      'RRULE:FREQ=DAILY;UNTIL=20280101',
    ]);
  });
});
