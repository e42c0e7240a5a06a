import type { MailboxEvent } from '#contracts/gmail';
import { scenariosOf } from '#event-sourcing/scenarios';
import { problem } from '#problems/problem';
import { mailboxDecider, type Mailbox, type MailboxCommand } from './mailbox.decider.js';
import type { TimedMailboxEvent } from './mailbox-state.js';
import type { WatchCommand, WatchOutcome } from './watching.js';

const { given } = scenariosOf<Mailbox>(mailboxDecider);

const at = (event: MailboxEvent, time: string): TimedMailboxEvent => ({
  ...event,
  metadata: { at: `2026-03-01T${time}.000Z` },
});
/** The scenarios' present is 2026-03-01T08:00:00Z. */
const grantedAt = '2026-03-01T07:00:00.000Z';
const topic = 'projects/acme/topics/gmail-notifications-t1';

const settings = {
  name: 'Support',
  address: 'Support@acme.example',
  filter: { labels: [] as string[], include: [] },
  defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
};
const added: MailboxEvent = { type: 'MailboxAdded', data: settings };
const add: MailboxCommand = { type: 'AddMailbox', ...settings };
const watching = (change: Partial<Extract<WatchOutcome, { asked: 'watch' }>> = {}): WatchOutcome => ({
  asked: 'watch',
  topic,
  historyId: '100',
  expiresAt: '2026-03-08T08:00:00.000Z',
  labelIds: [],
  ...change,
});
const { asked: _, ...watchData } = watching() as Extract<WatchOutcome, { asked: 'watch' }>;
const started = (time = '07:30:00', change: Partial<typeof watchData> = {}): TimedMailboxEvent =>
  at({ type: 'WatchStarted', data: { ...watchData, ...change } }, time);
const start = (change: Partial<WatchCommand> = {}): MailboxCommand => ({
  type: 'StartWatch',
  topic: { name: topic },
  grantedAt,
  ...change,
});
const renew = (change: Partial<WatchCommand> = {}): MailboxCommand =>
  ({ ...start(change), type: 'RenewWatch' }) as MailboxCommand;
const failed = (
  type: 'WatchFailed' | 'WatchRenewalFailed',
  attempt: number,
  retryAt: string | null,
  what = unavailable,
): MailboxEvent => ({
  type,
  data: { problem: what, attempt, retryAt },
});
const unavailable = problem('gmail.unavailable', { detail: 'HTTP 502' });
const paused: MailboxEvent = { type: 'Paused', data: { reason: 'manual' } };
const disconnected = (time: string): TimedMailboxEvent =>
  at({ type: 'Disconnected', data: { reason: 'manual', watchStopped: true } }, time);
const removed: MailboxEvent = { type: 'Removed', data: { reason: 'manual' } };

describe('a mailbox', () => {
  it('is added once, however its address is written', () => {
    given().when(add).then(added);
    given(added)
      .when({ ...add, address: 'support@ACME.example' } as MailboxCommand)
      .then();
  });

  it('does not become another one under the same id', () => {
    given(added)
      .when({ ...add, address: 'sales@acme.example' } as MailboxCommand)
      .thenRejected({ code: 'mailbox.address-taken', address: settings.address, name: 'Support' });
  });

  it('that is not there, or no longer, cannot be changed', () => {
    const commands: MailboxCommand[] = [
      start(),
      renew(),
      { type: 'PauseMailbox', reason: 'manual' },
      { type: 'ResumeMailbox' },
      { type: 'DisconnectMailbox', reason: 'manual', grantedAt },
      { type: 'ProveNotification' },
      { type: 'AlterMailbox', name: 'X', grantedAt },
    ];
    for (const command of commands) {
      given().when(command).thenRejected('mailbox.not-found');
      given(added, removed).when(command).thenRejected('mailbox.not-found');
    }
    given(added, removed).when({ type: 'RemoveMailbox', reason: 'again', grantedAt }).then();
    given().when({ type: 'RemoveMailbox', reason: 'manual', grantedAt }).thenRejected('mailbox.not-found');
  });

  it('that was removed may be added again', () => {
    given(added, removed).when(add).then(added);
  });
});

