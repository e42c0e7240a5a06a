import type { CalendarUser } from '../calendar-user.js';
import type { Cast } from '../cast.js';
import { calendarsOf, dateIn, instanceOn, timesOn, type Calendars } from '../calendars.js';
import { KeptCalendar } from '../kept-calendar.js';
import { check, type Report } from '../report.js';
import { countChanges } from './count-changes.js';
import { missNoChange } from './miss-no-change.js';

export async function keepCalendars(cast: Cast, report: Report): Promise<void> {
  const calendars = await connectThem(cast, report);
  await editThem(cast, calendars, report);
  await missNoChange(cast, calendars, report);
  await countChanges(cast, calendars, report);
}

async function connectThem({ stage, tina, jonas }: Cast, report: Report): Promise<Calendars> {
  const { google } = stage;
  const now = stage.clock.now();
  let calendars!: Calendars;

  await report.step('The technicians have three calendars, with something in each', async () => {
    for (const user of [tina, jonas]) await user.begin();
    const { id } = await google.calendar.createCalendar({
      owner: tina.address,
      summary: 'Public holidays',
      accessRole: 'reader',
      unwatchable: true,
    });
    calendars = {
      tinas: new KeptCalendar(tina, 'Tina’s calendar', tina.address),
      holidays: new KeptCalendar(tina, 'Public holidays', id),
      jonass: new KeptCalendar(jonas, 'Jonas’ calendar', jonas.address),
    };
    const { tinas, holidays, jonass } = calendars;
    for (const n of [1, 2, 3]) {
      await google.calendar.insertEvent(tinas.calendarId, { summary: `Visit ${n}`, ...timesOn(now, n) });
      await google.calendar.insertEvent(jonass.calendarId, { summary: `Call ${n}`, ...timesOn(now, n) });
    }
    const allDay = { start: { date: dateIn(now, 5) }, end: { date: dateIn(now, 7) } };
    await google.calendar.insertEvent(holidays.calendarId, { summary: 'Two days off', ...allDay });
    for (const calendar of calendarsOf(calendars)) await calendar.noteChanges();
    return 'one cannot be watched';
  });

  await report.step('They connect their accounts, each with the own tenant’s app', async () => {
    for (const user of [tina, jonas]) {
      await user.connect();
      await user.becomes('asks for a choice', ({ calendars: none }) => none.length === 0);
    }
    const proposed = (await tina.listed()).filter((one) => one.proposed).map(({ calendarId }) => calendarId);
    check(proposed.join() === tina.address, 'the primary calendar is proposed, by its real id', proposed);
    return 'consented on Google’s pages; the primary calendar is proposed';
  });

  await report.step('They choose calendars', async () => {
    await tina.choose(['primary', calendars.holidays.calendarId]);
    await jonas.choose(['primary']);
    const modes = [];
    for (const calendar of calendarsOf(calendars)) {
      const told = await statusOf(calendar.user, calendar);
      modes.push(`${calendar.name} by ${told.mode}`);
      const notices = told.notices.map(({ code }) => code);
      const expected = calendar === calendars.holidays ? 'polling' : 'push';
      check(told.mode === expected, `${calendar.name} lives on ${expected}`, told);
      check(
        notices.includes('calendar.not-watchable') === (expected === 'polling'),
        'the status says why',
        notices,
      );
    }
    return `all connected: ${modes.join(', ')}`;
  });

  await report.step('What was in them comes first', async () => {
    for (const calendar of calendarsOf(calendars)) await calendar.deliveredInTime();
    return `${stage.psa.calendarChanges.size} events`;
  });
  return calendars;
}

async function statusOf(user: CalendarUser, { calendarId }: KeptCalendar) {
  const { calendars } = await user.becomesConnected();
  const found = calendars.find((one) => one.calendarId === calendarId);
  check(found !== undefined, 'the status tells of the calendar', calendars);
  return found;
}

