import fc from 'fast-check';
import type { EventResource } from '#google-simulator/calendar/calendar-client';
import { minutes } from '#time/clock';
import { rebuiltFrom } from './fixtures/consumer.js';
import { Doomed } from './fixtures/doomed.js';
import { Editor, histories, type Step } from './fixtures/histories.js';
import { eventually, SyncingOffice } from './fixtures/syncing-office.js';

const runs = 10;

describe('whatever happens to a calendar', () => {
  let office: SyncingOffice;
  beforeAll(async () => {
    office = await SyncingOffice.open();
  });
  afterAll(() => office?.close());

  /** Plays the history to a calendar of its own, and then lets everything come to rest. */
  async function played(history: Step[], tellOfExceptions: boolean) {
    const google = office.google.client.calendar;
    await google.configure({ tellOfExceptionsOfDeletedSeries: tellOfExceptions });
    const calendar = await office.connect();
    const editor = new Editor(google, calendar.calendarId, office.now());
    for (const step of beginning) await editor.does(step);
    let stop = office.start();
    await office.poll(calendar);
    await office.settled(calendar);
    for (const step of history) {
      await editor.does(step);
      if (step.does === 'notify') for (let time = 0; time < step.times; time++) await office.notify(calendar);
      if (step.does === 'poll') await office.poll(calendar);
      if ('waits' in step && step.waits) await office.settled(calendar);
      if (step.does === 'die') {
        await stop();
        const doomed = new Doomed(step.at, step.when);
        const killed = office.start(office.means(doomed.means));
        await office.poll(calendar);
        await eventually(async () => doomed.dead);
        await killed();
        stop = office.start();
      }
    }
    for (let time = 0; time < 3; time++) {
      await office.poll(calendar);
      await office.settled(calendar);
      // What failed, and a second comparison within a minute, is waited for.
      await office.google.client.advance(minutes(2));
      await office.settled(calendar);
    }
    await stop();
    const deliveries = await office.deliveries(calendar);
    return { rebuilt: rebuiltFrom(deliveries), deliveries, state: await google.state(calendar.calendarId) };
  }

  it('what a consumer makes of the deliveries is what Google has in the end', async () => {
    const seed = Date.now() ^ (Math.random() * 0x100000000);
    process.stdout.write(`random histories of a calendar: seed ${seed}\n`);
    await fc.assert(
      fc.asyncProperty(histories, fc.boolean(), async (history, tellOfExceptions) => {
        const { rebuilt, deliveries, state } = await played(history, tellOfExceptions);
        expect(rebuilt.surprises).toEqual([]);
        expect([...rebuilt.events.values()].map(comparable).sort(byId)).toEqual(
          state.filter(isPresent).map(asComparable).sort(byId),
        );
        expect([...rebuilt.cancelled].map(([id]) => id).sort()).toEqual(
          state
            .filter((event) => !isPresent(event))
            .map(({ id }) => id)
            .sort(),
        );
        expect(new Set(deliveries.map(({ deliveryId }) => deliveryId)).size).toBe(deliveries.length);
      }),
      { numRuns: runs, seed, endOnFailure: true },
    );
  }, 300_000);
});

/** Something to work on. */
const beginning: Step[] = (['timed', 'all-day', 'series', 'all-day series', 'timed'] as const).map(
  (kind, number) => ({ does: 'add', kind, day: 5 * number }),
);

const isPresent = (event: EventResource): boolean => event['status'] !== 'cancelled';
const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

const comparable = ({
  id,
  title,
  start,
  end,
  recurrence,
  updated,
}: NonNullable<
  ReturnType<typeof rebuiltFrom>['events'] extends Map<string, infer Event> ? Event : never
>) => ({
  id,
  title,
  start,
  end,
  recurrence,
  updated,
});

/** Written anew, not with the code that is looked at. */
const asComparable = (event: EventResource) => ({
  id: event.id,
  title: event['summary'],
  start: event['start'],
  end: event['end'],
  recurrence: event['recurrence'] ?? [],
  updated: event['updated'],
});
