import { dueChanges } from './due-changes.js';

type Scheduled = Parameters<typeof dueChanges>[0];
const at = '2026-03-01T08:00:00.000Z';
const of = (type: string, data: object = {}): Scheduled =>
  ({ type, data, metadata: { at }, stream: 'mailbox-t1+p1' }) as unknown as Scheduled;

const watched = { topic: 't', historyId: '1', labelIds: [], expiresAt: '2026-03-08T08:00:00.000Z' };

it('has a watch renewed within a day, proof awaited for five minutes and the mailbox compared every ten', () => {
  const changes = dueChanges(of('WatchStarted', watched));
  const due = Object.fromEntries(changes.map(({ command, dueAt }) => [command, dueAt]));
  expect(due['StartWatch']).toBeNull();
  expect(due['CheckFirstNotification']).toEqual(new Date('2026-03-01T08:05:00.000Z'));
  expect(changes.find(({ command }) => command === 'RenewWatch')).toMatchObject({
    deadline: new Date(watched.expiresAt),
  });
  const renewal = due['RenewWatch']!.getTime() - Date.parse(at);
  expect(renewal).toBeGreaterThan(21.5 * 3_600_000);
  expect(renewal).toBeLessThanOrEqual(24 * 3_600_000);
  expect(changes.find(({ command }) => command === 'SyncMailbox')).toMatchObject({ everyMs: 600_000 });
});

it('renews a short watch before half of it is over', () => {
  const [change] = dueChanges(of('WatchRenewed', { ...watched, expiresAt: '2026-03-01T10:00:00.000Z' }));
  expect(change!.dueAt!.getTime()).toBeLessThanOrEqual(Date.parse('2026-03-01T09:00:00.000Z'));
});

it('does not let all mailboxes come due in one moment', () => {
  const renewals = ['a1', 'b2', 'c3', 'd4'].map((id) => {
    const event = { ...of('WatchRenewed', watched), stream: `mailbox-t1+${id}` } as Scheduled;
    return dueChanges(event)[0]!.dueAt!.getTime();
  });
  expect(new Set(renewals).size).toBe(4);
});

it.each([
  ['WatchFailed', 'StartWatch'],
  ['WatchRenewalFailed', 'RenewWatch'],
  ['TopicProvisioningFailed', 'VerifyTopic'],
  ['SyncFailed', 'SyncMailbox'],
])('asks again after %s at the time that it names', (type, command) => {
  const retryAt = '2026-03-01T08:00:30.000Z';
  const problem = { code: 'gmail.unavailable' };
  expect(dueChanges(of(type, { problem, attempt: 1, retryAt }))).toEqual([
    expect.objectContaining({ command, dueAt: new Date(retryAt) }),
  ]);
});

it('has a topic verified every six hours, for each tenant at its own time, until no mailbox needs it', () => {
  const due = ['t1', 'tenant-2', 'acme'].map((tenant) => {
    const event = { ...of('TopicProvisioned', {}), stream: `topic-${tenant}` } as Scheduled;
    return dueChanges(event).find(({ command }) => command === 'VerifyTopic')!;
  });
  expect(new Set(due.map(({ dueAt }) => dueAt!.getTime())).size).toBe(3);
  for (const { dueAt, ...change } of due) {
    expect(change).toEqual({ command: 'VerifyTopic', everyMs: 6 * 3_600_000 });
    expect(dueAt!.getTime() - Date.parse(at)).toBeLessThanOrEqual(6 * 3_600_000);
    expect(dueAt!.getTime() - Date.parse(at)).toBeGreaterThan(5 * 3_600_000);
  }
  expect(dueChanges(of('TopicLeft'))).toEqual([{ command: 'VerifyTopic', dueAt: null }]);
});

it.each(['WatchFailed', 'WatchRenewalFailed', 'TopicProvisioningFailed'])(
  'does not ask again after %s when only a person can help',
  (type) => {
    const [change] = dueChanges(
      of(type, { problem: { code: 'gmail.not-enabled' }, attempt: 1, retryAt: null }),
    );
    expect(change!.dueAt).toBeNull();
  },
);

it.each(['Paused', 'Disconnected', 'Removed'])('leaves a mailbox alone after %s', (type) => {
  expect(dueChanges(of(type, { reason: 'manual', watchStopped: true }))).toEqual([
    { command: 'all', dueAt: null },
  ]);
});
