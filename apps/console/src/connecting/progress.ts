import type { CalendarProvider, KeptCalendar, Mailbox } from '../api/answers.js';
import { texts } from '../texts/texts.js';

export type StageState = 'done' | 'now' | 'open' | 'stopped';

export interface Stage {
  name: string;
  state: StageState;
}

const words = texts.progress;

/** From the permission to the first notification, as the status tells it. */
export function mailboxStages({ status, tokenState, watchExpiresAt, provenAt }: Mailbox): Stage[] {
  return staged(
    [
      [words.permission, tokenState === 'valid' || tokenState === 'refused'],
      [words.watched, watchExpiresAt !== null],
      [words.proven, provenAt !== null],
    ],
    status === 'error',
  );
}

export function calendarStages({ status, tokenState, calendars }: CalendarProvider): Stage[] {
  const chosen = calendars.length > 0;
  return staged(
    [
      [words.permission, tokenState === 'valid' || tokenState === 'refused'],
      [words.chosen, chosen],
      [words.read, chosen && calendars.every(({ firstSyncAt }) => firstSyncAt !== null)],
      [
        lastStageOf(calendars),
        chosen && calendars.every(({ mode, provenAt }) => mode === 'polling' || provenAt !== null),
      ],
    ],
    status === 'error',
  );
}

/** Some calendars Google does not notify about. */
function lastStageOf(calendars: KeptCalendar[]): string {
  if (calendars.every(({ mode }) => mode !== 'polling')) return words.proven;
  return calendars.every(({ mode }) => mode === 'polling') ? words.compared : words.provenOrCompared;
}

function staged(stages: [name: string, reached: boolean][], stopped: boolean): Stage[] {
  const first = stages.findIndex(([, reached]) => !reached);
  return stages.map(([name, reached], index) => ({
    name,
    state:
      first < 0 || (reached && index < first) ? 'done' : index > first ? 'open' : stopped ? 'stopped' : 'now',
  }));
}
