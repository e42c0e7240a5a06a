import type { calendar_v3 } from '@googleapis/calendar';
import { days } from '#time/clock';
import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';

const ANN = 'ann@tenant.example';
const BEN = 'ben@tenant.example';

describe('the list of a simulated calendar’s events', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    const users = [{ email: ANN }, { email: BEN }];
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
  });

  const list = async (parameters: calendar_v3.Params$Resource$Events$List = {}, address = ANN) =>
    (await tenant.calendarOf(address).events.list({ calendarId: ANN, ...parameters })).data;
  const ids = async (parameters: calendar_v3.Params$Resource$Events$List = {}) =>
    (await list(parameters)).items?.map(({ id }) => id);
  const insert = (id: string, hour = 10, more: object = {}) =>
    google.client.calendar.insertEvent(ANN, {
      id,
      summary: id,
      start: { dateTime: `2027-03-01T${hour}:00:00Z` },
      end: { dateTime: `2027-03-01T${hour + 1}:00:00Z` },
      ...more,
    });
  const syncToken = async (parameters: calendar_v3.Params$Resource$Events$List = {}) =>
    (await list(parameters)).nextSyncToken ?? '';

  describe('in pages', () => {
    it('has the sync token on the last one only', async () => {
      for (const id of ['first', 'second', 'third']) await insert(id);
      const one = await list({ maxResults: 2 });
      expect(one.items?.map(({ id }) => id)).toEqual(['first', 'second']);
      expect(one).not.toHaveProperty('nextSyncToken');
      const two = await list({ maxResults: 2, pageToken: one.nextPageToken ?? '' });
      expect(two.items?.map(({ id }) => id)).toEqual(['third']);
      expect(two).not.toHaveProperty('nextPageToken');
      expect(two.nextSyncToken).toEqual(expect.any(String));
    });

    it('has 250 events on a page unless asked, and 2,500 at most', async () => {
      const { world } = google;
      const ann = world.calendar.primaryOf(world.user(ANN)!)!;
      const content = {
        status: 'confirmed',
        start: { date: '2027-01-01' },
        end: { date: '2027-01-02' },
      } as const;
      for (let count = 0; count < 2_501; count += 1) ann.insert({ ...content, details: {} });
      expect((await list()).items).toHaveLength(250);
      expect((await list({ maxResults: 5_000 })).items).toHaveLength(2_500);
    });

    it('begins with empty ones when told to', async () => {
      await google.client.calendar.configure({ emptyPagesPerList: 2 });
      await insert('first');
      const one = await list();
      expect(one.items).toEqual([]);
      const two = await list({ pageToken: one.nextPageToken ?? '' });
      expect(two.items).toEqual([]);
      expect(await ids({ pageToken: two.nextPageToken ?? '' })).toEqual(['first']);
    });

    it('loses nothing that happens between two of them', async () => {
      for (const id of ['first', 'second', 'third']) await insert(id);
      const one = await list({ maxResults: 2 });
      await google.client.calendar.deleteEvent(ANN, 'first');
      await insert('fourth');
      const two = await list({ maxResults: 2, pageToken: one.nextPageToken ?? '' });
      const later = await list({ syncToken: two.nextSyncToken ?? '' });
      expect(two.items?.map(({ id }) => id)).toEqual(['third', 'fourth']);
      expect(later.items).toMatchObject([{ id: 'first', status: 'cancelled' }, { id: 'fourth' }]);
    });

    it('goes along with a sync token', async () => {
      const token = await syncToken();
      for (const id of ['first', 'second', 'third']) await insert(id);
      const one = await list({ syncToken: token, maxResults: 2 });
      const two = await list({ syncToken: token, maxResults: 2, pageToken: one.nextPageToken ?? '' });
      expect([...(one.items ?? []), ...(two.items ?? [])].map(({ id }) => id)).toEqual([
        'first',
        'second',
        'third',
      ]);
      expect(await ids({ syncToken: two.nextSyncToken ?? '' })).toEqual([]);
    });
  });

  describe('with a sync token', () => {
    it('has what changed since, deletions as bare tombstones', async () => {
      for (const id of ['same1', 'edited', 'removed']) await insert(id);
      const token = await syncToken();
      await google.client.calendar.editEvent(ANN, 'edited', { summary: 'New' });
      await google.client.calendar.deleteEvent(ANN, 'removed');
      await insert('created');
      const { items } = await list({ syncToken: token });
      expect(items).toMatchObject([{ id: 'edited', summary: 'New' }, { id: 'removed' }, { id: 'created' }]);
      expect(items?.[1]).toEqual({
        kind: 'calendar#event',
        etag: expect.any(String),
        id: 'removed',
        status: 'cancelled',
      });
    });

    it('has an event once, as it is now, however often it changed', async () => {
      const token = await syncToken();
      await insert('event1');
      await google.client.calendar.editEvent(ANN, 'event1', { summary: 'New' });
      expect((await list({ syncToken: token })).items).toMatchObject([{ id: 'event1', summary: 'New' }]);
    });

    it('can be asked again and again with the same one', async () => {
      const token = await syncToken();
      await insert('event1');
      expect(await ids({ syncToken: token })).toEqual(['event1']);
      expect(await ids({ syncToken: token })).toEqual(['event1']);
    });

    it('goes beyond the window of the first list', async () => {
      const token = await syncToken({ timeMin: '2027-03-01T00:00:00Z' });
      await insert('early1', 10, {
        start: { dateTime: '2020-01-01T10:00:00Z' },
        end: { dateTime: '2020-01-01T11:00:00Z' },
      });
      expect(await ids({ syncToken: token })).toEqual(['early1']);
    });

    it.each([
      { iCalUID: 'x' },
      { orderBy: 'updated' },
      { privateExtendedProperty: ['a=b'] },
      { sharedExtendedProperty: ['a=b'] },
      { q: 'x' },
      { timeMin: '2027-01-01T00:00:00Z' },
      { timeMax: '2027-01-01T00:00:00Z' },
      { updatedMin: '2027-01-01T00:00:00Z' },
      { showDeleted: false },
    ])('takes no %j', async (parameter) => {
      const token = await syncToken();
      expect(await refusalOf(list({ syncToken: token, ...parameter }))).toMatchObject({
        code: 400,
        reason: 'invalid',
      });
    });

    it.each([{ singleEvents: true }, { eventTypes: ['default'] }, { timeZone: 'Europe/Berlin' }])(
      'takes no %j that the first list did not have',
      async (parameter) => {
        const token = await syncToken();
        expect(await refusalOf(list({ syncToken: token, ...parameter }))).toMatchObject({ code: 400 });
      },
    );

    it('may have other pages than the first list had', async () => {
      const token = await syncToken({ maxResults: 10 });
      expect(await ids({ syncToken: token, maxResults: 20 })).toEqual([]);
    });

    it('is refused when the token is none', async () => {
      expect(await refusalOf(list({ syncToken: 'nonsense' }))).toMatchObject({
        code: 400,
        reason: 'invalid',
      });
    });
  });

  describe('with a sync token that no longer holds', () => {
    const expected = {
      code: 410,
      message: 'Sync token is no longer valid, a full sync is required.',
      reason: 'fullSyncRequired',
    };

    it('demands a full sync when Google says so, and not again after that', async () => {
      const token = await syncToken();
      await google.client.calendar.invalidateSyncTokens(ANN);
      expect(await refusalOf(list({ syncToken: token }))).toEqual(expected);
      expect(await ids({ syncToken: await syncToken() })).toEqual([]);
    });

    it('demands a full sync after four weeks', async () => {
      const token = await syncToken();
      await google.client.advance(days(28) + 1);
      expect(await refusalOf(list({ syncToken: token }))).toEqual(expected);
    });

    it('demands a full sync when somebody’s access changed', async () => {
      const token = await syncToken();
      await google.client.calendar.share(ANN, BEN, 'reader');
      expect(await refusalOf(list({ syncToken: token }))).toEqual(expected);
    });

    it('demands a full sync of another user or calendar', async () => {
      await google.client.calendar.share(ANN, BEN, 'reader');
      const token = await syncToken();
      expect(await refusalOf(list({ syncToken: token }, BEN))).toEqual(expected);
      expect(await refusalOf(list({ syncToken: token, calendarId: BEN }, BEN))).toEqual(expected);
    });

    it('says in which place, and in whose name', async () => {
      const token = await syncToken();
      await google.client.calendar.invalidateSyncTokens(ANN);
      const { token: accessToken } = await tenant.signedInUser(ANN, ['calendar']).getAccessToken();
      const response = await fetch(`${google.url}/calendar/v3/calendars/primary/events?syncToken=${token}`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect(await response.json()).toEqual({
        error: {
          code: 410,
          message: expected.message,
          errors: [
            {
              domain: 'calendar',
              reason: 'fullSyncRequired',
              message: expected.message,
              location: 'syncToken',
              locationType: 'parameter',
            },
          ],
        },
      });
    });
  });

  describe('in full', () => {
    it('leaves out what was deleted, unless asked', async () => {
      await insert('event1');
      await google.client.calendar.deleteEvent(ANN, 'event1');
      expect(await ids()).toEqual([]);
      expect(await ids({ showDeleted: true })).toEqual(['event1']);
    });

    it('is bounded by the end of events below and their start above, exclusively', async () => {
      for (const [id, hour] of [
        ['ten10', 10],
        ['eleven', 11],
        ['noon12', 12],
      ] as const)
        await insert(id, hour);
      expect(await ids({ timeMin: '2027-03-01T11:00:00Z', timeMax: '2027-03-01T12:00:00Z' })).toEqual([
        'eleven',
      ]);
    });

    it('refuses a window that is empty, or has no offset', async () => {
      const timeMin = '2027-03-01T11:00:00Z';
      expect(await refusalOf(list({ timeMin, timeMax: timeMin }))).toMatchObject({
        reason: 'timeRangeEmpty',
      });
      expect(await refusalOf(list({ timeMin: '2027-03-01T11:00:00' }))).toMatchObject({ code: 400 });
    });

    it('finds by private and shared properties, all of them, by iCalUID, by words, and by type', async () => {
      const extendedProperties = { private: { source: 'psa', entryId: '7' }, shared: { room: 'blue' } };
      await insert('marked', 10, { extendedProperties, iCalUID: 'x@example.com', description: 'Bring Cake' });
      await insert('focus1', 11, { eventType: 'focusTime' });
      expect(await ids({ privateExtendedProperty: ['source=psa', 'entryId=7'] })).toEqual(['marked']);
      expect(await ids({ privateExtendedProperty: ['source=psa', 'entryId=8'] })).toEqual([]);
      expect(await ids({ sharedExtendedProperty: ['room=blue'] })).toEqual(['marked']);
      expect(await ids({ iCalUID: 'x@example.com' })).toEqual(['marked']);
      expect(await ids({ q: 'cake bring' })).toEqual(['marked']);
      expect(await ids({ eventTypes: ['focusTime'] })).toEqual(['focus1']);
    });

    it('shows deletions too when asked for what changed since an instant, up to four weeks back', async () => {
      await insert('old001');
      const { updated } = await insert('event1');
      await google.client.calendar.deleteEvent(ANN, 'event1');
      await google.client.advance(days(1));
      await insert('event2');
      const since = new Date(Date.parse(String(updated)) + days(0.5)).toISOString();
      expect(await ids({ updatedMin: since })).toEqual(['event2']);
      expect(await ids({ updatedMin: String(updated) })).toContain('event1');
      await google.client.advance(days(30));
      expect(await refusalOf(list({ updatedMin: since }))).toMatchObject({
        code: 410,
        reason: 'updatedMinTooLongAgo',
      });
    });

    it('is in the order of starts only where instances take the place of series', async () => {
      await insert('later1', 12);
      await insert('sooner', 9 + 1);
      expect(await refusalOf(list({ orderBy: 'startTime' }))).toMatchObject({ code: 400 });
      expect(await ids({ orderBy: 'startTime', singleEvents: true })).toEqual(['sooner', 'later1']);
    });

    it('says whose calendar it is and what the caller may do', async () => {
      expect(await list()).toMatchObject({
        kind: 'calendar#events',
        summary: ANN,
        timeZone: 'UTC',
        accessRole: 'owner',
      });
    });
  });
});
