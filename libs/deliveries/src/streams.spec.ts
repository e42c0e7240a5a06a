import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, millis, nanos, type NatsConnection } from '@nats-io/transport-node';
import { startTestNats, type TestNats } from '#servers/test-database';
import { days } from '#time/clock';
import { notificationPublisher } from './notifications.js';
import { ACTIVITY, DELIVERIES, ensureStreams, NOTIFICATIONS } from './streams.js';
import { notificationSubject, subjectToken } from './subjects.js';

describe('the streams', () => {
  let server: TestNats;
  let nats: NatsConnection;

  beforeAll(async () => {
    server = await startTestNats();
    nats = await connect({ servers: server.url });
  });
  afterAll(async () => {
    await nats?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    const manager = await jetstreamManager(nats);
    for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
  });

  it('are made once, however many services start at the same time', async () => {
    const reports = await Promise.all(
      Array.from({ length: 6 }, () => ensureStreams(nats, { retentionDays: 14 })),
    );
    const made = new Set(reports.flatMap((report) => report.made));
    expect([...made].sort()).toEqual([ACTIVITY, DELIVERIES, NOTIFICATIONS, 'OBJ_messages']);
    expect(reports.flatMap(({ mended, refused }) => [...mended, ...refused])).toEqual([]);
    expect(await ensureStreams(nats, { retentionDays: 14 })).toEqual({ made: [], mended: [], refused: [] });
  });

  it('are mended when they drifted, and keep what they hold', async () => {
    await ensureStreams(nats, { retentionDays: 14 });
    const manager = await jetstreamManager(nats);
    await jetstream(nats).publish('delivery.t1.inbound-email.received', 'kept');
    const { config } = await manager.streams.info(DELIVERIES);
    await manager.streams.update(DELIVERIES, { ...config, max_age: nanos(days(2)), max_bytes: 5_000_000 });

    const report = await ensureStreams(nats, { retentionDays: 30 });

    expect(report.mended).toEqual(['DELIVERIES: max_age', 'OBJ_messages: max_age']);
    const after = await manager.streams.info(DELIVERIES);
    expect(millis(after.config.max_age)).toBe(days(30));
    expect([after.config.max_bytes, after.state.messages]).toEqual([5_000_000, 1]);
  });

  it('say which drift the server does not let them mend', async () => {
    const manager = await jetstreamManager(nats);
    await manager.streams.add({ name: 'FOREIGN', subjects: ['activity.old.>'] });
    await manager.streams.add({ name: ACTIVITY, subjects: ['activity.new.>'] });
    const { refused } = await ensureStreams(nats, { retentionDays: 14 });
    expect(refused).toEqual([expect.stringMatching(/^ACTIVITY: description, subjects.* \(.*overlap/)]);
  });

  it('hold one notification per mailbox, the newest, however its address is spelt', async () => {
    await ensureStreams(nats, { retentionDays: 14 });
    const publish = notificationPublisher(nats);
    const notification = (tenantId: string, emailAddress: string, historyId: string) => ({
      tenantId,
      emailAddress,
      historyId,
      pushedAt: '2026-03-01T08:00:00.000Z',
      pubsubMessageId: historyId,
    });
    await publish(notification('t1', 'Support@acme.example', '1'));
    await publish(notification('t2', 'support@acme.example', '2'));
    await publish(notification('t1', 'support@acme.example', '3'));

    const manager = await jetstreamManager(nats);
    const held = async (tenantId: string) =>
      (
        await manager.streams.getMessage(NOTIFICATIONS, {
          last_by_subj: notificationSubject(tenantId, 'SUPPORT@acme.example'),
        })
      )?.json();
    expect((await manager.streams.info(NOTIFICATIONS)).state.messages).toBe(2);
    expect([await held('t1'), await held('t2')]).toMatchObject([{ historyId: '3' }, { historyId: '2' }]);
  });

  it('tell a publisher when they cannot take a notification', async () => {
    const publish = notificationPublisher(nats, { timeoutMs: 500 });
    const notification = {
      tenantId: 't1',
      emailAddress: 'a@b.example',
      historyId: '1',
      pushedAt: '2026-03-01T08:00:00.000Z',
      pubsubMessageId: '1',
    };
    await expect(publish(notification)).rejects.toThrow();
  });
});

describe('an id in a subject', () => {
  it.each([
    ['t1', 't1'],
    ['a.b', 'a%2Eb'],
    ['*', '%2A'],
    ['>', '%3E'],
    ['with blank', 'with%20blank'],
    ['50%', '50%25'],
  ])('is one token: %s', (id, token) => {
    expect(subjectToken(id)).toBe(token);
  });

  it('cannot be empty', () => {
    expect(() => subjectToken('')).toThrow(RangeError);
  });
});
