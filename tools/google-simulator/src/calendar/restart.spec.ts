import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';
import { Webhook } from './webhook.js';

const ANN = 'ann@tenant.example';

describe('calendars in a simulator with a state file', () => {
  let folder: string;
  let stateFile: string;
  let google: Simulator;
  let tenant: TenantClients;
  let webhook: Webhook;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'google-simulator-'));
    stateFile = join(folder, 'google.state');
    webhook = await Webhook.answering(204);
    google = await startSimulator({ stateFile });
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users: [{ email: ANN }] });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
    await webhook.close();
    await rm(folder, { recursive: true });
  });

  async function restart(): Promise<void> {
    await google.close();
    google = await startSimulator({ stateFile });
    tenant = tenant.on(google);
  }

  it('are there again: events, roles, sync tokens, channels and settings', async () => {
    const { client } = google;
    await client.calendar.configure({ emptyPagesPerList: 1, tellOfExceptionsOfDeletedSeries: false });
    const { id: team } = await client.calendar.createCalendar({
      owner: ANN,
      unwatchable: true,
      accessRole: 'reader',
    });
    await client.calendar.insertEvent(ANN, {
      id: 'weekly',
      start: { dateTime: '2027-03-15T09:00:00', timeZone: 'Europe/Berlin' },
      end: { dateTime: '2027-03-15T10:00:00', timeZone: 'Europe/Berlin' },
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'],
    });
    await client.calendar.deleteEvent(ANN, 'weekly_20270322T080000Z');
    const full = async (parameters: object = {}) => {
      const { events } = tenant.calendarOf(ANN);
      const empty = await events.list({ calendarId: ANN, ...parameters });
      const pageToken = empty.data.nextPageToken ?? '';
      return (await events.list({ calendarId: ANN, ...parameters, pageToken })).data;
    };
    const { nextSyncToken } = await full();
    const requestBody = { id: 'channel-1', type: 'web_hook', address: webhook.url, token: 'secret' };
    const { data } = await tenant.calendarOf(ANN).events.watch({ calendarId: ANN, requestBody });
    await client.calendar.settled();
    const before = [await client.calendar.state(ANN), await client.calendar.calendar(ANN)];

    await restart();

    const { calendar } = google.client;
    expect([await calendar.state(ANN), await calendar.calendar(ANN)]).toEqual(before);
    expect(await calendar.calendar(team)).toMatchObject({
      unwatchable: true,
      members: [{ email: ANN, accessRole: 'reader' }],
    });
    await calendar.insertEvent(ANN, {
      id: 'after1',
      start: { date: '2027-03-01' },
      end: { date: '2027-03-02' },
    });
    expect((await full({ syncToken: nextSyncToken })).items).toMatchObject([{ id: 'after1' }]);
    await webhook.next(2);
    expect(webhook.states).toEqual(['sync', 'exists']);
    const again = tenant.calendarOf(ANN).events.watch({ calendarId: ANN, requestBody });
    expect(await refusalOf(again)).toMatchObject({ reason: 'channelIdNotUnique' });
    const { status } = await tenant
      .calendarOf(ANN)
      .channels.stop({ requestBody: { id: 'channel-1', resourceId: data.resourceId ?? '' } });
    expect(status).toBe(204);
  });

  it('begin empty with a file of a simulator that had none', async () => {
    await google.close();
    const saved = JSON.parse((await readFile(stateFile, 'utf8')).split('\n')[0] ?? '') as { world: object };
    const { calendar: _, ...world } = saved.world as Record<string, unknown>;
    await writeFile(stateFile, `${JSON.stringify({ ...saved, world })}\n`);
    google = await startSimulator({ stateFile });
    expect(await google.client.calendar.state(ANN)).toEqual([]);
  });
});
