import { hours, minutes, seconds } from '#time/clock';
import { judge, type Evidence } from './unannounced.js';

const now = new Date('2026-03-01T08:00:00.000Z');
const ago = (milliseconds: number): Date => new Date(now.getTime() - milliseconds);

/** A mail came some time in the ten minutes before the comparison that found it ten minutes ago. */
const waiting = { happenedAfter: ago(minutes(20)), foundAt: ago(minutes(10)) };
const missing: Evidence = {
  waiting,
  found: null,
  notifiesSince: ago(hours(20)),
  lastNotificationAt: ago(hours(3)),
  now,
};

const table: [string, Partial<Evidence>, string][] = [
  ['that was found ten minutes ago and never announced', {}, 'missing'],
  ['that was never announced, as nothing ever was', { lastNotificationAt: null }, 'missing'],
  [
    'that was found just now, since its notification may be on its way',
    { waiting: null, found: { happenedAfter: ago(minutes(10)), foundAt: now } },
    'waiting',
  ],
  [
    'whose notification may still be tried again by Pub/Sub',
    { waiting: { ...waiting, foundAt: ago(minutes(9.5) - seconds(1)) } },
    'waiting',
  ],
  ['whose notification came right after it was found', { lastNotificationAt: ago(minutes(9)) }, 'fine'],
  ['whose notification came before it was found', { lastNotificationAt: ago(minutes(15)) }, 'fine'],
  [
    'which Gmail dropped because it came within a second of an announced one',
    { lastNotificationAt: new Date(waiting.happenedAfter.getTime() - seconds(1)) },
    'fine',
  ],
  ['that may be older than the watch', { notifiesSince: ago(minutes(19)) }, 'fine'],
  ['while Google does not notify', { notifiesSince: null }, 'fine'],
  ['that is not there', { waiting: null }, 'fine'],
];

it.each(table)('something %s', (_, change, kind) => {
  expect(judge({ ...missing, ...change }).kind).toBe(kind);
});

it('goes by the first thing that was not announced', () => {
  const found = { happenedAfter: ago(minutes(10)), foundAt: now };
  expect(judge({ ...missing, found })).toEqual({ kind: 'missing', what: waiting });
});

it('begins anew with what was found after the last notification', () => {
  const found = { happenedAfter: ago(minutes(10)), foundAt: now };
  expect(judge({ ...missing, found, lastNotificationAt: ago(minutes(15)) })).toEqual({
    kind: 'waiting',
    what: found,
  });
});