describe('the settings of a mailbox', () => {
  const invoices = { labels: ['Invoices'], include: [] };

  it('change one by one, and only what differs', () => {
    given(added)
      .when({ type: 'AlterMailbox', name: 'Help', grantedAt: null })
      .then({ type: 'MailboxRenamed', data: { name: 'Help' } });
    given(added)
      .when({
        type: 'AlterMailbox',
        name: 'Support',
        filter: settings.filter,
        defaults: settings.defaults,
        grantedAt,
      })
      .then();
    const defaults = { inboundTicketDefaultsId: 'd1', autoProcessEmails: false };
    given(added)
      .when({ type: 'AlterMailbox', filter: invoices, defaults, grantedAt: null })
      .then({ type: 'FilterSet', data: { filter: invoices } }, { type: 'DefaultsSet', data: { defaults } });
  });

  it('have their labels checked while the mailbox is connected', () => {
    const alter: MailboxCommand = { type: 'AlterMailbox', filter: invoices, grantedAt };
    given(added)
      .when(alter)
      .thenAsks({ ask: 'resolve-labels', labels: ['Invoices'] });
    given(added)
      .when(alter, { outcome: { asked: 'resolve-labels', unknown: [] } })
      .then({ type: 'FilterSet', data: { filter: invoices } });
    given(added)
      .when(alter, { outcome: { asked: 'resolve-labels', unknown: ['Invoices'] } })
      .thenRejected({ code: 'mailbox.label-unknown', labels: 'Invoices' });
  });

  it('wait when labels cannot be checked now, and are taken when they cannot be checked at all', () => {
    const alter: MailboxCommand = { type: 'AlterMailbox', filter: invoices, grantedAt };
    given(added)
      .when(alter, { outcome: { asked: 'failed', problem: unavailable } })
      .thenRejected({ code: 'gmail.unavailable', detail: 'HTTP 502' });
    given(added)
      .when(alter, { outcome: { asked: 'failed', problem: problem('authorization.revoked') } })
      .then({ type: 'FilterSet', data: { filter: invoices } });
  });

  it('need no check of labels that are there already', () => {
    const include: 'spam'[] = ['spam'];
    given(added, { type: 'FilterSet', data: { filter: invoices } })
      .when({ type: 'AlterMailbox', filter: { labels: ['Invoices'], include }, grantedAt })
      .then({ type: 'FilterSet', data: { filter: { labels: ['Invoices'], include } } });
  });
});

