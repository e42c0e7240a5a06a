import { isNotificationMissing } from '#contracts/gap-reasons';
import { mailboxEvents, type MailboxDefaults, type MailboxEvent, type MailboxFilter } from '#contracts/gmail';
import type { Problem } from '#problems/problem';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { stillWrong, type Trouble } from './trouble.js';

/** What the mailbox's own events say about it. Times are ISO. */
export interface MailboxFacet {
  name: string;
  address: string;
  filter: MailboxFilter;
  defaults: MailboxDefaults;
  addedAt: string;
  watch: { topic: string; startedAt: string; renewedAt: string; expiresAt: string } | null;
  watchTrouble: Trouble | null;
  provenAt: string | null;
  /** The first notification is overdue. */
  missed: { problem: Problem; since: string } | null;
  /** Mail was found that no notification had announced. Absent in what was projected before there was such a thing. */
  unannounced?: { since: string } | null;
  syncTrouble: Trouble | null;
  /** Google’s history had a gap that is being searched. */
  gapSince: string | null;
  /** The last search for a gap reached its limit before everything was looked at. */
  gapLeft: { at: string; since: string } | null;
  paused: { reason: string; since: string } | null;
  disconnected: { reason: string; since: string } | null;
  /** What of a permission and of consents came before does not count. */
  resetAt?: string;
  removed: boolean;
}

const added = (
  data: Pick<MailboxFacet, 'name' | 'address' | 'filter' | 'defaults'>,
  at: string,
): MailboxFacet => ({
  ...data,
  addedAt: at,
  watch: null,
  watchTrouble: null,
  provenAt: null,
  missed: null,
  syncTrouble: null,
  gapSince: null,
  gapLeft: null,
  paused: null,
  disconnected: null,
  removed: false,
});

/** @throws on an event that it does not know, so that the projection parks it instead of showing half of the truth */
export function mailboxAfter(before: MailboxFacet | null, recorded: RecordedEvent): MailboxFacet {
  const event = known(recorded);
  const { at } = recorded.metadata;
  if (event.type === 'MailboxAdded') return added(event.data, at);
  if (!before) throw new Error(`${recorded.type} of a mailbox that was never added (${recorded.stream}).`);
  return { ...before, ...changeBy(event, before, at) };
}

function changeBy(
  event: Exclude<MailboxEvent, { type: 'MailboxAdded' }>,
  before: MailboxFacet,
  at: string,
): Partial<MailboxFacet> {
  switch (event.type) {
    case 'MailboxRenamed':
      return { name: event.data.name };
    case 'FilterSet':
      return { filter: event.data.filter };
    case 'DefaultsSet':
      return { defaults: event.data.defaults };
    case 'WatchStarted': {
      const { topic, expiresAt } = event.data;
      return {
        watch: { topic, startedAt: at, renewedAt: at, expiresAt },
        watchTrouble: null,
        // Another watch may go another way: it is proven anew, by the notification that Gmail sends at once.
        provenAt: null,
        missed: null,
        disconnected: null,
      };
    }
    case 'WatchRenewed': {
      const { topic, expiresAt } = event.data;
      const startedAt = before.watch?.startedAt ?? at;
      return { watch: { topic, startedAt, renewedAt: at, expiresAt }, watchTrouble: null };
    }
    case 'WatchFailed':
    case 'WatchRenewalFailed':
      return { watchTrouble: stillWrong(before.watchTrouble, event.data, at) };
    case 'NotificationProven':
      return { provenAt: at, missed: null, unannounced: null };
    case 'NotificationMissed':
      return { missed: before.missed ?? { problem: event.data.problem, since: at } };
    case 'SyncFailed':
      return { syncTrouble: stillWrong(before.syncTrouble, event.data, at) };
    case 'SyncRecovered':
      return { syncTrouble: null };
    case 'GapDetected':
      return isNotificationMissing(event.data)
        ? { unannounced: { since: at }, provenAt: null }
        : { gapSince: at };
    case 'GapRecovered':
      return { gapSince: null, gapLeft: event.data.complete ? null : { at, since: event.data.since } };
    case 'Paused':
      return { paused: { reason: event.data.reason, since: at } };
    case 'Resumed':
      return { paused: null };
    case 'Disconnected':
      return {
        disconnected: { reason: event.data.reason, since: at },
        watch: null,
        watchTrouble: null,
        provenAt: null,
        missed: null,
        unannounced: null,
        syncTrouble: null,
        gapSince: null,
      };
    case 'Reset':
      return {
        disconnected: { reason: event.data.reason, since: at },
        resetAt: at,
        watch: null,
        watchTrouble: null,
        provenAt: null,
        missed: null,
        syncTrouble: null,
        gapSince: null,
        gapLeft: null,
        paused: null,
      };
    case 'Removed':
      return { removed: true };
  }
}

function known({ type, data }: RecordedEvent): MailboxEvent {
  if (!Object.hasOwn(mailboxEvents, type)) throw new Error(`"${type}" is not an event of mailboxes.`);
  const contract = mailboxEvents[type as keyof typeof mailboxEvents];
  return { type: contract.type, data: contract.data.parse(data) } as MailboxEvent;
}
