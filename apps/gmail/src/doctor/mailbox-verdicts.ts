import { found, type Finding } from '#contracts/diagnosis';
import { problem, type Problem } from '#problems/problem';
import type { GmailLabel, GmailResult } from '../gmail-api/gmail-result.js';
import type { PresentMailbox } from '../mailbox/mailbox-state.js';
import { resolveLabels } from '../mailbox/resolve-labels.js';

/** What Gmail answered for a mailbox. */
export interface SeenMailbox {
  profile: GmailResult<{ address: string }>;
  labels: GmailResult<GmailLabel[]>;
}

export function gmailFindings({ settings }: PresentMailbox, { profile, labels }: SeenMailbox): Finding[] {
  const asked = 'GET users/me/profile';
  if (!profile.ok) {
    const { code, params } = profile.problem;
    const told = problem(code, { address: settings.address, ...params });
    return [found.fail('mailbox.readable', asked, `Refused: ${code}.`, told)];
  }
  const isIt = profile.value.address.toLowerCase() === settings.address.toLowerCase();
  return [
    found.pass('mailbox.readable', asked, 'Gmail answers.'),
    isIt
      ? found.pass('mailbox.account', asked, 'It is the address of this connection.')
      : found.fail(
          'mailbox.account',
          asked,
          'It is another address.',
          problem('authorization.wrong-account', {
            account: profile.value.address,
            expectedAccount: settings.address,
          }),
        ),
    labelsFinding(settings.filter.labels, labels),
  ];
}

function labelsFinding(wanted: string[], labels: GmailResult<GmailLabel[]>): Finding {
  const check = 'mailbox.labels';
  const asked = 'GET users/me/labels';
  if (wanted.length === 0) return found.unneeded(check, 'The whole mailbox is taken.');
  if (!labels.ok) return found.fail(check, asked, `Refused: ${labels.problem.code}.`, labels.problem);
  const resolved = resolveLabels(wanted, labels.value);
  return resolved.ok
    ? found.pass(check, asked, `${wanted.join(', ')} is there.`)
    : found.fail(
        check,
        asked,
        `Not there: ${resolved.unknown.join(', ')}.`,
        problem('mailbox.label-unknown', { labels: resolved.unknown.join(', ') }),
      );
}

/** What is recorded of a mailbox. Gmail itself cannot be asked about a watch: it has only ways to begin and to end one. */
export interface Recorded {
  state: PresentMailbox;
  grantedAt: string | null;
  missedBecause: Problem;
  parked: number;
  lastPushAt: string | null;
  lastSyncAt: string | null;
  syncProblem: Problem | null;
}

export function recordedFindings(recorded: Recorded, now: Date): Finding[] {
  return [
    watchFinding(recorded, now),
    firstNotificationFinding(recorded),
    readingFinding(recorded),
    recorded.state.paused === null
      ? found.pass('mailbox.paused', 'Is it paused?', 'No.')
      : found.warn(
          'mailbox.paused',
          'Is it paused?',
          `Yes (${recorded.state.paused}).`,
          problem('mailbox.paused'),
        ),
    recorded.parked === 0
      ? found.pass('mailbox.parked', 'How many messages are parked?', 'None.')
      : found.warn(
          'mailbox.parked',
          'How many messages are parked?',
          `${recorded.parked}.`,
          problem('mailbox.messages-parked', { count: String(recorded.parked) }),
        ),
  ];
}

function watchFinding({ state, grantedAt }: Recorded, now: Date): Finding {
  const check = 'mailbox.watch';
  const asked = 'What was Gmail’s last answer about the watch?';
  if (state.status === 'watched') {
    const { expiresAt } = state.watch;
    if (Date.parse(expiresAt) <= now.getTime())
      return found.fail(check, asked, `It ended at ${expiresAt}.`, problem('mailbox.watch-expired'));
    if (state.failure === null) return found.pass(check, asked, `Gmail notifies until ${expiresAt}.`);
    return found.warn(
      check,
      asked,
      `Gmail notifies until ${expiresAt}, but the last attempt to go on failed: ${state.failure.problem.code}.`,
      state.failure.problem,
    );
  }
  if (state.failure !== null)
    return found.fail(check, asked, `Refused: ${state.failure.problem.code}.`, state.failure.problem);
  return grantedAt === null
    ? found.fail(check, asked, 'Nothing was asked.', problem('mailbox.not-connected'))
    : found.fail(check, asked, 'Nothing was asked.', problem('mailbox.not-watched', { since: grantedAt }));
}

function firstNotificationFinding({ state, missedBecause, lastPushAt }: Recorded): Finding {
  const check = 'mailbox.first-notification';
  const asked = 'Has a notification come since the watch began?';
  if (state.status !== 'watched') return found.unknown(check, asked, 'There is no watch.');
  switch (state.proof) {
    case 'proven':
      return found.pass(check, asked, `Yes${lastPushAt ? `; the latest at ${lastPushAt}` : ''}.`);
    case 'missed':
      return found.fail(check, asked, 'No, although five minutes have passed.', missedBecause);
    case 'awaited':
      return found.unknown(
        check,
        asked,
        `Not yet; it may take some minutes. Gmail was asked at ${state.watch.startedAt}.`,
      );
  }
}

function readingFinding({ syncProblem, lastSyncAt }: Recorded): Finding {
  const check = 'mailbox.reading';
  const asked = 'When was it read to its end?';
  if (syncProblem !== null)
    return found.fail(check, asked, `It cannot be read: ${syncProblem.code}.`, syncProblem);
  return lastSyncAt === null
    ? found.unknown(check, asked, 'Not yet.')
    : found.pass(check, asked, `At ${lastSyncAt}.`);
}
