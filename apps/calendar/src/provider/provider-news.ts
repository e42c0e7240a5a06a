import type { z } from 'zod';
import type { CalendarEvent, calendarEvents } from '#contracts/calendar';
import type { Problem } from '#problems/problem';
import { presentChannel, renewalOf } from '../channels/channel-life.js';
import { calendarIn, type PresentProvider } from './provider-state.js';

type Data<Type extends keyof typeof calendarEvents> = z.infer<(typeof calendarEvents)[Type]['data']>;

/** What the reading of a calendar found out about it. Saying it again tells nothing new. */
export type CalendarNews =
  /** A notification came through one of the calendar's channels, whatever was in it. */
  | { type: 'ProveNotification'; calendarId: string }
  /** The calendar was read completely: the first time is told, whatever is asked more. */
  | { type: 'NoteFirstSync'; calendarId: string }
  | { type: 'NoteSyncFailed'; calendarId: string; problem: Problem; attempt: number; retryAt: string | null }
  | { type: 'NoteSyncRecovered'; calendarId: string }
  | { type: 'NoteCalendarLost'; calendarId: string; problem: Problem }
  | ({ type: 'NoteSyncTokenInvalidated' } & Data<'SyncTokenInvalidated'>)
  | ({ type: 'NoteGapDetected' } & Data<'GapDetected'>)
  | ({ type: 'NoteGapRecovered' } & Data<'GapRecovered'>);

/** Of a calendar that is not chosen any more there is no news. */
export function decideOnNews(state: PresentProvider, news: CalendarNews, now: Date): CalendarEvent[] {
  const { calendarId } = news;
  const calendar = calendarIn(state, calendarId);
  if (!calendar.chosen) return [];
  switch (news.type) {
    case 'ProveNotification': {
      if (calendar.proven || calendar.channels.length === 0) return [];
      const present = presentChannel(calendar, now);
      const renewAt = present
        ? renewalOf({ proven: true, unprovenOpenings: 0 }, present.channelId, present.opened!)
        : null;
      return [{ type: 'NotificationProven', data: { calendarId, renewAt } }];
    }
    case 'NoteFirstSync': {
      if (calendar.firstSynced) return [];
      const mode = calendar.mode === 'polling' ? 'polling' : 'push';
      return [{ type: 'FirstSyncCompleted', data: { calendarId, mode } }];
    }
    case 'NoteSyncFailed': {
      const { problem, attempt, retryAt } = news;
      if (calendar.syncFailing === problem.code) return [];
      return [{ type: 'SyncFailed', data: { calendarId, problem, attempt, retryAt } }];
    }
    case 'NoteSyncRecovered':
      return calendar.syncFailing === null && !calendar.lost
        ? []
        : [{ type: 'SyncRecovered', data: { calendarId } }];
    case 'NoteCalendarLost':
      return calendar.lost ? [] : [{ type: 'CalendarLost', data: { calendarId, problem: news.problem } }];
    case 'NoteSyncTokenInvalidated':
      return [{ type: 'SyncTokenInvalidated', data: { calendarId, reason: news.reason } }];
    case 'NoteGapDetected':
      return [{ type: 'GapDetected', data: { calendarId, from: news.from, reason: news.reason } }];
    case 'NoteGapRecovered': {
      const { created, updated, deleted } = news;
      return [{ type: 'GapRecovered', data: { calendarId, created, updated, deleted } }];
    }
  }
}