describe('the watch of a mailbox', () => {
  it('starts with the topic and the label names of the filter', () => {
    given(added, { type: 'FilterSet', data: { filter: { labels: ['INBOX'], include: [] } } })
      .when(start())
      .thenAsks({ ask: 'watch', topic, labels: ['INBOX'], formerTopic: null });
    given(added).when(start(), { outcome: watching() }).then({ type: 'WatchStarted', data: watchData });
  });

  it('is left alone while it is alive and right', () => {
    given(added, started()).when(start()).then();
    given(added, started())
      .when(start({ since: '2026-03-01T07:30:00.000Z' }))
      .then();
    given(added, started()).when(renew()).then();
  });

  it.each<[string, TimedMailboxEvent[], Partial<WatchCommand>]>([
    ['it began before the given moment', [started()], { since: '2026-03-01T07:31:00.000Z' }],
    ['it has lapsed', [started('07:30:00', { expiresAt: '2026-03-01T08:00:00.000Z' })], {}],
    [
      'the filter changed',
      [started(), { type: 'FilterSet', data: { filter: { labels: ['INBOX'], include: [] } } }],
      {},
    ],
    ['its last start failed', [started(), failed('WatchFailed', 1, null)], {}],
  ])('starts anew when %s', (_name, history, change) => {
    given(added, ...history)
      .when(start(change), { outcome: watching() })
      .then({ type: 'WatchStarted', data: watchData });
  });

  it('starts anew with another topic, naming the former one for Gmail to let go of', () => {
    const name = 'projects/acme/topics/gmail-notifications-t2';
    given(added, started())
      .when(start({ topic: { name } }))
      .thenAsks({ ask: 'watch', topic: name, labels: [], formerTopic: topic });
  });

  it('is renewed when it is not fresh, and keeps its proof', () => {
    given(added, started('06:59:00'), { type: 'NotificationProven', data: {} })
      .when(renew(), { outcome: watching() })
      .then({ type: 'WatchRenewed', data: watchData });
    given(
      added,
      started('06:59:00'),
      { type: 'NotificationProven', data: {} },
      at({ type: 'WatchRenewed', data: watchData }, '07:59:00'),
    )
      .when({ type: 'ProveNotification' })
      .then();
  });

  it('that had lapsed before its renewal begins anew and has to be proven again', () => {
    const lapsed = started('06:00:00', { expiresAt: '2026-03-01T07:59:59.000Z' });
    given(added, lapsed, { type: 'NotificationProven', data: {} })
      .when(renew(), { outcome: watching() })
      .then({ type: 'WatchStarted', data: watchData });
  });

  it('that a late renewal asks for after it was never started is started', () => {
    given(added).when(renew(), { outcome: watching() }).then({ type: 'WatchStarted', data: watchData });
  });

  it('tells why it failed and when it is tried again, ever more slowly', () => {
    const outcome: WatchOutcome = { asked: 'failed', problem: unavailable };
    given(added)
      .when(start(), { outcome })
      .then(failed('WatchFailed', 1, '2026-03-01T08:00:30.000Z'));
    given(added, failed('WatchFailed', 1, null))
      .when(start(), { outcome })
      .then(failed('WatchFailed', 2, '2026-03-01T08:01:00.000Z'));
    given(added, started('06:00:00'))
      .when(renew(), { outcome })
      .then(failed('WatchRenewalFailed', 1, '2026-03-01T08:00:30.000Z'));
    given(added, failed('WatchFailed', 7, null), started('06:00:00'))
      .when(renew(), { outcome })
      .then(failed('WatchRenewalFailed', 1, '2026-03-01T08:00:30.000Z'));
  });

  it('is tried again for ten minutes and more while a fresh publisher grant spreads', () => {
    const missing = problem('gmail.publisher-grant-missing', { topic });
    const outcome: WatchOutcome = { asked: 'failed', problem: missing };
    const delays = [1, 2, 3, 4, 5].map((attempt) => 30 * 2 ** (attempt - 1));
    expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThan(600);
    for (const [before, delay] of delays.entries()) {
      const history = before > 0 ? [failed('WatchFailed', before, null, missing)] : [];
      const retryAt = new Date(Date.parse('2026-03-01T08:00:00.000Z') + delay * 1_000).toISOString();
      given(added, ...history)
        .when(start(), { outcome })
        .then(failed('WatchFailed', before + 1, retryAt, missing));
    }
  });

  it('is not tried again by itself when the permission is dead, and that is told once', () => {
    const revoked = problem('authorization.revoked');
    const outcome: WatchOutcome = { asked: 'failed', problem: revoked };
    given(added)
      .when(start(), { outcome })
      .then(failed('WatchFailed', 1, null, revoked));
    given(added, failed('WatchFailed', 1, null, revoked))
      .when(start(), { outcome })
      .then();
  });

  it('cannot start without a topic, and says what keeps the topic away', () => {
    const denied = problem('pubsub.permission-denied', { action: 'create the topic', projectId: 'acme' });
    given(added)
      .when(start({ topic: { missingBecause: denied } }))
      .then(failed('WatchFailed', 1, '2026-03-01T08:00:30.000Z', denied));
  });

  it('is refused while the mailbox is paused or not connected', () => {
    given(added, paused).when(start()).thenRejected('mailbox.paused');
    given(added, started(), paused).when(renew()).thenRejected('mailbox.paused');
    given(added)
      .when(start({ grantedAt: null }))
      .thenRejected('mailbox.not-connected');
  });

  it('does not come back by a late command after the mailbox was disconnected', () => {
    given(added, started('07:10:00'), disconnected('07:20:00'))
      .when(start())
      .thenRejected('mailbox.not-connected');
    given(added, started('06:10:00'), disconnected('06:20:00'))
      .when(start(), { outcome: watching() })
      .then({ type: 'WatchStarted', data: watchData });
  });
});

describe('the proof of a watch', () => {
  const missed = problem('mailbox.no-first-notification');
  const check: MailboxCommand = { type: 'CheckFirstNotification', problem: missed };

  it('is the first notification after the start', () => {
    given(added, started())
      .when({ type: 'ProveNotification' })
      .then({ type: 'NotificationProven', data: {} });
    given(added, started(), { type: 'NotificationProven', data: {} })
      .when({ type: 'ProveNotification' })
      .then();
  });

  it('is nothing without a watch', () => {
    given(added).when({ type: 'ProveNotification' }).then();
    given(added, started(), disconnected('07:40:00')).when({ type: 'ProveNotification' }).then();
  });

  it('is missed after five minutes, once', () => {
    given(added, started('07:55:00'))
      .when(check)
      .then({ type: 'NotificationMissed', data: { problem: missed } });
    given(added, started('07:55:00'), { type: 'NotificationMissed', data: { problem: missed } })
      .when(check)
      .then();
  });

  it('is not missed too early, when it came, or during a pause', () => {
    given(added, started('07:57:00')).when(check).then();
    given(added, started('07:30:00'), { type: 'NotificationProven', data: {} }).when(check).then();
    given(added, started('07:30:00'), paused).when(check).then();
  });

  it('still counts when it comes late', () => {
    given(added, started(), { type: 'NotificationMissed', data: { problem: missed } })
      .when({ type: 'ProveNotification' })
      .then({ type: 'NotificationProven', data: {} });
  });
});

