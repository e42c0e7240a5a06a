import type { MailboxEvent, MailboxFilter } from '#contracts/gmail';
import type { ProblemCode } from '#problems/problem';

/** What reading has to know of a mailbox, from the mailbox's own stream: never behind, unlike the read model. */
export interface ReadingState {
  /** Read only while `watched`. */
  status: 'absent' | 'unwatched' | 'watched';
  paused: boolean;
  address: string;
  filter: MailboxFilter;
  /** A notification arrived since the watch was started. */
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
  proven: false,
  failing: null,
  watchedFrom: null,
  gap: null,
};

export const readingStateOf = (history: MailboxEvent[]): ReadingState => history.reduce(evolve, absent);

function evolve(state: ReadingState, event: MailboxEvent): ReadingState {
  switch (event.type) {
    case 'MailboxAdded':
      return { ...absent, status: 'unwatched', address: event.data.address, filter: event.data.filter };
    case 'FilterSet':
      return { ...state, filter: event.data.filter };
    case 'WatchStarted': {
      const watchedFrom = state.watchedFrom ?? event.data.historyId;
      return { ...state, status: 'watched', proven: false, watchedFrom };
    }
    case 'NotificationProven':
      return { ...state, proven: true };
    case 'SyncFailed':
      return { ...state, failing: event.data.problem.code };
    case 'SyncRecovered':
      return { ...state, failing: null };
    case 'GapDetected':
      return { ...state, gap: { from: event.data.from, to: event.data.to } };
    case 'GapRecovered':
      return { ...state, gap: null };
    case 'Paused':
      return { ...state, paused: true };
    case 'Resumed':
      return { ...state, paused: false };
    case 'Disconnected':
      return { ...state, status: 'unwatched', proven: false, failing: null };
    case 'Reset':
      return { ...absent, status: 'unwatched', address: state.address, filter: state.filter };
    case 'Removed':
      return absent;
    case 'MailboxRenamed':
    case 'DefaultsSet':
    case 'WatchFailed':
    case 'WatchRenewed':
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
