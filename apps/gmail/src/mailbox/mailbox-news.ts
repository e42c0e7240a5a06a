import { gapReasons } from '#contracts/gap-reasons';
import type { MailboxEvent, mailboxEvents } from '#contracts/gmail';
import type { Problem } from '#problems/problem';
import { minutes } from '#time/clock';
import type { z } from 'zod';
import type { PresentMailbox } from './mailbox-state.js';

type Data<Type extends keyof typeof mailboxEvents> = z.infer<(typeof mailboxEvents)[Type]['data']>;

/** What the reading of a mailbox, or the clock, found out about it. Saying it again tells nothing new. */
export type MailboxNews =
  /** A notification came, whatever was in it. */
  | { type: 'ProveNotification' }
  /** The problem to name if no notification has come. */
  | { type: 'CheckFirstNotification'; problem: Problem }
  | { type: 'NoteSyncFailed'; problem: Problem; attempt: number; retryAt: string | null }
  | { type: 'NoteSyncRecovered' }
  /** No notification came of what was found between these positions. */
  | { type: 'NoteNotificationMissing'; from: string; to: string }
  | ({ type: 'NoteGapDetected' } & Data<'GapDetected'>)
  | ({ type: 'NoteGapRecovered' } & Data<'GapRecovered'>);

/** The check is asked for after five minutes, by a clock that may be a little behind ours. */
const patience = minutes(4);

export function decideOnNews(state: PresentMailbox, news: MailboxNews, now: Date): MailboxEvent[] {
  switch (news.type) {
    case 'ProveNotification':
      return state.status === 'watched' && state.proof !== 'proven'
        ? [{ type: 'NotificationProven', data: {} }]
        : [];
    case 'CheckFirstNotification': {
      if (state.status !== 'watched' || state.proof !== 'awaited' || state.paused !== null) return [];
      const early = now.getTime() - Date.parse(state.watch.startedAt) < patience;
      return early ? [] : [{ type: 'NotificationMissed', data: { problem: news.problem } }];
    }
    case 'NoteSyncFailed': {
      const { problem, attempt, retryAt } = news;
      if (state.status === 'disconnected' || state.syncFailing === problem.code) return [];
      return [{ type: 'SyncFailed', data: { problem, attempt, retryAt } }];
    }
    case 'NoteSyncRecovered':
      return state.syncFailing === null ? [] : [{ type: 'SyncRecovered', data: {} }];
    case 'NoteNotificationMissing': {
      if (state.status !== 'watched' || state.proof !== 'proven' || state.paused !== null) return [];
      const { from, to } = news;
      return [{ type: 'GapDetected', data: { from, to, reason: gapReasons.notificationMissing } }];
    }
    case 'NoteGapDetected': {
      if (wasReset(state)) return [];
      const { from, to, reason } = news;
      return [{ type: 'GapDetected', data: { from, to, reason } }];
    }
    case 'NoteGapRecovered': {
      if (wasReset(state)) return [];
      const { from, to, recovered, since, complete } = news;
      return [{ type: 'GapRecovered', data: { from, to, recovered, since, complete } }];
    }
  }
}

/** What a reading that was under way then found is of no interest to whoever connects next. */
const wasReset = (state: PresentMailbox): boolean => state.status === 'disconnected' && state.reset;
