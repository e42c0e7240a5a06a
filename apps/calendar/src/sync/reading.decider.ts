import type { z } from 'zod';
import { gapReasons } from '#contracts/gap-reasons';
import type { CalendarEvent, calendarEvents } from '#contracts/calendar';
import type { Decider, Vocabulary } from '#event-sourcing/decider';
import { absent, evolve, readingOf, type ReadingState } from './reading-state.js';

type Data<Type extends keyof typeof calendarEvents> = z.infer<(typeof calendarEvents)[Type]['data']>;

/** What the reading of a calendar found out about it. Saying it again tells nothing new. */
export type ReadingNews =
  /** It was read to its end. */
  | { type: 'NoteRead'; calendarId: string }
  /** No notification came of what changed after this moment. */
  | { type: 'NoteNotificationMissing'; calendarId: string; from: string }
  | ({ type: 'NoteSyncFailed' } & Data<'SyncFailed'>)
  | ({ type: 'NoteCalendarLost' } & Data<'CalendarLost'>)
  | ({ type: 'NoteGapDetected' } & Data<'GapDetected'>)
  | ({ type: 'NoteGapRecovered' } & Data<'GapRecovered'>);

export interface Reading extends Vocabulary {
  state: ReadingState;
  command: ReadingNews;
  event: CalendarEvent;
  effect: never;
  outcome: undefined;
}

export const readingDecider: Decider<Reading> = {
  initial: absent,
  evolve,
  decide(state, news) {
    if (!state.present) return { code: 'calendar-provider.not-found' };
    const { calendarId } = news;
    const { mode, firstSynced, failing, lost, inGap, unannounced } = readingOf(state, calendarId);
    switch (news.type) {
      case 'NoteRead':
        return [
          ...(failing === null ? [] : [{ type: 'SyncRecovered' as const, data: { calendarId } }]),
          ...(firstSynced === mode
            ? []
            : [{ type: 'FirstSyncCompleted' as const, data: { calendarId, mode } }]),
        ];
      case 'NoteNotificationMissing': {
        if (unannounced || mode !== 'push') return [];
        const data = { calendarId, from: news.from, reason: gapReasons.notificationMissing };
        return [{ type: 'GapDetected', data }];
      }
      case 'NoteSyncFailed': {
        const { problem, attempt, retryAt } = news;
        if (failing === problem.code) return [];
        return [{ type: 'SyncFailed', data: { calendarId, problem, attempt, retryAt } }];
      }
      case 'NoteCalendarLost':
        return lost ? [] : [{ type: 'CalendarLost', data: { calendarId, problem: news.problem } }];
      case 'NoteGapDetected': {
        const { from, reason } = news;
        if (inGap) return [];
        return [
          { type: 'SyncTokenInvalidated', data: { calendarId, reason } },
          { type: 'GapDetected', data: { calendarId, from, reason } },
        ];
      }
      case 'NoteGapRecovered': {
        const { created, updated, deleted } = news;
        return inGap ? [{ type: 'GapRecovered', data: { calendarId, created, updated, deleted } }] : [];
      }
    }
  },
};
