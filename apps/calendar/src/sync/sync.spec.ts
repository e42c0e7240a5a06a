import { problem } from '#problems/problem';
import { parseScrape } from '#operating/fixtures/scrape';
import { registry } from '#operating/meters';
import { days, minutes } from '#time/clock';
import { rebuiltFrom } from './fixtures/consumer.js';
import { chosen, SyncingOffice } from './fixtures/syncing-office.js';

const at = (day: string, time = '09:00:00') => ({
  start: { dateTime: `${day}T${time}`, timeZone: 'Europe/Berlin' },
  end: {
    dateTime: `${day}T${time.replace(/^\d\d/, (hour) => String(Number(hour) + 1).padStart(2, '0'))}`,
    timeZone: 'Europe/Berlin',
  },
});

describe('a calendar that is kept', () => {
  let office: SyncingOffice;
  beforeAll(async () => {
    office = await SyncingOffice.open();
  });
  beforeEach(async () => {
    await office.google.client.clearFaults();
    office.tokenProblem = null;
    office.start();
  });
  afterEach(() => office.stopAll());
  afterAll(() => office?.close());

  const inDays = (count: number): string =>
    new Date(office.now().getTime() + days(count)).toISOString().slice(0, 10);

  async function read() {
    const calendar = await office.connect();
    const google = office.google.client.calendar;
    const { calendarId } = calendar;
    const sync = async () => {
      await office.poll(calendar);
      await office.settled(calendar);
    };
    return { calendar, google, calendarId, sync };
  }

  it('delivers what is there first, without what is long over', async () => {
    const { calendar, google, calendarId, sync } = await read();
    await google.insertEvent(calendarId, { summary: 'long ago', ...at(inDays(-60)) });
    await google.insertEvent(calendarId, { summary: 'last week', ...at(inDays(-7)) });
    await google.insertEvent(calendarId, { summary: 'next year', ...at(inDays(365)) });
    await sync();
    const deliveries = await office.deliveries(calendar);
    expect(deliveries.map(({ type, event }) => [type, event?.title])).toEqual([
      ['calendar-event.created', 'last week'],
      ['calendar-event.created', 'next year'],
    ]);
    expect((await office.told(calendar)).map(({ type }) => type)).toEqual(['FirstSyncCompleted']);
    expect(await office.activity(calendar)).toMatchObject({ calendarId, lastSyncAt: expect.any(String) });
  });

  it('delivers each change once, in order, when Google notifies', async () => {
    const { calendar, google, calendarId, sync } = await read();
    await sync();
    const { id } = await google.insertEvent(calendarId, { summary: 'one', ...at(inDays(1)) });
    await office.notify(calendar);
    await office.settled(calendar);
    await google.editEvent(calendarId, id, { summary: 'two' });
    await office.notify(calendar);
    await office.notify(calendar);
    await office.settled(calendar);
    await google.deleteEvent(calendarId, id);
    await office.notify(calendar);
    await office.settled(calendar);
    const deliveries = await office.deliveries(calendar);
    expect(deliveries.map(({ type, event, eventId }) => [type, eventId, event?.title ?? null])).toEqual([
      ['calendar-event.created', id, 'one'],
      ['calendar-event.updated', id, 'two'],
      ['calendar-event.deleted', id, null],
    ]);
    expect(new Set(deliveries.map(({ deliveryId }) => deliveryId)).size).toBe(3);
    const scrape = async () => parseScrape(await registry.metrics());
    const measured = async () =>
      (await scrape()).value('tenant_google_push_to_delivery_seconds_count', { product: 'calendar' });
    while ((await measured()) !== 3) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(
      (await scrape()).value('tenant_google_google_call_seconds_count', { api: 'calendar', result: 'ok' }),
    ).toBeGreaterThan(3);
  });

  it('says nothing when nothing changed', async () => {
    const { calendar, google, calendarId, sync } = await read();
    await google.insertEvent(calendarId, { summary: 'one', ...at(inDays(1)) });
    await sync();
    await sync();
    await office.notify(calendar);
    await office.settled(calendar);
    expect(await office.deliveries(calendar)).toHaveLength(1);
  });

  it('compares everything when Google has forgotten what changed, and delivers deletions too', async () => {
    const { calendar, google, calendarId, sync } = await read();
    const gone = await google.insertEvent(calendarId, { summary: 'gone', ...at(inDays(1)) });
    const edited = await google.insertEvent(calendarId, { summary: 'before', ...at(inDays(2)) });
    await google.insertEvent(calendarId, { summary: 'as it was', ...at(inDays(3)) });
    await sync();
    await google.deleteEvent(calendarId, gone.id);
    await google.editEvent(calendarId, edited.id, { summary: 'after' });
    const added = await google.insertEvent(calendarId, { summary: 'new', ...at(inDays(4)) });
    await google.invalidateSyncTokens(calendarId);
    await sync();
    const after = (await office.deliveries(calendar)).slice(3);
    expect(after.map(({ type, eventId }) => [type, eventId]).sort()).toEqual(
      [
        ['calendar-event.created', added.id],
        ['calendar-event.deleted', gone.id],
        ['calendar-event.updated', edited.id],
      ].sort(),
    );
    const told = await office.told(calendar);
    expect(told.map(({ type }) => type)).toEqual([
      'FirstSyncCompleted',
      'SyncTokenInvalidated',
      'GapDetected',
      'GapRecovered',
    ]);
    expect(told.at(-1)?.data).toEqual({ calendarId, created: 1, updated: 1, deleted: 1 });
  });

  it('delivers nothing of what was only left behind by the window when everything is compared later', async () => {
    const { calendar, google, calendarId, sync } = await read();
    const past = await google.insertEvent(calendarId, { summary: 'soon past', ...at(inDays(-29)) });
    await google.insertEvent(calendarId, {
      summary: 'a short series',
      recurrence: ['RRULE:FREQ=DAILY;COUNT=2'],
      ...at(inDays(-29)),
    });
    await sync();
    await google.editEvent(calendarId, past.id, at(inDays(-50)));
    await sync();
    await google.invalidateSyncTokens(calendarId);
    await sync();
    const deliveries = await office.deliveries(calendar);
    expect(deliveries.map(({ type }) => type)).toEqual([
      'calendar-event.created',
      'calendar-event.created',
      'calendar-event.updated',
    ]);
  });

  it('delivers instances of a series that are moved or cancelled, and all of them when the series goes', async () => {
    const { calendar, google, calendarId, sync } = await read();
    const day = inDays(7);
    const master = await google.insertEvent(calendarId, {
      summary: 'standup',
      recurrence: ['RRULE:FREQ=DAILY;COUNT=10'],
      ...at(day),
    });
    await sync();
    const instances = office.google.world.calendar.calendars.get(calendarId)!;
    const [, second, third] = instances.instancesOf(instances.at(master.id)).map(({ id }) => id);
    await google.editEvent(calendarId, second!, { summary: 'standup, later' });
    await google.deleteEvent(calendarId, third!);
    await sync();
    await google.deleteEvent(calendarId, master.id);
    await sync();
    const deliveries = await office.deliveries(calendar);
    expect(deliveries.map(({ type, eventId, seriesMasterId }) => [type, eventId, seriesMasterId])).toEqual([
      ['calendar-event.created', master.id, null],
      ['calendar-event.created', second, master.id],
      ['calendar-event.deleted', third, master.id],
      ['calendar-event.deleted', second, master.id],
      ['calendar-event.deleted', master.id, null],
    ]);
    expect(deliveries[2]!.originalStart).toMatchObject({ dateTime: expect.any(String) });
    expect(rebuiltFrom(deliveries)).toEqual({ events: new Map(), cancelled: new Map(), surprises: [] });
  });

  it('goes on over empty pages, and moves its token only after the last one', async () => {
    const { calendar, google, calendarId, sync } = await read();
    await google.configure({ emptyPagesPerList: 2, largestPage: 2 });
    for (let number = 0; number < 5; number++)
      await google.insertEvent(calendarId, { summary: String(number), ...at(inDays(number + 1)) });
    await sync();
    await google.configure({ emptyPagesPerList: 0, largestPage: 2_500 });
    expect((await office.deliveries(calendar)).map(({ event }) => event?.title)).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
    ]);
  });

  it('tells once that the calendar is gone, and once that it is back', async () => {
    const { calendar, google, calendarId, sync } = await read();
    const owner = calendarId;
    const shared = await google.createCalendar({ owner, summary: 'shared' });
    const key = { ...calendar, calendarId: shared.id };
    await office.happened(calendar, 'calendar', chosen(shared.id));
    await office.poll(key);
    await office.settled(key);
    await google.unshare(shared.id, owner);
    await office.poll(key);
    await office.settled(key);
    await office.poll(key);
    await office.settled(key);
    await google.share(shared.id, owner, 'reader');
    await office.poll(key);
    await office.settled(key);
    const told = (await office.told(calendar)).map(({ type }) => type);
    expect(told.filter((type) => type === 'CalendarLost')).toHaveLength(1);
    expect(told.filter((type) => type === 'SyncRecovered')).toHaveLength(1);
    await sync();
  });

  it('tells of trouble that lasts once, and of its end', async () => {
    const { calendar, sync } = await read();
    await sync();
    office.tokenProblem = problem('authorization.revoked');
    await sync();
    await sync();
    office.tokenProblem = null;
    await sync();
    expect((await office.told(calendar)).map(({ type }) => type)).toEqual([
      'FirstSyncCompleted',
      'SyncFailed',
      'SyncRecovered',
    ]);
  });

  it('waits as long as Google asks when there are too many requests', async () => {
    const { calendar, google, calendarId, sync } = await read();
    await sync();
    await google.insertEvent(calendarId, { summary: 'one', ...at(inDays(1)) });
    await office.google.client.addFault({
      match: { pathPattern: '/events$' },
      effect: {
        kind: 'error',
        code: 403,
        reason: 'rateLimitExceeded',
        domain: 'usageLimits',
        retryAfter: '90',
      },
      times: 1,
    });
    await sync();
    expect(await office.deliveries(calendar)).toEqual([]);
    await office.google.client.advance(minutes(2));
    await office.settled(calendar);
    expect(await office.deliveries(calendar)).toHaveLength(1);
    expect((await office.told(calendar)).map(({ type }) => type)).toEqual(['FirstSyncCompleted']);
  });

  it('is read while Google does not answer about all calendars of another tenant', async () => {
    await office.stopAll();
    const silent = [];
    for (let n = 0; n < 9; n++) silent.push(await office.connect('UTC', 't2'));
    const answered = Promise.withResolvers<void>();
    const means = office.means(({ ask }) => ({
      ask: (async (...asked: Parameters<typeof ask>) => {
        if (asked[2].tenantId === 't2') await answered.promise;
        return ask(...asked);
      }) as typeof ask,
    }));
    for (const calendar of silent) await means.wanted.ask(calendar);
    office.start(means);
    const { calendar, google, calendarId, sync } = await read();
    await google.insertEvent(calendarId, { summary: 'not held up', ...at(inDays(1)) });
    await sync();
    expect(await office.deliveries(calendar)).toHaveLength(1);
    answered.resolve();
    for (const each of silent) await office.settled(each);
  });

  it('delivers what changed and was deleted while it was not among the chosen', async () => {
    const { calendar, google, calendarId, sync } = await read();
    const gone = await google.insertEvent(calendarId, { summary: 'gone', ...at(inDays(1)) });
    await sync();
    await office.happened(calendar, 'calendar', { type: 'CalendarsChosen', data: { calendars: [] } });
    await google.deleteEvent(calendarId, gone.id);
    await sync();
    expect(await office.deliveries(calendar)).toHaveLength(1);
    await office.happened(calendar, 'calendar', chosen(calendarId));
    await sync();
    expect((await office.deliveries(calendar)).map(({ type }) => type)).toEqual([
      'calendar-event.created',
      'calendar-event.deleted',
    ]);
  });
});
