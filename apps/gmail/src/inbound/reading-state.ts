import { isNotificationMissing } from '#contracts/gap-reasons';
import type { MailboxFilter } from '#contracts/gmail';
import type { ProblemCode } from '#problems/problem';
import type { TimedMailboxEvent } from '../mailbox/mailbox-state.js';

/** What reading has to know of a mailbox, from the mailbox's own stream: never behind, unlike the read model. */
export interface ReadingState {
  /** Read only while `watched`. */
  status: 'absent' | 'unwatched' | 'watched';
  paused: boolean;
  address: string;
  filter: MailboxFilter;
  /** The present watch as Google gave it. */
  watch: { startedAt: string; expiresAt: string } | null;
  /** A notification arrived since the watch was started, and none was found missing since. */
  proven: boolean;
  failing: ProblemCode | null;
  /** Where the first watch began: nothing before it is of interest. */
  watchedFrom: string | null;
  /** A history that Google has forgotten, and whose messages are being searched. */
  gap: { from: string; to: string } | null;
}

const absent: ReadingState = {
  status: 'absent',
  paused: false,
  address: '',
  filter: { labels: [], include: [] },
  watch: null,
  proven: false,
  failing: null,
  watchedFrom: null,
  gap: null,
};

const longAgo = new Date(0).toISOString();

export const readingStateOf = (history: TimedMailboxEvent[]): ReadingState => history.reduce(evolve, absent);

function evolve(state: ReadingState, event: TimedMailboxEvent): ReadingState {
  switch (event.type) {
    case 'MailboxAdded':
      return { ...absent, status: 'unwatched', address: event.data.address, filter: event.data.filter };
    case 'FilterSet':
      return { ...state, filter: event.data.filter };
    case 'WatchStarted': {
      const watchedFrom = state.watchedFrom ?? event.data.historyId;
      const watch = { startedAt: event.metadata?.at ?? longAgo, expiresAt: event.data.expiresAt };
      return { ...state, status: 'watched', watch, proven: false, watchedFrom };
    }
    case 'WatchRenewed':
      return { ...state, watch: state.watch && { ...state.watch, expiresAt: event.data.expiresAt } };
    case 'NotificationProven':
      return { ...state, proven: true };
    case 'SyncFailed':
      return { ...state, failing: event.data.problem.code };
    case 'SyncRecovered':
      return { ...state, failing: null };
    case 'GapDetected':
      return isNotificationMissing(event.data)
        ? { ...state, proven: false }
        : { ...state, gap: { from: event.data.from, to: event.data.to } };
    case 'GapRecovered':
      return { ...state, gap: null };
    case 'Paused':
      return { ...state, paused: true };
    case 'Resumed':
      return { ...state, paused: false };
    case 'Disconnected':
      return { ...state, status: 'unwatched', watch: null, proven: false, failing: null };
    case 'Reset':
      return { ...absent, status: 'unwatched', address: state.address, filter: state.filter };
    case 'Removed':
      return absent;
    case 'MailboxRenamed':
    case 'DefaultsSet':
    case 'WatchFailed':
    case 'WatchRenewalFailed':
    case 'NotificationMissed':
      return state;
  }
}

/** Why the mailbox is not to be read at present, or null. */
export function obstacleOf(
  state: ReadingState,
): 'mailbox.not-found' | 'mailbox.not-connected' | 'mailbox.paused' | null {
  if (state.status === 'absent') return 'mailbox.not-found';
  if (state.status === 'unwatched') return 'mailbox.not-connected';
  return state.paused ? 'mailbox.paused' : null;
}
