import type { calendar_v3 } from '@googleapis/calendar';
import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';

const ANN = 'ann@tenant.example';
const berlin = (dateTime: string) => ({ dateTime, timeZone: 'Europe/Berlin' });

describe('a series in a simulated calendar', () => {
  let google: Simulator;
  let tenant: TenantClients;
  let events: calendar_v3.Calendar['events'];

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users: [{ email: ANN }] });
    ({ events } = tenant.calendarOf(ANN));
    await google.client.calendar.changeCalendar(ANN, { timeZone: 'Europe/Berlin' });
    await google.client.calendar.insertEvent(ANN, {
      id: 'weekly',
      summary: 'Weekly',
      start: berlin('2027-03-15T09:00:00'),
      end: berlin('2027-03-15T10:00:00'),
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'],
    });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
  });

  const FIRST = 'weekly_20270315T080000Z';
  const SECOND = 'weekly_20270322T080000Z';
  /** After the clocks went forward. */
  const THIRD = 'weekly_20270329T070000Z';
  const FOURTH = 'weekly_20270405T070000Z';
  const list = async (parameters: calendar_v3.Params$Resource$Events$List = {}) =>
    (await events.list({ calendarId: ANN, ...parameters })).data;
  const instances = async (eventId = 'weekly', parameters: object = {}) =>
    (await events.instances({ calendarId: ANN, eventId, ...parameters })).data.items ?? [];
  const token = async (parameters: calendar_v3.Params$Resource$Events$List = {}) =>
    (await list(parameters)).nextSyncToken ?? '';

  it('is one event with its rule, and as many instances', async () => {
    expect((await list()).items).toMatchObject([{ id: 'weekly', recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }]);
    const all = await instances();
    expect(all.map(({ id }) => id)).toEqual([FIRST, SECOND, THIRD, FOURTH]);
    expect(all[2]).toMatchObject({
      summary: 'Weekly',
      recurringEventId: 'weekly',
      originalStartTime: { dateTime: '2027-03-29T09:00:00+02:00', timeZone: 'Europe/Berlin' },
      start: { dateTime: '2027-03-29T09:00:00+02:00' },
      end: { dateTime: '2027-03-29T10:00:00+02:00' },
    });
    expect(all[2]).not.toHaveProperty('recurrence');
    expect(new Set(all.map(({ iCalUID }) => iCalUID)).size).toBe(1);
  });

  it('has instances by date when it is of whole days', async () => {
    await google.client.calendar.insertEvent(ANN, {
      id: 'holiday',
      start: { date: '2027-05-01' },
      end: { date: '2027-05-03' },
      recurrence: ['RRULE:FREQ=YEARLY;COUNT=2'],
    });
    expect(await instances('holiday')).toMatchObject([
      { id: 'holiday_20270501', end: { date: '2027-05-03' } },
      { id: 'holiday_20280501', originalStartTime: { date: '2028-05-01' }, end: { date: '2028-05-03' } },
    ]);
  });

  it('shows instances in the place of itself when asked', async () => {
    const { items } = await list({ singleEvents: true, orderBy: 'startTime' });
    expect(items?.map(({ id }) => id)).toEqual([FIRST, SECOND, THIRD, FOURTH]);
  });

  it('is in a window as long as one of its instances is', async () => {
    const found = async (timeMin: string) => (await list({ timeMin })).items?.length;
    expect(await found('2027-04-05T09:30:00+02:00')).toBe(1);
    expect(await found('2027-04-05T10:00:00+02:00')).toBe(0);
  });

  it('has its instances in pages, and in a window', async () => {
    const page = await events.instances({ calendarId: ANN, eventId: 'weekly', maxResults: 3 });
    expect(page.data.items).toHaveLength(3);
    const rest = await instances('weekly', { maxResults: 3, pageToken: page.data.nextPageToken });
    expect(rest.map(({ id }) => id)).toEqual([FOURTH]);
    const windowed = await instances('weekly', {
      timeMin: '2027-03-20T00:00:00Z',
      timeMax: '2027-04-01T00:00:00Z',
    });
    expect(windowed.map(({ id }) => id)).toEqual([SECOND, THIRD]);
  });

  describe('with an instance that was moved', () => {
    const move = () =>
      events.patch({
        calendarId: ANN,
        eventId: SECOND,
        requestBody: { start: berlin('2027-03-23T14:00:00'), end: berlin('2027-03-23T15:00:00') },
      });

    it('has an exception that remembers where it was', async () => {
      const before = await token();
      await move();
      const { items } = await list({ syncToken: before });
      expect(items).toMatchObject([
        {
          id: SECOND,
          status: 'confirmed',
          recurringEventId: 'weekly',
          start: { dateTime: '2027-03-23T14:00:00+01:00' },
          originalStartTime: { dateTime: '2027-03-22T09:00:00+01:00' },
        },
      ]);
    });

    it('shows it in the place of the regular one', async () => {
      await move();
      expect((await instances()).map(({ id, start }) => [id, start?.dateTime])).toContainEqual([
        SECOND,
        '2027-03-23T14:00:00+01:00',
      ]);
      expect(await instances()).toHaveLength(4);
    });

    it('keeps it when the rest is renamed, and cancels it when the rest no longer meets on that day', async () => {
      await move();
      await google.client.calendar.editEvent(ANN, 'weekly', { summary: 'Renamed' });
      expect(await google.client.calendar.event(ANN, SECOND)).toMatchObject({
        status: 'confirmed',
        summary: 'Weekly',
      });
      await google.client.calendar.editEvent(ANN, 'weekly', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=1'] });
      expect(await google.client.calendar.event(ANN, SECOND)).toMatchObject({ status: 'cancelled' });
    });
  });

  describe('with an instance that was cancelled', () => {
    const cancel = () => events.delete({ calendarId: ANN, eventId: THIRD });
    const bare = {
      kind: 'calendar#event',
      etag: expect.any(String),
      id: THIRD,
      status: 'cancelled',
      recurringEventId: 'weekly',
      originalStartTime: { dateTime: '2027-03-29T09:00:00+02:00', timeZone: 'Europe/Berlin' },
    };

    it('tells of it with no more than where it was', async () => {
      const before = await token();
      await cancel();
      expect((await list({ syncToken: before })).items).toEqual([bare]);
    });

    it('has it in full lists too, as long as the series lives', async () => {
      await cancel();
      expect((await list()).items).toContainEqual(bare);
      expect(await google.client.calendar.state(ANN)).toContainEqual(expect.objectContaining({ id: THIRD }));
      await google.client.calendar.deleteEvent(ANN, 'weekly');
      expect((await list()).items).toEqual([]);
      expect(await google.client.calendar.state(ANN)).toEqual([]);
    });

    it('no longer has it among its instances, unless deleted ones are asked for', async () => {
      await cancel();
      expect((await instances()).map(({ id }) => id)).toEqual([FIRST, SECOND, FOURTH]);
      expect(await instances('weekly', { showDeleted: true })).toContainEqual(bare);
    });

    it('can have it back', async () => {
      await cancel();
      await events.patch({ calendarId: ANN, eventId: THIRD, requestBody: { status: 'confirmed' } });
      expect(await instances()).toHaveLength(4);
    });
  });

  describe('when it is deleted', () => {
    beforeEach(() => google.client.calendar.editEvent(ANN, SECOND, { summary: 'Special' }));
    const told = async () => {
      const before = await token();
      await google.client.calendar.deleteEvent(ANN, 'weekly');
      return (await list({ syncToken: before })).items?.map(({ id, status, recurringEventId }) => ({
        id,
        status,
        recurringEventId,
      }));
    };

    it('takes its exceptions along, and tells of them', async () => {
      expect(await told()).toEqual([
        { id: 'weekly', status: 'cancelled' },
        { id: SECOND, status: 'cancelled' },
      ]);
      expect(await google.client.calendar.state(ANN)).toEqual([]);
    });

    it('tells of itself alone when told to', async () => {
      await google.client.calendar.configure({ tellOfExceptionsOfDeletedSeries: false });
      expect(await told()).toEqual([{ id: 'weekly', status: 'cancelled' }]);
      expect(await google.client.calendar.state(ANN)).toEqual([]);
    });

    it('comes back whole, with what was cancelled in it, when somebody restores it', async () => {
      await google.client.calendar.deleteEvent(ANN, THIRD);
      await google.client.calendar.deleteEvent(ANN, 'weekly');
      const before = await token();
      await google.client.calendar.editEvent(ANN, 'weekly', { status: 'confirmed' });
      const { items } = await list({ syncToken: before });
      expect(items?.map(({ id }) => id)).toEqual(['weekly', SECOND, THIRD]);
      expect((await google.client.calendar.state(ANN)).map(({ id }) => id)).toEqual([
        'weekly',
        SECOND,
        THIRD,
      ]);
    });

    it('has no more instances', async () => {
      await told();
      expect(await refusalOf(instances())).toMatchObject({ code: 410, reason: 'deleted' });
    });
  });

  describe('that is split at an instance', () => {
    it('ends before it, and a new series goes on under an id of its own', async () => {
      const before = await token();
      const { id } = await google.client.calendar.splitSeries(ANN, THIRD, { summary: 'From now on' });
      expect(id).toBe('weekly_R20270329T070000');
      expect((await list({ syncToken: before })).items).toMatchObject([
        { id: 'weekly', summary: 'Weekly', recurrence: ['RRULE:FREQ=WEEKLY;UNTIL=20270329T065959Z'] },
        { id, summary: 'From now on', recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] },
      ]);
      expect((await instances()).map((one) => one.id)).toEqual([FIRST, SECOND]);
      expect((await instances(id)).map((one) => one.start?.dateTime)).toEqual([
        '2027-03-29T09:00:00+02:00',
        '2027-04-05T09:00:00+02:00',
      ]);
    });

    it('carries the exceptions along that still have their day, and cancels them where they were', async () => {
      await google.client.calendar.editEvent(ANN, FOURTH, { summary: 'Special' });
      const { id } = await google.client.calendar.splitSeries(ANN, THIRD, {});
      expect(await google.client.calendar.event(ANN, FOURTH)).toMatchObject({ status: 'cancelled' });
      expect(await google.client.calendar.event(ANN, `${id}_20270405T070000Z`)).toMatchObject({
        summary: 'Special',
        recurringEventId: id,
      });
    });

    it('may go on at another time', async () => {
      const { id } = await google.client.calendar.splitSeries(ANN, THIRD, {
        start: berlin('2027-03-30T16:00:00'),
        end: berlin('2027-03-30T17:00:00'),
      });
      expect((await instances(id)).map((one) => one.start?.dateTime)).toEqual([
        '2027-03-30T16:00:00+02:00',
        '2027-04-06T16:00:00+02:00',
      ]);
    });

    it('is not split at its first, nor without instances', async () => {
      await expect(google.client.calendar.splitSeries(ANN, FIRST, {})).rejects.toMatchObject({
        statusCode: 400,
      });
      await expect(google.client.calendar.splitSeries(ANN, 'weekly', {})).rejects.toMatchObject({
        statusCode: 400,
      });
    });
  });

  it('cancels its exceptions when it becomes a single event', async () => {
    await google.client.calendar.editEvent(ANN, SECOND, { summary: 'Special' });
    await google.client.calendar.editEvent(ANN, 'weekly', { recurrence: null });
    expect(await google.client.calendar.event(ANN, SECOND)).toMatchObject({ status: 'cancelled' });
    expect(await google.client.calendar.event(ANN, 'weekly')).not.toHaveProperty('recurrence');
  });

  it('tells of instances that it lost to those who see instances in its place', async () => {
    const before = await token({ singleEvents: true });
    await google.client.calendar.editEvent(ANN, 'weekly', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] });
    const { items } = await list({ syncToken: before, singleEvents: true });
    const byStatus = (status: string) => items?.filter((one) => one.status === status).map(({ id }) => id);
    expect(byStatus('confirmed')).toEqual([FIRST, SECOND]);
    expect(byStatus('cancelled')).toEqual([THIRD, FOURTH]);
  });
});
