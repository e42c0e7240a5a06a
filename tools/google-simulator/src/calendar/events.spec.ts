import type { calendar_v3 } from '@googleapis/calendar';
import { minutes } from '#time/clock';
import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';

const ANN = 'ann@tenant.example';
const BEN = 'ben@tenant.example';
const at = (dateTime: string, timeZone?: string) => ({ dateTime, ...(timeZone && { timeZone }) });
const meeting = {
  summary: 'Meeting',
  start: at('2027-03-01T10:00:00Z'),
  end: at('2027-03-01T11:00:00Z'),
};

describe('the events of a simulated calendar', () => {
  let google: Simulator;
  let tenant: TenantClients;
  let events: calendar_v3.Calendar['events'];

  beforeEach(async () => {
    google = await startSimulator();
    const users = [{ email: ANN }, { email: BEN }];
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users });
    ({ events } = tenant.calendarOf(ANN));
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
  });

  const insert = async (event: calendar_v3.Schema$Event = meeting) =>
    (await events.insert({ calendarId: 'primary', requestBody: event })).data;
  const patch = async (eventId: string, change: calendar_v3.Schema$Event, headers = {}) =>
    (await events.patch({ calendarId: 'primary', eventId, requestBody: change }, { headers })).data;
  const get = async (eventId: string) => (await events.get({ calendarId: 'primary', eventId })).data;
  const remove = (eventId: string, headers = {}) =>
    events.delete({ calendarId: 'primary', eventId }, { headers });

  describe('when they are written', () => {
    it('get an id, an etag, an iCalUID, and their people', async () => {
      const event = await insert();
      expect(event).toMatchObject({
        kind: 'calendar#event',
        status: 'confirmed',
        summary: 'Meeting',
        eventType: 'default',
        iCalUID: `${event.id}@google.com`,
        creator: { email: ANN, self: true },
        organizer: { email: ANN, self: true },
        sequence: 0,
      });
      expect(await get(event.id ?? '')).toEqual(event);
    });

    it('keep an id that the caller made up, and refuse it a second time', async () => {
      await insert({ ...meeting, id: 'abcdef0123' });
      expect(await refusalOf(insert({ ...meeting, id: 'abcdef0123' }))).toEqual({
        code: 409,
        message: 'The requested identifier already exists.',
        reason: 'duplicate',
      });
    });

    it('refuse the id of a deleted event as well', async () => {
      await insert({ ...meeting, id: 'abcdef0123' });
      await remove('abcdef0123');
      expect(await refusalOf(insert({ ...meeting, id: 'abcdef0123' }))).toMatchObject({ code: 409 });
    });

    it.each(['abc', 'with-hyphen', 'wxyz00000', 'UPPERCASE'])('refuse the id %s', async (id) => {
      expect(await refusalOf(insert({ ...meeting, id }))).toMatchObject({ code: 400, reason: 'invalid' });
    });

    it.each([
      ['without an end', { start: meeting.start }, 'required'],
      ['that end before they begin', { ...meeting, end: at('2027-03-01T09:00:00Z') }, 'timeRangeEmpty'],
      ['of no days', { start: { date: '2027-03-01' }, end: { date: '2027-03-01' } }, 'timeRangeEmpty'],
      [
        'in a zone that is none',
        { ...meeting, start: at('2027-03-01T10:00:00', 'Europe/Nowhere') },
        'invalid',
      ],
      ['that recur without a zone', { ...meeting, recurrence: ['RRULE:FREQ=DAILY'] }, 'required'],
      ['half of whole days', { ...meeting, end: { date: '2027-03-02' } }, 'invalid'],
      ['made from mail', { ...meeting, eventType: 'fromGmail' }, 'invalid'],
    ])('refuse events %s', async (_case, event, reason) => {
      expect(await refusalOf(insert(event))).toMatchObject({ code: 400, reason });
    });

    it('show instants in the zone of the calendar, with the zone they were planned in', async () => {
      await google.client.calendar.changeCalendar(ANN, { timeZone: 'Europe/Berlin' });
      const { start, end } = await insert({
        start: at('2027-07-01T09:00:00', 'America/New_York'),
        end: at('2027-07-01T16:00:00+02:00'),
      });
      expect(start).toEqual({ dateTime: '2027-07-01T15:00:00+02:00', timeZone: 'America/New_York' });
      expect(end).toEqual({ dateTime: '2027-07-01T16:00:00+02:00' });
    });

    it('end all-day events on the day after the last', async () => {
      const days = { start: { date: '2027-03-01' }, end: { date: '2027-03-03' } };
      expect(await insert(days)).toMatchObject(days);
    });

    it('pass over fields that callers may not write', async () => {
      const event = await insert({
        ...meeting,
        htmlLink: 'https://evil.example',
        created: '2000-01-01T00:00:00Z',
      });
      expect(event.htmlLink).toMatch(/^https:\/\/www\.google\.com\//);
      expect(event.created).not.toMatch(/^2000/);
    });
  });

  describe('when they are changed', () => {
    it('merge a patch: objects field by field, lists as a whole, null clears', async () => {
      const { id = '' } = await insert({
        ...meeting,
        description: 'Bring cake',
        attendees: [{ email: 'a@example.com' }, { email: 'b@example.com' }],
        extendedProperties: { private: { source: 'psa', entryId: '1' } },
      });
      const patched = await patch(id ?? '', {
        description: null,
        attendees: [{ email: 'c@example.com' }],
        extendedProperties: { private: { entryId: '2' } },
      });
      expect(patched).toMatchObject({
        summary: 'Meeting',
        attendees: [{ email: 'c@example.com' }],
        extendedProperties: { private: { source: 'psa', entryId: '2' } },
      });
      expect(patched).not.toHaveProperty('description');
    });

    it('are replaced by an update, which clears what is missing', async () => {
      const { id } = await insert({ ...meeting, description: 'Bring cake' });
      const { start, end } = meeting;
      const updated = await events.update({
        calendarId: 'primary',
        eventId: id ?? '',
        requestBody: { summary: 'New', start, end },
      });
      expect(updated.data.summary).toBe('New');
      expect(updated.data).not.toHaveProperty('description');
    });

    it('get another etag, a later instant, and when moved a higher sequence', async () => {
      const before = await insert();
      await google.client.advance(minutes(1));
      const renamed = await patch(before.id ?? '', { summary: 'New' });
      expect(renamed.etag).not.toBe(before.etag);
      expect(Date.parse(renamed.updated ?? '')).toBeGreaterThan(Date.parse(before.updated ?? ''));
      expect(renamed.sequence).toBe(0);
      const moved = await patch(before.id ?? '', { end: at('2027-03-01T12:00:00Z') });
      expect(moved.sequence).toBe(1);
    });

    it('turn into all-day events only when the instants are cleared', async () => {
      const { id } = await insert();
      const day = { start: { date: '2027-03-01' }, end: { date: '2027-03-02' } };
      expect(await refusalOf(patch(id ?? '', day))).toMatchObject({ code: 400 });
      const cleared = {
        start: { ...day.start, dateTime: null },
        end: { ...day.end, dateTime: null },
      };
      expect(await patch(id ?? '', cleared)).toMatchObject(day);
    });

    it('are left alone when If-Match names another etag', async () => {
      const { id, etag } = await insert();
      await patch(id ?? '', { summary: 'Second' }, { 'If-Match': etag });
      const tooLate = { code: 412, message: 'Precondition Failed', reason: 'conditionNotMet' };
      expect(await refusalOf(patch(id ?? '', { summary: 'Third' }, { 'If-Match': etag }))).toEqual(tooLate);
      expect(await refusalOf(remove(id ?? '', { 'If-Match': etag }))).toEqual(tooLate);
      expect((await get(id ?? '')).summary).toBe('Second');
    });

    it('are not sent again to who has the present etag', async () => {
      const { id, etag } = await insert();
      const headers = { 'If-None-Match': String(etag) };
      const { status } = await events.get({ calendarId: 'primary', eventId: id ?? '' }, { headers });
      expect(status).toBe(304);
    });

    it('keep their type', async () => {
      const { id } = await insert();
      expect(await refusalOf(patch(id ?? '', { eventType: 'focusTime' }))).toMatchObject({ code: 400 });
    });

    it('belong to their organiser', async () => {
      const { id } = await google.client.calendar.insertEvent(ANN, {
        ...meeting,
        organizer: { email: 'boss@elsewhere.example' },
      });
      expect(await refusalOf(patch(id, { summary: 'Mine' }))).toMatchObject({
        code: 403,
        reason: 'forbiddenForNonOrganizer',
      });
      expect(await patch(id, { colorId: '3' })).toMatchObject({ colorId: '3' });
    });
  });

  describe('when they are deleted', () => {
    it('are still to be had one by one, as cancelled', async () => {
      const { id } = await insert();
      expect((await remove(id ?? '')).status).toBe(204);
      expect(await get(id ?? '')).toMatchObject({ status: 'cancelled', summary: 'Meeting' });
    });

    it('are gone to a second delete', async () => {
      const { id } = await insert();
      await remove(id ?? '');
      expect(await refusalOf(remove(id ?? ''))).toEqual({
        code: 410,
        message: 'Resource has been deleted',
        reason: 'deleted',
      });
    });

    it('are unknown when they never were', async () => {
      expect(await refusalOf(remove('neverwas'))).toEqual({
        code: 404,
        message: 'Not Found',
        reason: 'notFound',
      });
    });
  });

  describe('to who may not', () => {
    it('are invisible in calendars that are not shared', async () => {
      const list = tenant.calendarOf(BEN).events.list({ calendarId: ANN });
      expect(await refusalOf(list)).toEqual({ code: 404, message: 'Not Found', reason: 'notFound' });
    });

    it('are readable and not writable with a reader’s role', async () => {
      await insert();
      await google.client.calendar.share(ANN, BEN, 'reader');
      const ben = tenant.calendarOf(BEN).events;
      expect((await ben.list({ calendarId: ANN })).data.items).toMatchObject([{ summary: 'Meeting' }]);
      expect(await refusalOf(ben.insert({ calendarId: ANN, requestBody: meeting }))).toMatchObject({
        code: 403,
        reason: 'requiredAccessLevel',
      });
    });

    it('show when somebody is busy and nothing else', async () => {
      await insert();
      await google.client.calendar.share(ANN, BEN, 'freeBusyReader');
      const { data } = await tenant.calendarOf(BEN).events.list({ calendarId: ANN });
      expect(data.items?.[0]).toMatchObject({ start: meeting.start, visibility: 'private' });
      expect(data.items?.[0]).not.toHaveProperty('summary');
    });

    it('need a scope for events', async () => {
      const others = tenant.calendarOf(ANN, ['gmail.readonly']).events.list({ calendarId: 'primary' });
      expect(await refusalOf(others)).toMatchObject({ code: 403, reason: 'insufficientPermissions' });
      const reading = tenant.calendarOf(ANN, ['calendar.readonly']).events;
      expect((await reading.list({ calendarId: 'primary' })).status).toBe(200);
      expect(await refusalOf(reading.insert({ calendarId: 'primary', requestBody: meeting }))).toMatchObject({
        reason: 'insufficientPermissions',
      });
    });

    it('are not there for accounts without Calendar', async () => {
      await google.client.createUser(BEN, { hasCalendar: false });
      const list = tenant.calendarOf(BEN).events.list({ calendarId: 'primary' });
      expect(await refusalOf(list)).toEqual({
        code: 403,
        message: 'The user must be signed up for Google Calendar.',
        reason: 'notACalendarUser',
      });
    });

    it('are not there while the project has the API off', async () => {
      await google.client.changeProject('tenant-one', { enabledApis: ['gmail.googleapis.com'] });
      expect(await refusalOf(insert())).toMatchObject({ code: 403, reason: 'accessNotConfigured' });
    });

    it.each([403, 429] as const)('are refused beyond 600 calls a minute with %d', async (quotaRefusal) => {
      await google.client.calendar.configure({ requestsPerMinutePerUser: 2, quotaRefusal });
      await insert();
      await insert();
      expect(await refusalOf(insert())).toMatchObject({
        code: quotaRefusal,
        reason: 'userRateLimitExceeded',
      });
      await google.client.advance(minutes(1));
      await insert();
    });
  });

  it('keep what Google itself writes, of types and with fields that nobody knows', async () => {
    const { id } = await google.client.calendar.insertEvent(ANN, {
      ...meeting,
      eventType: 'fromTheFuture',
      futureField: { deep: [1] },
    });
    expect(await get(id)).toMatchObject({ eventType: 'fromTheFuture', futureField: { deep: [1] } });
  });

  it('leave a tombstone where they were moved away from', async () => {
    const { id: other } = await google.client.calendar.createCalendar({ owner: ANN });
    const { id } = await insert();
    await google.client.calendar.moveEvent(ANN, id ?? '', other);
    expect((await get(id ?? '')).status).toBe('cancelled');
    expect(await google.client.calendar.state(other)).toMatchObject([{ id, organizer: { email: ANN } }]);
    expect(await google.client.calendar.state(ANN)).toEqual([]);
  });

  it('age with the simulated clock', async () => {
    const before = await insert();
    await google.client.advance(minutes(30));
    const after = await insert();
    expect(Date.parse(after.created ?? '') - Date.parse(before.created ?? '')).toBeGreaterThanOrEqual(
      minutes(30),
    );
  });
});
