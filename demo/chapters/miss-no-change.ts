import { days, minutes } from '#time/clock';
import type { Cast } from '../cast.js';
import type { KeptCalendar } from '../kept-calendar.js';
import { check, type Report } from '../report.js';
import { askedUntil } from '../waiting.js';
import { calendarsOf, timesOn, type Calendars } from '../calendars.js';

/** Longer than the longest pause between two comparisons. */
const untilCompared = minutes(16);

const forgeries = ['another-token', 'no-token', 'another-resource', 'unknown-channel'] as const;

export async function missNoChange(
  { stage, jonas }: Cast,
  calendars: Calendars,
  report: Report,
): Promise<void> {
  const { google, wire, psa, embedded } = stage;
  const { tinas, holidays, jonass } = calendars;
  const now = stage.clock.now();
  const adds = (calendar: KeptCalendar, summary: string, inDays = 30) =>
    google.calendar.insertEvent(calendar.calendarId, { summary, ...timesOn(now, inDays) });

  /** Google's notifications about the calendar get lost on their way. */
  const unnoticed = async (calendar: KeptCalendar, edit: () => Promise<unknown>): Promise<void> => {
    const { id } = await google.addFault({
      match: { on: 'calendar-push', pathPattern: calendar.calendarId },
      effect: { kind: 'drop' },
    });
    await calendar.changed(edit);
    await google.calendar.settled({ calendarId: calendar.calendarId });
    await google.removeFault(id);
  };

  await report.step('Changes in the calendar that cannot be watched', async () => {
    const [known] = await google.calendar.state(holidays.calendarId);
    await holidays.changed(async () => {
      await adds(holidays, 'A day off more');
      await google.calendar.editEvent(holidays.calendarId, known!.id, { summary: 'Two days off, at last' });
    });
    check(!holidays.isDelivered, 'nothing comes before it is compared');
    await stage.pass(untilCompared);
    await holidays.delivered();
    return 'come when it is compared, within 15 minutes';
  });

  await report.step('Google’s notification of a change is lost', async () => {
    await unnoticed(tinas, () => adds(tinas, 'Nobody was told of this'));
    check(!tinas.isDelivered, 'the change has not come');
    await stage.pass(untilCompared);
    await tinas.delivered();
    return 'found within 15 minutes by comparing with Google';
  });

  await report.step('A notification comes three times', async () => {
    await google.addFault({
      match: { on: 'calendar-push', pathPattern: jonass.calendarId },
      effect: { kind: 'duplicate', copies: 2 },
      times: 1,
    });
    await jonass.delivers(() => adds(jonass, 'Told three times'));
    await google.calendar.settled({ calendarId: jonass.calendarId });
    return 'one delivery';
  });

  await report.step(`Forged notifications of ${forgeries.length} kinds`, async () => {
    const { channels } = await google.calendar.calendar(tinas.calendarId);
    const before = [wire.count('notification.'), psa.calendarChanges.size];
    for (const forgery of forgeries) {
      const wish = { channelId: channels[0]!.id, forgery };
      const { status, body } = await google.calendar.sendForgedNotification(wish);
      check(status === 404 && body === '', `${forgery} is refused, and told nothing`, { status, body });
    }
    await wire.caughtUp();
    const after = [wire.count('notification.'), psa.calendarChanges.size];
    check(after.join() === before.join(), 'nothing comes of them', { before, after });
    const wish = { channelId: channels[0]!.id, forgery: 'replayed' as const };
    const { status } = await google.calendar.sendForgedNotification(wish);
    check(status === 200, 'Google’s own is taken', status);
    return `all are refused with 404: ${forgeries.join(', ')}`;
  });

  await report.step('Sync tokens become invalid (410) after changes that nobody was told of', async () => {
    const events = await google.calendar.state(jonass.calendarId);
    const call = (n: number): string => events.find((event) => event['summary'] === `Call ${n}`)!.id;
    await unnoticed(jonass, async () => {
      await google.calendar.deleteEvent(jonass.calendarId, call(1));
      await google.calendar.deleteEvent(jonass.calendarId, call(2));
      await google.calendar.editEvent(jonass.calendarId, call(3), { summary: 'Call 3, later' });
      await adds(jonass, 'In the gap');
    });
    await google.calendar.invalidateSyncTokens(jonass.calendarId);
    await jonass.changed(() => adds(jonass, 'After the gap'));
    await jonass.deliveredInTime();
    const history = await askedUntil(
      'the gap is told and recovered',
      () => jonas.history(),
      (told) => ['GapDetected', 'GapRecovered'].every((type) => told.some((one) => one.type === type)),
    );
    const recovered = history.findLast(({ type }) => type === 'GapRecovered')!;
    check(recovered.data['deleted'] === 2, 'the deletions are among what was recovered', recovered.data);
    return recovered.sentence;
  });

  await report.step('The calendar service is restarted while people edit', async () => {
    const editing = async (calendar: KeptCalendar): Promise<void> => {
      for (let n = 1; n <= 12; n += 1) await adds(calendar, `During a restart ${n}`, 30 + n);
    };
    const already = psa.calendarChanges.size;
    const came = (): number => psa.calendarChanges.size - already;
    const edited = Promise.all([tinas, jonass, holidays].map(editing));
    await psa.changes.until(
      'the first changes came',
      () => came() > 0,
      () => '',
    );
    await embedded.stop('calendar');
    const before = came();
    await edited;
    for (const calendar of [tinas, jonass]) await adds(calendar, 'While nothing runs', 50);
    await embedded.restart('calendar');
    for (const calendar of calendarsOf(calendars)) await calendar.noteChanges();
    await stage.pass(untilCompared);
    for (const calendar of calendarsOf(calendars)) await calendar.deliveredInTime();
    check(came() > before, 'some came before it, and some after', { before, came: came() });
    return `${before} changes came before, ${came() - before} after it`;
  });

  const channelIds = async (): Promise<string[]> =>
    (await google.calendar.calendar(jonass.calendarId)).channels.map(({ id }) => id);
  const [old] = await channelIds();
  let fault = '';

  await report.step(
    'A channel is renewed before it ends, while Google does not let the old one be stopped',
    async () => {
      ({ id: fault } = await google.addFault({
        match: { on: 'request', pathPattern: '/channels/stop', caller: jonas.address },
        effect: { kind: 'error', code: 503, reason: 'backendError', message: 'Backend Error' },
      }));
      const renewed = async (): Promise<boolean> =>
        (await jonas.history()).some(
          ({ type, data }) => type === 'ChannelOpened' && data['replaces'] === old,
        );
      let passed = 0;
      while (passed < 30 && !(await renewed())) {
        await stage.pass(days(1));
        passed += 1;
        await jonas.becomesConnected();
        await embedded.caughtUp();
      }
      const both = await channelIds();
      check(both.length === 2 && both.includes(old!), 'both channels are alive', both);
      const noted = (await google.calendar.pushes({ calendarId: jonass.calendarId })).length;
      await jonass.delivers(() => adds(jonass, 'Told by both channels', 40));
      await google.calendar.settled({ calendarId: jonass.calendarId });
      const pushes = (await google.calendar.pushes({ calendarId: jonass.calendarId })).slice(noted);
      const through = new Set(pushes.map(({ channelId }) => channelId));
      check(through.size === 2, 'a change is notified through both', [...through]);
      jonass.checkExactlyOnceInOrder();
      return `after ${passed} days: a change is notified through both, and delivered once`;
    },
  );

  await report.step('Google lets the old channel be stopped', async () => {
    await google.removeFault(fault);
    await askedUntil(
      'only the new channel is left',
      async () => {
        await stage.pass(minutes(10));
        return channelIds();
      },
      (left) => left.length === 1 && left[0] !== old,
    );
    const closed = await askedUntil(
      'the old channel is told as stopped',
      async () =>
        (await jonas.history()).find(
          ({ type, data }) => type === 'ChannelClosed' && data['channelId'] === old,
        ),
      (told) => told !== undefined,
    );
    check(closed!.data['stopped'] === true, 'it was stopped, not left to end by itself', closed);
    await jonass.delivers(() => adds(jonass, 'Through the new channel', 41));
    return `${closed!.sentence} There was no gap in between`;
  });
}
