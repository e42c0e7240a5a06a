import { hours, minutes, seconds } from '#time/clock';
import type { CalendarKey } from './calendar-key.js';
import { SyncingOffice } from './fixtures/syncing-office.js';

describe('a notification about a calendar that never comes', () => {
  let office: SyncingOffice;
  let calendar: CalendarKey;

  beforeAll(async () => {
    office = await SyncingOffice.open();
  });
  afterAll(() => office?.close());
  beforeEach(() => {
    office.start();
  });
  afterEach(() => office.stopAll());

  const compare = async () => {
    await office.poll(calendar);
    await office.settled(calendar);
  };
  const passes = (milliseconds: number) => office.google.client.advance(milliseconds);
  const laterCompared = async () => {
    await passes(minutes(11));
    await compare();
  };
  const announced = async () => {
    await office.notify(calendar);
    await office.settled(calendar);
  };
  const insert = (summary: string) => {
    const start = new Date(office.now().getTime() + hours(48)).toISOString();
    const end = new Date(office.now().getTime() + hours(49)).toISOString();
    return office.google.client.calendar.insertEvent(calendar.calendarId, {
      summary,
      start: { dateTime: start },
      end: { dateTime: end },
    });
  };
  const gaps = async () => (await office.told(calendar)).filter(({ type }) => type === 'GapDetected');
  const delivered = async () => (await office.deliveries(calendar)).map(({ event }) => event?.title);
  const opened = () =>
    office.happened(calendar, 'calendar', {
      type: 'ChannelOpened',
      data: {
        calendarId: calendar.calendarId,
        channelId: 'c1',
        resourceId: 'r1',
        expiresAt: new Date(office.now().getTime() + hours(168)).toISOString(),
        replaces: null,
        renewAt: new Date(office.now().getTime() + hours(72)).toISOString(),
      },
    });
  /** Watched by a proven channel, read completely, and compared once since. */
  const connected = async () => {
    calendar = await office.connect();
    const { calendarId } = calendar;
    const data = { calendarId, channelId: 'c1', tokenHash: 'h', address: 'https://psa.example.com' };
    await office.happened(calendar, 'calendar', { type: 'ChannelRequested', data });
    await opened();
    await announced();
    await laterCompared();
  };

  it('is found by comparison: the change is delivered at once, and once it is sure, that is told once', async () => {
    await connected();
    const from = office.now().toISOString();
    await insert('unheard');
    await laterCompared();
    expect(await delivered()).toEqual(['unheard']);
    expect(await gaps()).toEqual([]);

    await laterCompared();
    await insert('unheard again');
    await laterCompared();
    await laterCompared();
    const found = await gaps();
    expect(found).toMatchObject([
      { data: { calendarId: calendar.calendarId, reason: 'notification-missing' } },
    ]);
    const told = Date.parse((found[0]!.data as { from: string }).from);
    expect(Math.abs(told - Date.parse(from))).toBeLessThan(seconds(30));
    expect(await delivered()).toEqual(['unheard', 'unheard again']);
    const types = (await office.told(calendar)).map(({ type }) => type);
    expect(types).not.toContain('SyncTokenInvalidated');
  });

  it('is over with the next one', async () => {
    await connected();
    await insert('unheard');
    await laterCompared();
    await laterCompared();
    expect(await gaps()).toHaveLength(1);
    await announced();
    expect((await office.told(calendar)).at(-1)).toMatchObject({ type: 'NotificationProven' });
  });

  it('is not what a comparison finds that was only faster than the notification', async () => {
    await connected();
    await insert('crossing');
    await compare();
    await passes(seconds(20));
    await announced();
    await laterCompared();
    await laterCompared();
    expect(await gaps()).toEqual([]);
    expect(await delivered()).toEqual(['crossing']);
  });

  it('is not awaited before the channel is proven, nor of what was there when it was first read', async () => {
    calendar = await office.connect();
    await insert('was there');
    await opened();
    await compare();
    await insert('before the proof');
    await laterCompared();
    await laterCompared();
    expect(await gaps()).toEqual([]);
  });
});