async function editThem({ stage }: Cast, { tinas, jonass }: Calendars, report: Report): Promise<void> {
  const now = stage.clock.now();
  const { google, calendarId } = tinas;

  await report.step('Events are added, edited, moved and deleted', async () => {
    for (const [calendar, who] of [
      [tinas, 'Tina'],
      [jonass, 'Jonas'],
    ] as const) {
      const id = calendar.calendarId;
      const added = await calendar.delivers(() =>
        google.insertEvent(id, { summary: `${who} meets a customer`, ...timesOn(now, 4) }),
      );
      await calendar.delivers(() => google.editEvent(id, added.id, { location: 'Hamburg' }));
      await calendar.delivers(() => google.editEvent(id, added.id, timesOn(now, 8)));
      const gone = await calendar.delivers(() =>
        google.insertEvent(id, { summary: 'A mistake', ...timesOn(now, 9) }),
      );
      await calendar.delivers(() => google.deleteEvent(id, gone.id));
    }
    return 'each came when Google notified';
  });

  await report.step('A day becomes a time, and a time a day', async () => {
    const allDay = {
      start: { date: dateIn(now, 20), dateTime: null, timeZone: null },
      end: { date: dateIn(now, 22), dateTime: null, timeZone: null },
    };
    const event = await tinas.delivers(() =>
      google.insertEvent(calendarId, { summary: 'Training', ...timesOn(now, 20) }),
    );
    await tinas.delivers(() => google.editEvent(calendarId, event.id, allDay));
    const { start, end } = tinas.deliveries.at(-1)!.event!;
    check(
      start.date === dateIn(now, 20) && end.date === dateIn(now, 22) && !start.dateTime,
      'two days, their end exclusive',
      { start, end },
    );
    return `${start.date} up to, not including, ${end.date}`;
  });

  const weekly = (week: number): string => dateIn(now, 3 + 7 * week);
  let masterId = '';
  await report.step(
    'A series over a change of the clocks, with a moved and a cancelled instance',
    async () => {
      const master = await tinas.delivers(() =>
        google.insertEvent(calendarId, {
          summary: 'Maintenance window',
          ...timesOn(now, 3),
          recurrence: ['RRULE:FREQ=WEEKLY;COUNT=40'],
        }),
      );
      masterId = master.id;
      const at = (week: number): string => instanceOn(masterId, weekly(week));
      await tinas.delivers(() => google.editEvent(calendarId, at(1), { summary: 'Maintenance, with Ann' }));
      await tinas.delivers(() => google.editEvent(calendarId, at(26), timesOn(now, 4 + 7 * 26)));
      await tinas.delivers(() => google.deleteEvent(calendarId, at(2)));
      const cancelled = tinas.deliveries.at(-1)!;
      check(
        cancelled.seriesMasterId === masterId && cancelled.originalStart !== null,
        'the cancelled instance tells its series and its place',
        cancelled,
      );
      return `cancelled is the one of ${cancelled.originalStart.dateTime}`;
    },
  );

  await report.step('"This and following": the series is split, and its rest edited', async () => {
    const before = tinas.changesMade;
    const split = instanceOn(masterId, weekly(20));
    const following = await tinas.delivers(() =>
      google.splitSeries(calendarId, split, { summary: 'Maintenance window, new crew' }),
    );
    await tinas.delivers(() =>
      google.editEvent(calendarId, instanceOn(following.id, weekly(22)), { summary: 'Only two people' }),
    );
    await tinas.delivers(() => google.deleteEvent(calendarId, instanceOn(following.id, weekly(23))));
    return `${tinas.changesMade - before} changes came of it`;
  });

  await report.step('A whole series with its exceptions is deleted', async () => {
    const master = await jonass.delivers(() =>
      google.insertEvent(jonass.calendarId, {
        summary: 'Daily call',
        ...timesOn(now, 3),
        recurrence: ['RRULE:FREQ=WEEKLY;COUNT=6'],
      }),
    );
    const at = (week: number): string => instanceOn(master.id, weekly(week));
    await jonass.delivers(() => google.editEvent(jonass.calendarId, at(1), { summary: 'Longer call' }));
    await jonass.delivers(() => google.deleteEvent(jonass.calendarId, at(2)));
    await jonass.delivers(() => google.deleteEvent(jonass.calendarId, master.id));
    return 'the changed instance and the series came as deleted';
  });
}
