import { days, minutes } from '#time/clock';
import { rebuiltFrom } from './fixtures/consumer.js';
import { Doomed, type When } from './fixtures/doomed.js';
import { eventually, SyncingOffice } from './fixtures/syncing-office.js';

/** Somewhat more than it takes to read a calendar; the last ones strike while the process is idle. */
const steps = 22;

describe('a process that is killed while it reads a calendar', () => {
  let office: SyncingOffice;
  beforeAll(async () => {
    office = await SyncingOffice.open();
  });
  afterAll(() => office?.close());

  async function killedAt(at: number, when: When): Promise<void> {
    const google = office.google.client.calendar;
    const calendar = await office.connect();
    const { calendarId } = calendar;
    const day = new Date(office.now().getTime() + days(2)).toISOString().slice(0, 10);
    const times = {
      start: { dateTime: `${day}T09:00:00`, timeZone: 'Europe/Berlin' },
      end: { dateTime: `${day}T10:00:00`, timeZone: 'Europe/Berlin' },
    };
    const gone = await google.insertEvent(calendarId, { summary: 'gone', ...times });
    const stop = office.start();
    await office.poll(calendar);
    await office.settled(calendar);
    await stop();
    await google.deleteEvent(calendarId, gone.id);
    const added = await google.insertEvent(calendarId, { summary: 'added', ...times });
    await google.invalidateSyncTokens(calendarId);

    const doomed = new Doomed(at, when);
    const stopDoomed = office.start(office.means(doomed.means));
    await office.poll(calendar);
    await eventually(async () => doomed.dead);
    await stopDoomed();

    const stopNext = office.start();
    await office.settled(calendar);
    await office.google.client.advance(minutes(2));
    await office.settled(calendar);
    await stopNext();

    const where = `killed ${when} step ${at}`;
    const deliveries = await office.deliveries(calendar);
    const rebuilt = rebuiltFrom(deliveries);
    expect([where, ...rebuilt.events.keys()]).toEqual([where, added.id]);
    expect([where, ...rebuilt.surprises, deliveries.length]).toEqual([where, 3]);
    const told = (await office.told(calendar)).map(({ type }) => type);
    for (const type of ['GapDetected', 'GapRecovered'])
      expect([where, told.filter((one) => one === type).length]).toEqual([where, 1]);
  }

  it.each<When>(['before', 'after'])(
    'delivers each change once and tells the gap once, killed %s whichever step takes effect',
    async (when) => {
      for (let at = 1; at <= steps; at++) await killedAt(at, when);
    },
    180_000,
  );
});
