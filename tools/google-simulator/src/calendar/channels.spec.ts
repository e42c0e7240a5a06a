import { days, minutes, seconds } from '#time/clock';
import { startSimulator, type Simulator } from '../server.js';
import { refusalOf, TenantClients } from '../tenant-clients.js';
import { Webhook } from './webhook.js';

const ANN = 'ann@tenant.example';
const BEN = 'ben@tenant.example';
const meeting = {
  summary: 'Meeting',
  start: { dateTime: '2027-03-01T10:00:00Z' },
  end: { dateTime: '2027-03-01T11:00:00Z' },
};

describe('a channel on a simulated calendar', () => {
  let google: Simulator;
  let tenant: TenantClients;
  let webhook: Webhook;
  let others: Webhook[];

  beforeEach(async () => {
    google = await startSimulator();
    webhook = await Webhook.answering(204);
    others = [];
    const users = [{ email: ANN }, { email: BEN }];
    tenant = await TenantClients.of(google, { projectId: 'tenant-one', users });
  });
  afterEach(async () => {
    await tenant.close();
    await google.close();
    for (const one of [webhook, ...others]) await one.close();
  });

  const watch = async (request: object = {}, address = ANN, calendarId = 'primary') =>
    (
      await tenant.calendarOf(address).events.watch({
        calendarId,
        requestBody: { id: 'channel-1', type: 'web_hook', address: webhook.url, token: 'secret', ...request },
      })
    ).data;
  const stop = (requestBody: object, address = ANN) =>
    tenant.calendarOf(address).channels.stop({ requestBody });
  const edit = () => google.client.calendar.insertEvent(ANN, meeting);
  const settled = () => google.client.calendar.settled();

  it('lasts seven days, and says so in strings', async () => {
    const now = (await google.client.now()).getTime();
    const { kind, id, token, resourceUri, expiration } = await watch();
    expect({ kind, id, token, resourceUri }).toEqual({
      kind: 'api#channel',
      id: 'channel-1',
      token: 'secret',
      resourceUri: 'https://www.googleapis.com/calendar/v3/calendars/ann%40tenant.example/events?alt=json',
    });
    expect(typeof expiration).toBe('string');
    expect(Math.abs(Number(expiration) - now - days(7))).toBeLessThan(minutes(1));
  });

  it('posts sync at once and exists with every change, without a body', async () => {
    const { resourceId, expiration } = await watch();
    await webhook.next(1);
    await edit();
    await edit();
    await webhook.next(3);
    expect(webhook.states).toEqual(['sync', 'exists', 'exists']);
    expect(webhook.received.map(({ body }) => body)).toEqual(['', '', '']);
    expect(webhook.received[1]?.headers).toMatchObject({
      'x-goog-channel-id': 'channel-1',
      'x-goog-channel-token': 'secret',
      'x-goog-channel-expiration': new Date(Number(expiration)).toUTCString(),
      'x-goog-resource-id': resourceId,
      'x-goog-resource-uri':
        'https://www.googleapis.com/calendar/v3/calendars/ann%40tenant.example/events?alt=json',
    });
  });

  it('numbers its messages from 1 upwards, with gaps', async () => {
    await watch();
    await edit();
    await edit();
    await edit();
    await webhook.next(4);
    const numbers = [...webhook.messageNumbers].sort((a, b) => a - b);
    expect(numbers[0]).toBe(1);
    expect(new Set(numbers).size).toBe(4);
    expect(numbers[3]).toBeGreaterThan(4);
  });

  it('posts sync even before the watch call is answered, when told to', async () => {
    await google.client.calendar.configure({ syncBeforeAnswer: true });
    await watch();
    expect(webhook.states).toEqual(['sync']);
  });

  it('ends as it was asked to, by instant or by time to live, and after thirty days at the latest', async () => {
    const now = (await google.client.now()).getTime();
    const lifetime = async (request: object) =>
      Math.round((Number((await watch(request)).expiration) - now) / minutes(60));
    expect(await lifetime({ id: 'a', expiration: String(now + days(2)) })).toBe(48);
    expect(await lifetime({ id: 'b', params: { ttl: '3600' } })).toBe(1);
    expect(await lifetime({ id: 'c', expiration: String(now + days(90)) })).toBe(720);
  });

  it('is silent once it has expired', async () => {
    await watch();
    await settled();
    await google.client.advance(days(7));
    await edit();
    await settled();
    expect(webhook.states).toEqual(['sync']);
    expect((await google.client.calendar.calendar(ANN)).channels).toEqual([]);
  });

  it('notifies along with others on the same calendar, all with one resource id', async () => {
    const first = await watch();
    const second = await watch({ id: 'channel-2' });
    expect(second.resourceId).toBe(first.resourceId);
    await edit();
    await webhook.next(4);
    expect(webhook.states.filter((state) => state === 'exists')).toHaveLength(2);
  });

  it('needs an id that the project has never used', async () => {
    await watch();
    expect(await refusalOf(watch({}, BEN))).toEqual({
      code: 400,
      message: 'Channel id channel-1 not unique',
      reason: 'channelIdNotUnique',
    });
  });

  it.each([
    ['an address without https', { address: 'http://psa.example.com/webhook' }, 'push.webhookUrlNotHttps'],
    ['another type', { type: 'pubsub' }, 'push.channelTypeNotSupported'],
    ['no type', { type: undefined }, 'required'],
    ['an id of forbidden characters', { id: 'channel one' }, 'invalid'],
    ['a token of more than 256 characters', { token: 'x'.repeat(257) }, 'invalid'],
  ])('is refused with %s', async (_case, request, reason) => {
    expect(await refusalOf(watch(request))).toMatchObject({ code: 400, reason });
  });

  it('takes plain http on this machine only as long as that is allowed', async () => {
    await google.client.calendar.configure({ allowLoopbackPush: false });
    expect(await refusalOf(watch())).toMatchObject({ reason: 'push.webhookUrlNotHttps' });
  });

  it('is refused to projects whose addresses would have to be verified', async () => {
    await google.client.calendar.configure({ projectsRefusingWebhooks: ['tenant-one'] });
    expect(await refusalOf(watch())).toEqual({
      code: 401,
      message: `Unauthorized WebHook callback channel: ${webhook.url}`,
      reason: 'push.webhookUrlUnauthorized',
    });
  });

  it('is refused on calendars that cannot be watched', async () => {
    const { id } = await google.client.calendar.createCalendar({
      owner: ANN,
      summary: 'Holidays',
      accessRole: 'reader',
      unwatchable: true,
    });
    expect(await refusalOf(watch({}, ANN, id))).toMatchObject({
      code: 400,
      reason: 'pushNotSupportedForRequestedResource',
    });
  });

  it('ends at once when the user and client that opened it stop it, and no second time', async () => {
    const { id, resourceId } = await watch();
    await settled();
    expect((await stop({ id, resourceId })).status).toBe(204);
    await edit();
    await settled();
    expect(webhook.states).toEqual(['sync']);
    expect(await refusalOf(stop({ id, resourceId }))).toMatchObject({ code: 404, reason: 'notFound' });
  });

  it('cannot be stopped by anybody else, nor under another resource', async () => {
    const { id, resourceId } = await watch();
    const refused = { code: 404, reason: 'notFound' };
    expect(await refusalOf(stop({ id, resourceId }, BEN))).toMatchObject(refused);
    expect(await refusalOf(stop({ id, resourceId: 'other' }))).toMatchObject(refused);
    expect(await refusalOf(stop({ id: 'unknown', resourceId }))).toMatchObject(refused);
    expect((await google.client.calendar.calendar(ANN)).channels).toHaveLength(1);
  });

  it('goes on for a while after it was stopped, when told to', async () => {
    await google.client.calendar.configure({ trailingAfterStopMs: minutes(5) });
    const { id, resourceId } = await watch();
    await stop({ id, resourceId });
    await edit();
    await settled();
    await google.client.advance(minutes(6));
    await edit();
    await settled();
    expect(webhook.states).toEqual(['sync', 'exists']);
  });

  it('falls silent when the calendar is deleted', async () => {
    const { id } = await google.client.calendar.createCalendar({ owner: ANN });
    await watch({}, ANN, id);
    await google.client.calendar.deleteCalendar(id);
    expect(await refusalOf(watch({ id: 'channel-2' }, ANN, id))).toMatchObject({ code: 404 });
  });

  describe('when the webhook does not take a notification', () => {
    it('tries again after 500, 502, 503 and 504, each time later', async () => {
      const failing = await Webhook.answering(204, 500, 502, 503, 504, 200);
      others.push(failing);
      await watch({ address: failing.url });
      await settled();
      await edit();
      for (let refusals = 1; refusals <= 4; refusals += 1) {
        await google.client.calendar.delivered({ state: 'exists', outcome: 'refused', count: refusals });
        await google.client.advance(minutes(1));
      }
      await settled();
      const posts = await google.client.calendar.pushes({ state: 'exists' });
      expect(posts.map(({ attempt, status }) => [attempt, status])).toEqual([
        [1, 500],
        [2, 502],
        [3, 503],
        [4, 504],
        [5, 200],
      ]);
      expect(new Set(failing.messageNumbers.slice(1)).size).toBe(1);
    });

    it.each([400, 401, 404, 429, 501])('gives it up after %d', async (status) => {
      const refusing = await Webhook.answering(status);
      others.push(refusing);
      await watch({ address: refusing.url });
      await settled();
      expect(await google.client.calendar.pushes()).toMatchObject([
        { outcome: 'refused', status, attempt: 1 },
      ]);
    });
  });

  describe('under faults', () => {
    const strike = (effect: Parameters<typeof google.client.addFault>[0]['effect'], times = 1) =>
      google.client.addFault({ match: { on: 'calendar-push', caller: ANN }, effect, times });

    beforeEach(async () => {
      await watch();
      await settled();
    });

    it('loses a notification', async () => {
      await strike({ kind: 'drop' });
      await edit();
      await settled();
      expect(webhook.states).toEqual(['sync']);
      expect(await google.client.calendar.pushes({ outcome: 'lost' })).toHaveLength(1);
    });

    it('sends a notification twice, with the same number', async () => {
      await strike({ kind: 'duplicate' });
      await edit();
      await settled();
      expect(webhook.states).toEqual(['sync', 'exists', 'exists']);
      expect(webhook.messageNumbers[2]).toBe(webhook.messageNumbers[1]);
    });

    it('delays a notification by simulated time', async () => {
      await strike({ kind: 'delay', delayMs: seconds(90) });
      await edit();
      expect(webhook.states).toEqual(['sync']);
      await google.client.advance(seconds(90));
      await settled();
      expect(webhook.states).toEqual(['sync', 'exists']);
    });

    it('sends notifications latest first', async () => {
      await strike({ kind: 'reorder', hold: 2 }, 2);
      await edit();
      await edit();
      await settled();
      const [, first = 0, second = 0] = webhook.messageNumbers;
      expect(first).toBeGreaterThan(second);
    });

    it('repeats a notification that a gateway on the way refused', async () => {
      await strike({ kind: 'error', code: 503 });
      await edit();
      await google.client.calendar.delivered({ state: 'exists', outcome: 'refused' });
      await google.client.advance(seconds(2));
      await settled();
      expect(webhook.states).toEqual(['sync', 'exists']);
    });
  });

  it('can be impersonated, without being able to know its token', async () => {
    await watch();
    await settled();
    await google.client.calendar.sendForgedNotification({ channelId: 'channel-1', forgery: 'another-token' });
    await google.client.calendar.sendForgedNotification({ channelId: 'channel-1', forgery: 'no-token' });
    await google.client.calendar.sendForgedNotification({
      channelId: 'channel-1',
      forgery: 'unknown-channel',
    });
    const tokens = webhook.received.map(({ headers }) => headers['x-goog-channel-token']);
    expect(tokens.slice(0, 3)).toEqual(['secret', 'f'.repeat(64), undefined]);
    expect(webhook.received[3]?.headers['x-goog-channel-id']).not.toBe('channel-1');
  });
});
