import type { ProblemSeverity } from '#contracts/provider-problem';
import { hours } from '#time/clock';
import type { CalendarProviderStatus } from '../calendar/derive-calendar-status.js';
import type { ProviderStatus, ShownProblem, StatusWord } from '../status/provider-status.js';

/** A problem that the status shows and the host is told of. */
export interface PresentProblem {
  /** Of one calendar alone; null of the whole provider. */
  calendarId: string | null;
  severity: ProblemSeverity;
  problem: ShownProblem;
}

/** How a provider is, as far as the host is told. `status` null: there is no such provider any more. */
export interface ProviderView {
  status: StatusWord | null;
  problems: PresentProblem[];
}

export const gone: ProviderView = { status: null, problems: [] };

/** A permission with an end is told of when the end is near; the status shows its date from the beginning. */
export const tellOfEndBefore = hours(48);
const endingPermission: string[] = ['authorization.testing-mode', 'authorization.time-limited'];

export function viewOfMailbox(
  status: Pick<ProviderStatus, 'status' | 'problem' | 'notices' | 'authorizationExpiresAt'>,
  now: Date,
): ProviderView {
  return viewOf(status, now, problemsIn(null, status));
}

export function viewOfCalendars(
  status: Pick<CalendarProviderStatus, 'status' | 'problem' | 'notices' | 'authorizationExpiresAt'> & {
    calendars: Pick<
      CalendarProviderStatus['calendars'][number],
      'calendarId' | 'status' | 'problem' | 'notices'
    >[];
  },
  now: Date,
): ProviderView {
  const ofCalendars = status.calendars.flatMap((one) => problemsIn(one.calendarId, one));
  // The provider shows the problem of its worst calendar as its own: it is told once, where it belongs.
  const ofCalendar = ({ problem }: PresentProblem): boolean =>
    ofCalendars.some((one) => one.problem.code === problem.code && one.problem.since === problem.since);
  const ofProvider = problemsIn(null, status).filter((one) => !ofCalendar(one));
  return viewOf(status, now, [...ofProvider, ...ofCalendars]);
}

/** Who paused or disconnected a provider expects nothing of it. */
function viewOf(
  { status, authorizationExpiresAt }: { status: StatusWord; authorizationExpiresAt: string | null },
  now: Date,
  problems: PresentProblem[],
): ProviderView {
  if (status === 'disconnected') return { status, problems: [] };
  const endIsNear =
    authorizationExpiresAt !== null && Date.parse(authorizationExpiresAt) - now.getTime() <= tellOfEndBefore;
  const told = problems.filter(({ problem }) => endIsNear || !endingPermission.includes(problem.code));
  return { status, problems: withoutCopies(told) };
}

interface Shown {
  status: StatusWord;
  problem: ShownProblem | null;
  notices: ShownProblem[];
}

function problemsIn(calendarId: string | null, { status, problem, notices }: Shown): PresentProblem[] {
  const error: PresentProblem[] =
    status === 'error' && problem ? [{ calendarId, severity: 'error', problem }] : [];
  const others = status === 'error' || !problem ? notices : [problem, ...notices];
  const warnings = others.filter(needsSomebody);
  return [...error, ...warnings.map((one) => ({ calendarId, severity: 'warning' as const, problem: one }))];
}

/** What heals by itself is told when it has lasted so long that the status calls it an error. */
const needsSomebody = ({ actor, kind }: ShownProblem): boolean =>
  kind !== 'transient' && actor !== 'nobody' && actor !== 'caller';

/** The same trouble may be noticed at two places, of which one already made it an error. */
function withoutCopies(problems: PresentProblem[]): PresentProblem[] {
  const first = new Map<string, PresentProblem>();
  for (const one of problems) {
    const key = JSON.stringify([one.calendarId, one.problem.code]);
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}
