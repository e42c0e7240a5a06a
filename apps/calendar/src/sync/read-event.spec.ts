import type { calendar_v3 } from '@googleapis/calendar';
import {
  calendarEventCreated,
  externalCalendarEvent,
  MAX_CALENDAR_EVENT_BYTES,
} from '#contracts/calendar-event';
import { changesAmong } from './changes.js';
import { deliveriesOf } from './deliveries.js';
import { isOwnEcho } from './own-echo.js';
import { readEvent } from './read-event.js';

const windowStart = new Date('2026-03-01T00:00:00Z');
const calendar = { tenantId: 't1', providerId: 'p1', calendarId: 'tech@acme.example' };

describe('an event of Google’s', () => {
  it('keeps its days with the exclusive end, and its zone as it is given', () => {
    const allDay = readEvent({ id: 'a', start: { date: '2026-12-24' }, end: { date: '2026-12-25' } });
    expect(allDay?.present?.event).toMatchObject({
      start: { date: '2026-12-24' },
      end: { date: '2026-12-25' },
    });
    const start = { dateTime: '2026-03-29T02:30:00+01:00', timeZone: 'Europe/Berlin' };
    const timed = readEvent({ id: 'a', start, end: { dateTime: '2026-03-29T03:30:00+02:00' } });
    expect(timed?.present?.event).toMatchObject({ start, end: { dateTime: '2026-03-29T03:30:00+02:00' } });
  });

  it('may be of a kind and have fields that nobody has heard of', () => {
    const raw = {
      id: 'a',
      eventType: 'siesta',
      eventLabelId: 'x',
      start: {},
      end: {},
    } as calendar_v3.Schema$Event;
    const event = readEvent(raw)?.present?.event;
    expect(externalCalendarEvent.parse(event)).toMatchObject({ eventType: 'siesta', title: '' });
    expect(event).not.toHaveProperty('eventLabelId');
  });

  it('is the same event whatever order Google gives the fields in', () => {
    const hash = (raw: calendar_v3.Schema$Event) => readEvent({ id: 'a', ...raw })?.present?.contentHash;
    const one = { start: { dateTime: 'x', timeZone: 'y' }, updated: '2026-01-01T00:00:00Z' };
    const two = { start: { timeZone: 'y', dateTime: 'x' }, updated: '2026-01-02T00:00:00Z' };
    expect(hash(one)).toBe(hash(two));
    expect(hash({ ...one, summary: 'other' })).not.toBe(hash(one));
  });

  it('stays far below the limit of a message, however much is in it, and says what was cut', () => {
    const long = 'ü"\\'.repeat(200_000);
    const many = Array.from({ length: 20_000 }, (_, number) => ({ email: `guest${number}@acme.example` }));
    const listed = readEvent({
      id: 'a'.repeat(1_024),
      summary: long,
      description: long,
      location: long,
      htmlLink: long,
      iCalUID: long,
      eventType: long,
      visibility: long,
      attendees: many,
      recurrence: many.map(({ email }) => `RDATE:${email}`),
      organizer: { email: long },
      reminders: { overrides: many.map(() => ({ method: 'email', minutes: 5 })) },
      extendedProperties: { private: { small: '1', large: long }, shared: { large: long } },
    })!;
    const { changes } = changesAmong([listed], new Map(), { windowStart });
    const [delivery] = deliveriesOf(calendar, changes, { firstSequence: 1, now: new Date() });
    const payload = calendarEventCreated.parse(delivery!.payload);
    expect(Buffer.byteLength(JSON.stringify(payload))).toBeLessThan(MAX_CALENDAR_EVENT_BYTES);
    expect(payload.event.extendedProperties.private).toEqual({ small: '1' });
    expect([...payload.cut].sort()).toEqual([
      'attendees',
      'description',
      'extendedProperties',
      'location',
      'others',
      'recurrence',
      'reminders',
      'title',
    ]);
  });
});

describe('an event that comes back', () => {
  const { event } = readEvent({ id: 'a', extendedProperties: { private: { tenantGoogle: 'k1' } } })!.present!;

  it('is our own write only in the very version that the write made', () => {
    expect(isOwnEcho({ event, etag: '"7"' }, { key: 'k1', etag: '"7"' })).toBe(true);
    expect(isOwnEcho({ event, etag: '"8"' }, { key: 'k1', etag: '"7"' })).toBe(false);
  });

  it('is nobody’s echo when the mark was only copied, or nothing was written', () => {
    expect(isOwnEcho({ event, etag: '"7"' }, { key: 'k2', etag: '"7"' })).toBe(false);
    expect(isOwnEcho({ event, etag: '"7"' }, null)).toBe(false);
  });
});
