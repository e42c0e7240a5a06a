import { isNotificationMissing } from '#contracts/gap-reasons';
import type { MailboxDefaults, MailboxEvent, MailboxFilter } from '#contracts/gmail';
import type { EventMetadata } from '#event-sourcing/event-store';
import type { Problem, ProblemCode } from '#problems/problem';

export interface Settings {
  name: string;
  address: string;
  filter: MailboxFilter;
  defaults: MailboxDefaults;
}

export interface WatchFailure {
  problem: Problem;
  attempt: number;
}

export interface Watch {
  topic: string;
  /** The label names that it was started for. */
  labels: string[];
  startedAt: string;
  renewedAt: string;
  expiresAt: string;
}

interface Present {
  settings: Settings;
  /** Why nothing is read; null while it is. */
  paused: string | null;
  /** The topic of the last watch that Gmail gave us, which it may still hold. */
  lastTopic: string | null;
  failure: WatchFailure | null;
  /** The trouble with reading that was told last. */
  syncFailing: ProblemCode | null;
}

export type PresentMailbox = Present &
  (
    | { status: 'unwatched' }
    | { status: 'watched'; watch: Watch; proof: 'awaited' | 'missed' | 'proven' }
    /** Only a permission given after this moment counts. */
    | { status: 'disconnected'; at: string; reset: boolean }
  );

export type MailboxState = { status: 'absent' } | { status: 'removed' } | PresentMailbox;

/** A mailbox's event; from the store it comes with its time. */
export type TimedMailboxEvent = MailboxEvent & { metadata?: Pick<EventMetadata, 'at'> };

export const isPresent = (state: MailboxState): state is PresentMailbox =>
  state.status !== 'absent' && state.status !== 'removed';

const longAgo = new Date(0).toISOString();

/** The state after an event. @throws on an event that does not belong there */
export function evolve(state: MailboxState, event: TimedMailboxEvent): MailboxState {
  const at = event.metadata?.at ?? longAgo;
  if (event.type === 'MailboxAdded') {
    const { name, address, filter, defaults } = event.data;
    return {
      status: 'unwatched',
      settings: { name, address, filter, defaults },
      paused: null,
      lastTopic: null,
      failure: null,
      syncFailing: null,
    };
  }
  if (!isPresent(state)) throw new Error(`${event.type} of a mailbox that is ${state.status}.`);

  switch (event.type) {
    case 'MailboxRenamed':
    case 'FilterSet':
    case 'DefaultsSet':
      return { ...state, settings: { ...state.settings, ...event.data } };
    case 'WatchStarted': {
      const { topic, expiresAt } = event.data;
      const { labels } = state.settings.filter;
      return {
        ...base(state),
        status: 'watched',
        watch: { topic, labels, startedAt: at, renewedAt: at, expiresAt },
        proof: 'awaited',
        lastTopic: topic,
        failure: null,
      };
    }
    case 'WatchRenewed':
      return state.status === 'watched'
        ? {
            ...state,
            watch: {
              ...state.watch,
              labels: state.settings.filter.labels,
              renewedAt: at,
              expiresAt: event.data.expiresAt,
            },
            failure: null,
          }
        : state;
    case 'WatchFailed':
    case 'WatchRenewalFailed':
      return {
        ...state,
        failure: { problem: event.data.problem as Problem, attempt: event.data.attempt },
      };
    case 'NotificationProven':
      return state.status === 'watched' ? { ...state, proof: 'proven' } : state;
    case 'NotificationMissed':
      return state.status === 'watched' ? { ...state, proof: 'missed' } : state;
    case 'SyncFailed':
      return { ...state, syncFailing: event.data.problem.code };
    case 'SyncRecovered':
      return { ...state, syncFailing: null };
    case 'GapDetected':
      return state.status === 'watched' && isNotificationMissing(event.data)
        ? { ...state, proof: 'awaited' }
        : state;
    case 'GapRecovered':
      return state;
    case 'Paused':
      return { ...state, paused: event.data.reason };
    case 'Resumed':
      return { ...state, paused: null };
    case 'Disconnected':
      return {
        ...base(state),
        status: 'disconnected',
        at,
        reset: false,
        failure: null,
        syncFailing: null,
      };
    case 'Reset':
      return {
        settings: state.settings,
        status: 'disconnected',
        at,
        reset: true,
        paused: null,
        lastTopic: event.data.watch === 'left' ? state.lastTopic : null,
        failure: null,
        syncFailing: null,
      };
    case 'Removed':
      return { status: 'removed' };
    default:
      throw new Error(`A mailbox knows no ${(event as { type: string }).type}.`);
  }
}

const base = ({ settings, paused, lastTopic, failure, syncFailing }: PresentMailbox): Present => ({
  settings,
  paused,
  lastTopic,
  failure,
  syncFailing,
});

/** When the permission that counts now was given; null while there is none. */
export interface Permission {
  grantedAt: string | null;
}

/** A permission that was given before the mailbox was disconnected is on its way out. */
export const isConnected = (state: PresentMailbox, { grantedAt }: Permission): boolean =>
  grantedAt !== null && !(state.status === 'disconnected' && grantedAt <= state.at);
