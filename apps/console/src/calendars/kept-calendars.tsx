import type { KeptCalendar } from '../api/answers.js';
import { ProblemText } from '../controls/problem-text.js';
import { StatusBadge } from '../controls/status-badge.js';
import { moment } from '../providers/facts.js';
import { texts } from '../texts/texts.js';

const words = texts.calendars;

interface KeptCalendarsProps {
  calendars: KeptCalendar[];
  /** What is said of the whole account already. */
  told: string | undefined;
}

export function KeptCalendars({ calendars, told }: KeptCalendarsProps) {
  return (
    <ul className="kept">
      {calendars.map((calendar) => (
        <Kept key={calendar.calendarId} calendar={calendar} told={told} />
      ))}
    </ul>
  );
}

function Kept({ calendar, told }: { calendar: KeptCalendar; told: string | undefined }) {
  const { summary, primary, status, mode, problem, notices, lastSyncAt } = calendar;
  return (
    <li>
      <div className="kept-head">
        <span>
          <strong>{summary}</strong> {primary ? <span className="hint">{words.primary}</span> : null}
        </span>
        <StatusBadge status={status} paused={false} />
      </div>
      <p className="description">
        {words.modes[mode]}
        {lastSyncAt ? (
          <>
            {' '}
            · {texts.facts.lastSync}: {moment(lastSyncAt)}
          </>
        ) : null}
      </p>
      {problem && problem.code !== told ? <ProblemText problem={problem} /> : null}
      {notices.map((notice) => (
        <ProblemText key={notice.code} problem={notice} tone="note" />
      ))}
    </li>
  );
}
