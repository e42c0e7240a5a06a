import { days } from '#time/clock';
import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';

const ANN = 'ann@tenant.example';
const BEN = 'ben@tenant.example';

describe('the list of an account’s calendars', () => {
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

  const list = async (parameters: object = {}, address = ANN) =>
    (await tenant.calendarOf(address).calendarList.list({ ...parameters })).data;
  const create = (summary: string, more: object = {}) =>
    google.client.calendar.createCalendar({ owner: ANN, summary, ...more });

  it('has the primary one, whose real id is the account’s address', async () => {
    expect((await list()).items).toMatchObject([
      { id: ANN, summary: ANN, primary: true, accessRole: 'owner', timeZone: 'UTC', selected: true },
    ]);
    const { data } = await tenant.calendarOf(ANN).calendars.get({ calendarId: 'primary' });
    expect(data).toMatchObject({ kind: 'calendar#calendar', id: ANN });
  });

  it('has others with the role that the account has', async () => {
    const team = await create('Team', { timeZone: 'Asia/Tokyo' });
    await create('Holidays', { id: 'en.german#holiday@group.v.calendar.google.com', accessRole: 'reader' });
    await google.client.calendar.share(team.id, BEN, 'writer');
    expect((await list()).items?.slice(1)).toMatchObject([
      { summary: 'Team', accessRole: 'owner', timeZone: 'Asia/Tokyo', dataOwner: ANN },
      { id: 'en.german#holiday@group.v.calendar.google.com', accessRole: 'reader' },
    ]);
    expect((await list({}, BEN)).items?.find(({ id }) => id === team.id)).toMatchObject({
      accessRole: 'writer',
    });
    expect((await list({ minAccessRole: 'writer' })).items).toHaveLength(2);
  });

  it('finds one by its id, and only of those on it', async () => {
    const { id } = await create('Team');
    const one = (address: string) => tenant.calendarOf(address).calendarList.get({ calendarId: id });
    expect((await one(ANN)).data).toMatchObject({ id, summary: 'Team' });
    expect(await refusalOf(one(BEN))).toMatchObject({ code: 404, reason: 'notFound' });
  });

  it('comes in pages, with a sync token on the last', async () => {
    for (const name of ['One', 'Two', 'Three']) await create(name);
    const first = await list({ maxResults: 3 });
    expect(first.items).toHaveLength(3);
    expect(first).not.toHaveProperty('nextSyncToken');
    const second = await list({ maxResults: 3, pageToken: first.nextPageToken });
    expect(second.items).toMatchObject([{ summary: 'Three' }]);
    expect(second.nextSyncToken).toEqual(expect.any(String));
  });

  it('with a sync token has what changed since, removed calendars among it', async () => {
    const gone = await create('Gone');
    const unshared = await google.client.calendar.createCalendar({ owner: BEN });
    await google.client.calendar.share(unshared.id, ANN, 'reader');
    const { nextSyncToken } = await list();
    await google.client.calendar.deleteCalendar(gone.id);
    await google.client.calendar.unshare(unshared.id, ANN);
    const { id } = await create('New');
    expect((await list({ syncToken: nextSyncToken })).items).toMatchObject([
      { id: gone.id, deleted: true },
      { id: unshared.id, deleted: true },
      { id, summary: 'New' },
    ]);
    expect((await list()).items?.map((one) => one.id)).toEqual([ANN, id]);
  });

  it('leaves out what the user hid, unless asked', async () => {
    const { id } = await create('Team');
    await google.client.calendar.hide(id, ANN, true);
    expect((await list()).items).toHaveLength(1);
    expect((await list({ showHidden: true })).items?.[1]).toMatchObject({ id, hidden: true });
    await google.client.calendar.hide(id, ANN, false);
    expect((await list()).items).toHaveLength(2);
  });

  it('demands a full list after four weeks, or of another account', async () => {
    const { nextSyncToken } = await list();
    expect(await refusalOf(list({ syncToken: nextSyncToken }, BEN))).toMatchObject({
      code: 410,
      reason: 'fullSyncRequired',
    });
    await google.client.advance(days(28) + 1);
    expect(await refusalOf(list({ syncToken: nextSyncToken }))).toMatchObject({ code: 410 });
  });

  it('needs a scope for calendars, and an account with Calendar', async () => {
    const withScope = (scope: string) => tenant.calendarOf(ANN, [scope]).calendarList.list();
    expect((await withScope('calendar.readonly')).status).toBe(200);
    expect(await refusalOf(withScope('calendar.events'))).toMatchObject({
      reason: 'insufficientPermissions',
    });
    await google.client.createUser(ANN, { hasCalendar: false });
    expect(await refusalOf(withScope('calendar'))).toMatchObject({ code: 403, reason: 'notACalendarUser' });
  });

  it('no longer opens a calendar that is gone', async () => {
    const { id } = await create('Team');
    const { events } = tenant.calendarOf(ANN);
    expect((await events.list({ calendarId: id })).status).toBe(200);
    await google.client.calendar.deleteCalendar(id);
    expect(await refusalOf(events.list({ calendarId: id }))).toMatchObject({ code: 404, reason: 'notFound' });
  });
});
