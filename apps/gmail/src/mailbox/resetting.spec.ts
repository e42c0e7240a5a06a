import type { MailboxEvent } from '#contracts/gmail';
import { scenariosOf } from '#event-sourcing/scenarios';
import { problem } from '#problems/problem';
import { mailboxDecider, type Mailbox, type MailboxCommand } from './mailbox.decider.js';
import type { TimedMailboxEvent } from './mailbox-state.js';
import type { ResetMailbox } from './resetting.js';

const { given } = scenariosOf<Mailbox>(mailboxDecider);

const at = (event: MailboxEvent, time: string): TimedMailboxEvent => ({
  ...event,
  metadata: { at: `2026-03-01T${time}.000Z` },
});
const grantedAt = '2026-03-01T07:00:00.000Z';
const settings = {
  name: 'Support',
  address: 'support@acme.example',
  filter: { labels: [] as string[], include: [] },
  defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
};
const added: MailboxEvent = { type: 'MailboxAdded', data: settings };
const topic = 'projects/acme/topics/gmail-notifications-t1';
const watched = at(
  {
    type: 'WatchStarted',
    data: { topic, historyId: '100', expiresAt: '2026-03-08T08:00:00.000Z', labelIds: [] },
  },
  '07:10:00',
);
const paused: MailboxEvent = { type: 'Paused', data: { reason: 'manual' } };
const disconnected = at(
  { type: 'Disconnected', data: { reason: 'manual', watchStopped: false } },
  '07:20:00',
);
type Watch = Extract<MailboxEvent, { type: 'Reset' }>['data']['watch'];
const wasReset = (watch: Watch, parkedForgotten = 0): MailboxEvent => ({
  type: 'Reset',
  data: { reason: 'spring', watch, parkedForgotten },
});
const resetAt = (time: string, watch: Watch = 'stopped'): TimedMailboxEvent => at(wasReset(watch), time);
const reset = (change: Partial<ResetMailbox> = {}): MailboxCommand => ({
  type: 'ResetMailbox',
  reason: 'spring',
  parked: 0,
  grantedAt,
  soughtAt: grantedAt,
  requestedAt: null,
  ...change,
});
const stopped = { outcome: { asked: 'stop' as const, stopped: true } };

describe('resetting a mailbox', () => {
  it('stops its watch first', () => {
    given(added, watched).when(reset()).thenAsks({ ask: 'stop' });
    given(added, watched)
      .when(reset({ parked: 2 }), stopped)
      .then(wasReset('stopped', 2));
  });

  it('says when Google could not be asked to stop it', () => {
    given(added, watched)
      .when(reset(), { outcome: { asked: 'stop', stopped: false } })
      .then(wasReset('left'));
  });

  it('asks Google for nothing where the permission is dead', () => {
    given(added, watched)
      .when(reset({ grantedAt: null }))
      .then(wasReset('left'));
  });

  it('works on whatever state it is in', () => {
    given(added)
      .when(reset({ grantedAt: null, soughtAt: null }))
      .then(wasReset('none'));
    given(added).when(reset()).then(wasReset('none'));
    given(added, watched, paused).when(reset(), stopped).then(wasReset('stopped'));
    given(added, watched, disconnected).when(reset()).then(wasReset('none'));
    given().when(reset()).thenRejected('mailbox.not-found');
    given(added, { type: 'Removed', data: { reason: 'x' } })
      .when(reset())
      .thenRejected('mailbox.not-found');
  });

  it('is done once', () => {
    given(added, watched, resetAt('07:30:00')).when(reset()).then();
  });

  it('is done again when a consent was sought or given since', () => {
    const later = '2026-03-01T07:40:00.000Z';
    given(added, watched, resetAt('07:30:00'))
      .when(reset({ soughtAt: later }))
      .then(wasReset('none'));
    given(added, watched, resetAt('07:30:00'))
      .when(reset({ grantedAt: later, soughtAt: later }))
      .then(wasReset('none'));
  });

  it('leaves alone who connected it after the reset was asked for', () => {
    given(added, watched)
      .when(reset({ requestedAt: '2026-03-01T06:59:00.000Z' }))
      .then();
    given(added, watched)
      .when(reset({ requestedAt: '2026-03-01T07:01:00.000Z' }), stopped)
      .then(wasReset('stopped'));
  });

  it('leads back to the beginning, with its settings', () => {
    given(added, watched, paused).when(reset(), stopped).thenState({
      status: 'disconnected',
      settings,
      at: '1970-01-01T00:00:00.000Z',
      reset: true,
      paused: null,
      lastTopic: null,
      failure: null,
      syncFailing: null,
    });
  });
});

describe('a mailbox that was reset', () => {
  const beginning = [added, watched, resetAt('07:30:00', 'left')];

  it('is not watched by the permission of before', () => {
    for (const type of ['StartWatch', 'RenewWatch'] as const)
      given(...beginning)
        .when({ type, topic: { name: topic }, grantedAt })
        .thenRejected('mailbox.not-connected');
  });

  it('hears nothing that was under way', () => {
    const gap = { from: '1', to: '2' };
    const late: MailboxCommand[] = [
      { type: 'ProveNotification' },
      { type: 'NoteSyncRecovered' },
      { type: 'NoteSyncFailed', problem: problem('authorization.missing'), attempt: 1, retryAt: null },
      { type: 'NoteGapDetected', ...gap, reason: 'expired' },
      { type: 'NoteGapRecovered', ...gap, recovered: 1, since: grantedAt, complete: true },
      { type: 'CheckFirstNotification', problem: problem('mailbox.no-first-notification') },
    ];
    for (const news of late)
      given(...beginning)
        .when(news)
        .then();
  });

  it('is watched anew by the next permission, and takes the watch from the topic that may still hold it', () => {
    given(...beginning)
      .when({
        type: 'StartWatch',
        topic: { name: 'projects/other/topics/t' },
        grantedAt: '2026-03-01T07:50:00.000Z',
      })
      .thenAsks({ ask: 'watch', topic: 'projects/other/topics/t', labels: [], formerTopic: topic });
  });
});

describe('taking a mailbox over', () => {
  const taken: MailboxCommand = {
    type: 'ImportMailbox',
    ...settings,
    importedFrom: 'the list',
    paused: 'manual',
  };

  it('adds it, paused where it was paused', () => {
    given()
      .when(taken)
      .then({ type: 'MailboxAdded', data: { ...settings, importedFrom: 'the list' } }, paused);
    given()
      .when({ ...taken, paused: null })
      .then({ type: 'MailboxAdded', data: { ...settings, importedFrom: 'the list' } });
  });

  it('changes nothing of what is here, and brings nothing back', () => {
    given(added)
      .when({ ...taken, name: 'Another' })
      .then();
    given(added, { type: 'Removed', data: { reason: 'x' } })
      .when(taken)
      .then();
  });
});
