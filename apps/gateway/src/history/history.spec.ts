import type { RecordedEvent } from '#event-sourcing/event-store';
import { told } from './history.js';

const event = (stream: string, revision: number, at: string, type = 'Resumed', data = {}): RecordedEvent => ({
  stream,
  revision,
  position: `${stream} ${revision}`,
  type,
  data,
  metadata: {
    id: `${stream} ${revision}`,
    tenantId: 't1',
    correlationId: 'c',
    causationId: 'x',
    at: `2026-11-23T12:00:0${at}.000Z`,
    by: 'u1',
  },
});
const ids = (events: RecordedEvent[]) => told(events).map(({ id }) => id);

it('lets the streams of a mailbox flow together by time', () => {
  const events = [
    event('googleApp-t1', 0, '2', 'ConfigCleared'),
    event('mailbox-t1+p1', 0, '1'),
    event('mailbox-t1+p1', 1, '3'),
  ];
  expect(ids(events)).toEqual(['mailbox-t1+p1 0', 'googleApp-t1 0', 'mailbox-t1+p1 1']);
});

it('keeps the order of a stream, also where a replica’s clock was behind', () => {
  const events = [
    event('mailbox-t1+p1', 0, '5'),
    event('mailbox-t1+p1', 1, '1'),
    event('grant-t1+p1', 0, '3', 'GrantForgotten', { product: null, reason: 'x', revoked: false }),
  ];
  expect(ids(events)).toEqual(['grant-t1+p1 0', 'mailbox-t1+p1 0', 'mailbox-t1+p1 1']);
});

it('says what led to what', () => {
  const cause = event('grant-t1+p1', 0, '1', 'AccessTokenRefreshed', { product: 'gmail' });
  const effect = event('mailbox-t1+p1', 0, '2');
  const caused = { ...effect, metadata: { ...effect.metadata, causationId: cause.metadata.id } };
  expect(told([cause, caused]).map(({ causedBy }) => causedBy)).toEqual([
    null,
    'Google gives access tokens again.',
  ]);
});

it('shows an event that this version does not know, instead of hiding it', () => {
  expect(told([event('mailbox-t1+p1', 0, '1', 'MailboxPainted')])).toMatchObject([
    { sentence: 'MailboxPainted.' },
  ]);
});
