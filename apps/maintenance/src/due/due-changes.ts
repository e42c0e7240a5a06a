import type { MailboxEvent, TopicEvent } from '#contracts/gmail';
import { parseStreamName } from '#event-sourcing/stream-name';
import { hours, minutes } from '#time/clock';

/** The commands that the due list can ask for. */
export type DueCommand =
  'ProvisionTopic' | 'VerifyTopic' | 'StartWatch' | 'RenewWatch' | 'CheckFirstNotification' | 'SyncMailbox';

/**
 * What an event changes on the due list: a command is due at a time (again every so often), or no longer at all. A deadline says when
 * what the command protects is lost; without one, that of the row is kept.
 */
export type DueChange =
  | { command: DueCommand; dueAt: Date; everyMs?: number; deadline?: Date }
  | { command: DueCommand | 'all'; dueAt: null };

type Scheduled = (MailboxEvent | TopicEvent) & { metadata: { at: string }; stream: string };

const renewAfter = hours(24);
const proofWithin = minutes(5);
const compareEvery = minutes(10);
const verifyEvery = hours(6);

/** Pure: the same event always gives the same changes. */
export function dueChanges(event: Scheduled): DueChange[] {
  const at = Date.parse(event.metadata.at);
  const after = (ms: number): Date => new Date(at + ms);
  switch (event.type) {
    case 'WatchStarted':
      return [
        { command: 'StartWatch', dueAt: null },
        {
          command: 'RenewWatch',
          dueAt: renewal(at, event.data.expiresAt, event.stream),
          deadline: new Date(event.data.expiresAt),
        },
        { command: 'CheckFirstNotification', dueAt: after(proofWithin) },
        { command: 'SyncMailbox', dueAt: after(spread(compareEvery, event.stream)), everyMs: compareEvery },
      ];
    case 'WatchRenewed':
      return [
        {
          command: 'RenewWatch',
          dueAt: renewal(at, event.data.expiresAt, event.stream),
          deadline: new Date(event.data.expiresAt),
        },
      ];
    case 'WatchFailed':
      return [retry('StartWatch', event.data.retryAt)];
    case 'WatchRenewalFailed':
      return [retry('RenewWatch', event.data.retryAt)];
    case 'NotificationProven':
    case 'NotificationMissed':
      return [{ command: 'CheckFirstNotification', dueAt: null }];
    case 'TopicProvisioned':
      return [
        { command: 'ProvisionTopic', dueAt: null },
        { command: 'VerifyTopic', dueAt: after(spread(verifyEvery, event.stream)), everyMs: verifyEvery },
      ];
    case 'TopicProvisioningFailed':
      // By the command that gives up once no mailbox needs the topic.
      return [retry('VerifyTopic', event.data.retryAt)];
    case 'TopicLeft':
      return [{ command: 'VerifyTopic', dueAt: null }];
    case 'SyncFailed':
      return event.data.retryAt
        ? [{ command: 'SyncMailbox', dueAt: new Date(event.data.retryAt), everyMs: compareEvery }]
        : [];
    case 'Paused':
    case 'Disconnected':
    case 'Reset':
    case 'Removed':
      return [{ command: 'all', dueAt: null }];
    case 'MailboxAdded':
    case 'MailboxRenamed':
    case 'FilterSet':
    case 'DefaultsSet':
    case 'Resumed':
    case 'SyncRecovered':
    case 'GapDetected':
    case 'GapRecovered':
      return [];
  }
}

const retry = (command: DueCommand, retryAt: string | null): DueChange => ({
  command,
  dueAt: retryAt === null ? null : new Date(retryAt),
});

/** Daily, as Google advises, but never later than half of what is left. */
function renewal(at: number, expiresAt: string, stream: string): Date {
  const left = Date.parse(expiresAt) - at;
  return new Date(at + spread(Math.min(renewAfter, left / 2), stream));
}

/** Between 90 and 100 per cent of the interval, the same for each stream, so that what began together does not come due together. */
function spread(intervalMs: number, stream: string): number {
  const { tenantId, id = tenantId } = parseStreamName(stream);
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)!) % 1_000;
  return Math.round(intervalMs * (1 - hash / 10_000));
}