describe('notifications that are missing', () => {
  const note: MailboxCommand = { type: 'NoteNotificationMissing', from: '5', to: '9' };
  const gap: MailboxEvent = {
    type: 'GapDetected',
    data: { from: '5', to: '9', reason: 'notification-missing' },
  };
  const proven: MailboxEvent = { type: 'NotificationProven', data: {} };

  it('are told once, until a notification proves the way anew', () => {
    given(added, started(), proven).when(note).then(gap);
    given(added, started(), proven, gap).when(note).then();
    given(added, started(), proven, gap).when({ type: 'ProveNotification' }).then(proven);
    given(added, started(), proven, gap, proven).when(note).then(gap);
  });

  it('are nothing to tell of while the way was never proven, or during a pause', () => {
    given(added, started()).when(note).then();
    given(added, started(), proven, paused).when(note).then();
    given(added, started(), proven, disconnected('07:40:00')).when(note).then();
  });
});

describe('a pause', () => {
  it('begins and ends once', () => {
    given(added).when({ type: 'PauseMailbox', reason: 'manual' }).then(paused);
    given(added, paused).when({ type: 'PauseMailbox', reason: 'manual' }).then();
    given(added, paused).when({ type: 'ResumeMailbox' }).then({ type: 'Resumed', data: {} });
    given(added).when({ type: 'ResumeMailbox' }).then();
  });

  it('tells a new reason', () => {
    const reason = 'tenant_cancelled';
    given(added, paused).when({ type: 'PauseMailbox', reason }).then({ type: 'Paused', data: { reason } });
  });
});

describe('the end of a connection', () => {
  const disconnect: MailboxCommand = { type: 'DisconnectMailbox', reason: 'manual', grantedAt };
  const event = (watchStopped: boolean): MailboxEvent => ({
    type: 'Disconnected',
    data: { reason: 'manual', watchStopped },
  });

  it('stops the watch, and comes also when Gmail does not let it', () => {
    given(added, started()).when(disconnect).thenAsks({ ask: 'stop' });
    given(added, started())
      .when(disconnect, { outcome: { asked: 'stop', stopped: true } })
      .then(event(true));
    given(added, started())
      .when(disconnect, { outcome: { asked: 'stop', stopped: false } })
      .then(event(false));
  });

  it('asks Gmail for nothing when there was no watch, or the permission is gone', () => {
    given(added).when(disconnect).then(event(false));
    given(added, started())
      .when({ ...disconnect, grantedAt: null } as MailboxCommand)
      .then(event(false));
  });

  it('comes once, unless somebody connected again', () => {
    given(added, started(), disconnected('07:50:00')).when(disconnect).then();
    given(added, started('06:00:00'), disconnected('06:50:00'))
      .when(disconnect, { outcome: { asked: 'stop', stopped: true } })
      .then(event(true));
  });

  it('comes before the removal', () => {
    const remove: MailboxCommand = { type: 'RemoveMailbox', reason: 'manual', grantedAt };
    given(added, started())
      .when(remove, { outcome: { asked: 'stop', stopped: true } })
      .then(event(true), removed);
    given(added, started(), disconnected('07:50:00')).when(remove).then(removed);
  });
});

describe('the trouble with reading', () => {
  const note: MailboxCommand = { type: 'NoteSyncFailed', problem: unavailable, attempt: 3, retryAt: null };
  const syncFailed: MailboxEvent = {
    type: 'SyncFailed',
    data: { problem: unavailable, attempt: 3, retryAt: null },
  };

  it('is told once for each problem, and its end once', () => {
    given(added, started()).when(note).then(syncFailed);
    given(added, started(), syncFailed).when(note).then();
    given(added, started(), syncFailed)
      .when({ type: 'NoteSyncRecovered' })
      .then({ type: 'SyncRecovered', data: {} });
    given(added, started()).when({ type: 'NoteSyncRecovered' }).then();
    given(added, started(), syncFailed, { type: 'SyncRecovered', data: {} }).when(note).then(syncFailed);
  });

  it('ends with the connection', () => {
    given(added, started(), syncFailed, disconnected('07:40:00')).when(note).then();
    given(added, started(), syncFailed, disconnected('07:40:00')).when({ type: 'NoteSyncRecovered' }).then();
  });

  it('includes gaps, as they were found', () => {
    const gap = { from: '1', to: '9', reason: 'older than Gmail remembers' };
    given(added)
      .when({ type: 'NoteGapDetected', ...gap })
      .then({ type: 'GapDetected', data: gap });
    const end = { from: '1', to: '9', recovered: 4, since: '2026-02-20T00:00:00.000Z', complete: true };
    given(added)
      .when({ type: 'NoteGapRecovered', ...end })
      .then({ type: 'GapRecovered', data: end });
  });
});
