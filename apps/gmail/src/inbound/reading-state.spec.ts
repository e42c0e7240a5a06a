import type { MailboxEvent } from '#contracts/gmail';
import { obstacleOf, readingStateOf } from './reading-state.js';

const added: MailboxEvent = {
  type: 'MailboxAdded',
  data: {
    name: 'Support',
    address: 'support@acme.example',
    filter: { labels: ['Tickets'], include: [] },
    defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
  },
};
const watched = (historyId: string): MailboxEvent => ({
  type: 'WatchStarted',
  data: { topic: 'projects/p/topics/t', historyId, expiresAt: '2026-03-08T08:00:00.000Z', labelIds: [] },
});
const paused: MailboxEvent = { type: 'Paused', data: { reason: 'manual' } };
const resumed: MailboxEvent = { type: 'Resumed', data: {} };
const disconnected: MailboxEvent = { type: 'Disconnected', data: { reason: 'x', watchStopped: true } };
const removed: MailboxEvent = { type: 'Removed', data: { reason: 'x' } };
const proven: MailboxEvent = { type: 'NotificationProven', data: {} };

describe('a mailbox', () => {
  it.each<[string, MailboxEvent[], ReturnType<typeof obstacleOf>]>([
    ['that is not there', [], 'mailbox.not-found'],
    ['that was never watched', [added], 'mailbox.not-connected'],
    ['that is watched', [added, watched('5')], null],
    ['that is paused', [added, watched('5'), paused], 'mailbox.paused'],
    ['that is resumed', [added, watched('5'), paused, resumed], null],
    ['that is disconnected', [added, watched('5'), disconnected], 'mailbox.not-connected'],
    ['that is connected again', [added, watched('5'), disconnected, watched('9')], null],
    ['that was removed', [added, watched('5'), disconnected, removed], 'mailbox.not-found'],
  ])('%s has this obstacle to being read', (_which, history, obstacle) => {
    expect(obstacleOf(readingStateOf(history))).toBe(obstacle);
  });

  it('is of interest from its first watch on, also after it was connected again', () => {
    expect(readingStateOf([added, watched('5'), disconnected, watched('9')]).watchedFrom).toBe('5');
  });

  it('has to be proven anew after each start of a watch', () => {
    expect(readingStateOf([added, watched('5'), proven]).proven).toBe(true);
    expect(readingStateOf([added, watched('5'), proven, watched('9')]).proven).toBe(false);
  });

  it('has to be proven anew when notifications are missing, and is searched for nothing', () => {
    const missing: MailboxEvent = {
      type: 'GapDetected',
      data: { from: '5', to: '9', reason: 'notification-missing' },
    };
    const state = readingStateOf([added, watched('5'), proven, missing]);
    expect(state).toMatchObject({ proven: false, gap: null });
    expect(readingStateOf([added, watched('5'), proven, missing, proven]).proven).toBe(true);
  });
});
