import type { calendar_v3 } from '@googleapis/calendar';
import { days } from '#time/clock';
import { changesAmong, missingAmong } from './changes.js';
import { readEvent, type ListedEvent } from './read-event.js';
import type { SeenEvent } from './seen-event.js';

const windowStart = new Date('2026-03-01T00:00:00Z');

const listed = (raw: calendar_v3.Schema$Event): ListedEvent =>
  readEvent({
    etag: '"1"',
    start: { dateTime: '2026-04-01T09:00:00+02:00' },
    end: { dateTime: '2026-04-01T10:00:00+02:00' },
    ...raw,
  })!;
const tombstone = (raw: calendar_v3.Schema$Event): ListedEvent => readEvent({ status: 'cancelled', ...raw })!;

/** What is known after these were told. */
const after = (...told: ListedEvent[]): Map<string, SeenEvent> =>
  new Map(changesAmong(told, new Map(), { windowStart }).seen.map((event) => [event.eventId, event]));

const told = (events: ListedEvent[], seen = new Map<string, SeenEvent>()): [string, string][] =>
  changesAmong(events, seen, { windowStart }).changes.map((change) => [
    change.kind,
    change.kind === 'deleted' ? change.eventId : change.listed.eventId,
  ]);

const instance = { recurringEventId: 'm', originalStartTime: { dateTime: '2026-04-02T09:00:00+02:00' } };

describe('what consumers are told of a list', () => {
  it('is an event that is new, or has another version', () => {
    expect(told([listed({ id: 'a' })])).toEqual([['created', 'a']]);
    expect(told([listed({ id: 'a', etag: '"2"' })], after(listed({ id: 'a' })))).toEqual([['updated', 'a']]);
    expect(told([listed({ id: 'a' })], after(listed({ id: 'a' })))).toEqual([]);
  });

  it('is what changed in it, where Google gives no version', () => {
    const seen = after(listed({ id: 'a', etag: null, summary: 'one' }));
    expect(told([listed({ id: 'a', etag: null, summary: 'one' })], seen)).toEqual([]);
    expect(told([listed({ id: 'a', etag: null, summary: 'two' })], seen)).toEqual([['updated', 'a']]);
  });

  it('is nothing of an event that was over before the window, unless it had been told', () => {
    const old = { end: { dateTime: '2026-02-01T10:00:00Z' }, etag: '"2"' };
    expect(told([listed({ id: 'a', ...old })])).toEqual([]);
    expect(told([listed({ id: 'a', ...old })], after(listed({ id: 'a' })))).toEqual([['updated', 'a']]);
  });

  it('is a deletion once, and none of what was never told', () => {
    expect(told([tombstone({ id: 'a' })], after(listed({ id: 'a' })))).toEqual([['deleted', 'a']]);
    expect(told([tombstone({ id: 'a' })])).toEqual([]);
  });

  it('is a series before its instances, in whatever order they are listed', () => {
    expect(
      told([tombstone({ id: 'm_1', ...instance }), listed({ id: 'm', recurrence: ['RRULE:FREQ=DAILY'] })]),
    ).toEqual([
      ['created', 'm'],
      ['deleted', 'm_1'],
    ]);
  });

  it('is a cancelled instance once for as long as the series lives, and created when it takes place again', () => {
    const master = listed({ id: 'm', recurrence: ['RRULE:FREQ=DAILY'] });
    const cancelled = tombstone({ id: 'm_1', ...instance });
    const seen = after(master, cancelled);
    expect(told([cancelled], seen)).toEqual([]);
    expect(told([listed({ id: 'm_1', ...instance })], seen)).toEqual([['created', 'm_1']]);
  });

  it('is the end of every told instance before the end of its series, and nothing is known of either then', () => {
    const seen = after(
      listed({ id: 'm', recurrence: ['RRULE:FREQ=DAILY'] }),
      listed({ id: 'm_1', ...instance }),
      tombstone({ id: 'm_2', ...instance }),
    );
    const { changes, forgotten } = changesAmong([tombstone({ id: 'm' }), tombstone({ id: 'm_1' })], seen, {
      windowStart,
    });
    expect(changes).toMatchObject([
      { kind: 'deleted', eventId: 'm_1', seriesMasterId: 'm' },
      { kind: 'deleted', eventId: 'm', seriesMasterId: null },
    ]);
    expect([...forgotten].sort()).toEqual(['m', 'm_1', 'm_2']);
  });

  it('is the later of two readings of one event', () => {
    const { changes } = changesAmong(
      [listed({ id: 'a', summary: 'one' }), listed({ id: 'a', summary: 'two', etag: '"2"' })],
      new Map(),
      { windowStart },
    );
    expect(changes).toMatchObject([{ kind: 'created', listed: { present: { event: { title: 'two' } } } }]);
  });
});

describe('what a complete list leaves out', () => {
  const seen = (change: Partial<SeenEvent>): SeenEvent => ({
    eventId: 'a',
    cancelled: false,
    etag: '"1"',
    contentHash: null,
    seriesMasterId: null,
    originalStart: null,
    recurring: false,
    endsAt: new Date(windowStart.getTime() + days(30)),
    ...change,
  });
  const rows: [string, Partial<SeenEvent>, 'gone' | 'toAsk'][] = [
    ['an event within the window is gone', {}, 'gone'],
    ['one at the edge of the window is asked for', { endsAt: new Date(windowStart.getTime() + 1) }, 'toAsk'],
    ['one from before the window is asked for', { endsAt: new Date(0) }, 'toAsk'],
    ['a series is asked for', { recurring: true, endsAt: null }, 'toAsk'],
    ['an instance is asked for', { seriesMasterId: 'm' }, 'toAsk'],
  ];
  it.each(rows)('%s', (_name, change, verdict) => {
    const missing = missingAmong([seen(change)], new Set(['b']), { windowStart });
    expect(missing[verdict]).toHaveLength(1);
    expect(missingAmong([seen(change)], new Set(['a']), { windowStart })).toEqual({ gone: [], toAsk: [] });
  });
});
