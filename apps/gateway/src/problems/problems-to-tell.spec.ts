import { describeProblem, problem, type ProblemCode } from '#problems/problem';
import { hours } from '#time/clock';
import type { ShownProblem } from '../status/provider-status.js';
import { viewOfCalendars, viewOfMailbox } from './problems-to-tell.js';

const now = new Date('2026-11-23T12:00:00.000Z');
const shown = (code: ProblemCode, since = '2026-11-23T11:00:00.000Z'): ShownProblem => ({
  ...describeProblem(problem(code)),
  link: null,
  since,
  nextAttemptAt: null,
});
const mailbox = {
  status: 'connected' as const,
  problem: null,
  notices: [] as ShownProblem[],
  authorizationExpiresAt: null as string | null,
};
const told = ({ problems }: ReturnType<typeof viewOfMailbox>): string[] =>
  problems.map(
    ({ calendarId, severity, problem: { code } }) =>
      `${severity} ${calendarId ? `${calendarId} ` : ''}${code}`,
  );

it('tells of what is an error, also when it will heal by itself', () => {
  const status = { ...mailbox, status: 'error' as const, problem: shown('gmail.unavailable') };
  expect(told(viewOfMailbox(status, now))).toEqual(['error gmail.unavailable']);
});

it('warns of what needs a person while it works, and leaves out what heals by itself', () => {
  const notices = [
    shown('gmail.unavailable'),
    shown('mailbox.gap-searched'),
    shown('mailbox.messages-parked'),
  ];
  expect(told(viewOfMailbox({ ...mailbox, notices }, now))).toEqual(['warning mailbox.messages-parked']);
  const configuring = { ...mailbox, status: 'configuring' as const, problem: shown('pubsub.not-proven') };
  expect(told(viewOfMailbox(configuring, now))).toEqual(['warning pubsub.not-proven']);
});

it('warns of a permission that ends two days before', () => {
  const ending = (inMs: number) => ({
    ...mailbox,
    notices: [shown('authorization.testing-mode')],
    authorizationExpiresAt: new Date(now.getTime() + inMs).toISOString(),
  });
  expect(told(viewOfMailbox(ending(hours(49)), now))).toEqual([]);
  expect(told(viewOfMailbox(ending(hours(48)), now))).toEqual(['warning authorization.testing-mode']);
});

it('tells nothing of a provider that somebody paused or disconnected', () => {
  const status = {
    ...mailbox,
    status: 'disconnected' as const,
    problem: shown('mailbox.paused'),
    notices: [shown('pubsub.permission-denied')],
  };
  expect(viewOfMailbox(status, now)).toEqual({ status: 'disconnected', problems: [] });
});

it('tells the problem of a calendar once, at the calendar, and that of the account at the provider', () => {
  const lost = shown('calendar.gone');
  const calendars = [
    { calendarId: 'a', status: 'error' as const, problem: lost, notices: [] },
    {
      calendarId: 'b',
      status: 'connected' as const,
      problem: null,
      notices: [shown('calendar.webhook-refused')],
    },
  ];
  const status = { ...mailbox, status: 'error' as const, problem: lost, calendars };
  expect(told(viewOfCalendars(status, now))).toEqual([
    'error a calendar.gone',
    'warning b calendar.webhook-refused',
  ]);
  const revoked = { ...status, problem: shown('authorization.revoked') };
  expect(told(viewOfCalendars(revoked, now))).toEqual([
    'error authorization.revoked',
    'error a calendar.gone',
    'warning b calendar.webhook-refused',
  ]);
});
