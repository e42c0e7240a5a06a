import { problem } from '#problems/problem';
import type { PresentMailbox } from '../mailbox/mailbox-state.js';
import { gmailFindings, recordedFindings, type Recorded } from './mailbox-verdicts.js';

const now = new Date('2026-11-25T08:00:00Z');
const unwatched: PresentMailbox = {
  status: 'unwatched',
  settings: {
    name: 'Support',
    address: 'Support@acme.example',
    filter: { labels: ['Tickets'], include: [] },
    defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
  },
  paused: null,
  lastTopic: null,
  failure: null,
  syncFailing: null,
};
const watched = (expiresAt: string, proof: 'awaited' | 'missed' | 'proven' = 'proven'): PresentMailbox => ({
  ...unwatched,
  status: 'watched',
  watch: { topic: 't', labels: [], startedAt: 'then', renewedAt: 'then', expiresAt },
  proof,
});
const inShort = (findings: ReturnType<typeof gmailFindings>) =>
  Object.fromEntries(
    findings.map((finding) => [
      finding.check,
      'problem' in finding ? `${finding.result} ${finding.problem.code}` : finding.result,
    ]),
  );

const labels = { ok: true as const, value: [{ id: 'Label_1', name: 'Tickets', type: 'user' as const }] };
const seen = (address: string) => ({ profile: { ok: true as const, value: { address } }, labels });

it('compares addresses without regard to case', () => {
  expect(inShort(gmailFindings(unwatched, seen('support@ACME.example')))).toEqual({
    'mailbox.readable': 'pass',
    'mailbox.account': 'pass',
    'mailbox.labels': 'pass',
  });
});

it('names another mailbox, and a label that is gone', () => {
  const there = { ...seen('boss@acme.example'), labels: { ok: true as const, value: [] } };
  expect(inShort(gmailFindings(unwatched, there))).toEqual({
    'mailbox.readable': 'pass',
    'mailbox.account': 'fail authorization.wrong-account',
    'mailbox.labels': 'fail mailbox.label-unknown',
  });
});

const recorded = (state: PresentMailbox, more: Partial<Recorded> = {}) =>
  inShort(
    recordedFindings(
      {
        state,
        grantedAt: '2026-11-25T07:00:00.000Z',
        missedBecause: problem('mailbox.no-first-notification'),
        parked: 0,
        lastPushAt: null,
        lastSyncAt: '2026-11-25T07:59:00.000Z',
        syncProblem: null,
        ...more,
      },
      now,
    ),
  );
const alive = '2026-12-01T00:00:00.000Z';

it('finds nothing wrong with a mailbox that is watched, proven and read', () => {
  expect(new Set(Object.values(recorded(watched(alive))))).toEqual(new Set(['pass']));
});

it.each([
  ['a watch that ended', watched('2026-11-25T07:59:59.000Z'), 'mailbox.watch', 'fail mailbox.watch-expired'],
  ['a watch that nobody asked for', unwatched, 'mailbox.watch', 'warn mailbox.not-watched'],
  [
    'a watch that goes on for now',
    { ...watched(alive), failure: { problem: problem('gmail.api-disabled'), attempt: 1 } },
    'mailbox.watch',
    'warn gmail.api-disabled',
  ],
  ['a notification that may still come', watched(alive, 'awaited'), 'mailbox.first-notification', 'unknown'],
  [
    'a notification that did not come',
    watched(alive, 'missed'),
    'mailbox.first-notification',
    'fail mailbox.no-first-notification',
  ],
] as [string, PresentMailbox, string, string][])('names %s', (_, state, check, said) => {
  expect(recorded(state)[check]).toBe(said);
});

it('does not call a bad moment of Gmail’s a fault', () => {
  const syncProblem = problem('gmail.unavailable', { detail: 'HTTP 503' });
  expect(recorded(watched(alive), { syncProblem })['mailbox.reading']).toBe('warn gmail.unavailable');
});
