import type { calendar_v3 } from '@googleapis/calendar';
import { startSimulator, type Simulator } from '../server.js';
import { TenantClients } from '../tenant-clients.js';
import type { EventResource } from './calendar-client.js';

const ANN = 'ann@tenant.example';

/** Numbers from 0 up to 1, the same for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('what a consumer rebuilds from lists and sync tokens', () => {
  let google: Simulator;
  let tenant: TenantClients;

  beforeEach(async () => {
    google = await startSimulator();
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users: [{ email: ANN }] });
    await google.client.calendar.configure({ requestsPerMinutePerUser: 1_000_000 });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
  });

  const byId = (events: Iterable<EventResource>) =>
    new Map([...events].map((event): [string, EventResource] => [event.id, event]));

  async function edit(random: () => number, step: number): Promise<void> {
    const { calendar } = google.client;
    const all = await calendar.state(ANN);
    const living = all.filter(({ status }) => status !== 'cancelled');
    const any = (events: readonly EventResource[]) => events[Math.floor(random() * events.length)];
    const series = any(living.filter(({ recurrence }) => recurrence !== undefined));
    const one = any(living);
    const hour = String(8 + Math.floor(random() * 10)).padStart(2, '0');
    const day = String(1 + Math.floor(random() * 28)).padStart(2, '0');
    const timeZone = 'Europe/Berlin';
    const time = {
      start: { dateTime: `2027-03-${day}T${hour}:00:00`, timeZone },
      end: { dateTime: `2027-03-${day}T${hour}:30:00`, timeZone },
    };
    const instanceOfSeries = async () => {
      const { data } = await tenant
        .calendarOf(ANN)
        .events.instances({ calendarId: ANN, eventId: series?.id ?? '' });
      return any((data.items ?? []).slice(1) as EventResource[]);
    };
    const choice = random();
    if (choice < 0.25 || !one)
      return void (await calendar.insertEvent(ANN, { summary: `Event ${step}`, ...time }));
    if (choice < 0.4) {
      const recurrence = ['RRULE:FREQ=WEEKLY;COUNT=6'];
      return void (await calendar.insertEvent(ANN, { summary: `Series ${step}`, ...time, recurrence }));
    }
    if (choice < 0.5) return void (await calendar.editEvent(ANN, one.id, { summary: `Renamed ${step}` }));
    if (choice < 0.6) return void (await calendar.deleteEvent(ANN, one.id));
    const instance = series && (await instanceOfSeries());
    if (!series || !instance) return;
    if (choice < 0.7) return void (await calendar.editEvent(ANN, instance.id, time));
    if (choice < 0.8) return void (await calendar.deleteEvent(ANN, instance.id));
    if (choice < 0.9) return void (await calendar.editEvent(ANN, series.id, time));
    if (instance.status !== 'cancelled')
      await calendar.splitSeries(ANN, instance.id, { summary: `Split ${step}` });
  }

  it.each([1, 2, 3])(
    'is what Google has, whatever happens between and during the lists (seed %d)',
    async (seed) => {
      const random = numbers(seed);
      await google.client.calendar.configure({ tellOfExceptionsOfDeletedSeries: seed % 2 === 0 });
      const rebuilt = new Map<string, EventResource>();
      const { events } = tenant.calendarOf(ANN);
      let syncToken: string | undefined;
      const pull = async (isDisturbed: boolean) => {
        let pageToken: string | undefined;
        do {
          const parameters: calendar_v3.Params$Resource$Events$List = {
            calendarId: ANN,
            maxResults: 3,
            ...(syncToken && { syncToken }),
            ...(pageToken && { pageToken }),
          };
          const { data } = await events.list(parameters);
          for (const item of (data.items ?? []) as EventResource[]) {
            if (item.status === 'cancelled' && item['recurringEventId'] === undefined)
              rebuilt.delete(item.id);
            else rebuilt.set(item.id, item);
            if (item.status === 'cancelled') {
              for (const [id, { recurringEventId }] of rebuilt)
                if (recurringEventId === item.id) rebuilt.delete(id);
            }
          }
          pageToken = data.nextPageToken ?? undefined;
          syncToken = data.nextSyncToken ?? syncToken;
          if (isDisturbed) await edit(random, -1);
        } while (pageToken !== undefined);
      };
      for (let step = 0; step < 40; step += 1) {
        await edit(random, step);
        if (random() < 0.3) await pull(random() < 0.5);
      }
      await pull(false);
      expect(rebuilt).toEqual(byId(await google.client.calendar.state(ANN)));
      expect(rebuilt.size).toBeGreaterThan(5);
    },
  );
});
