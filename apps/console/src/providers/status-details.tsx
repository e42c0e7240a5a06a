import type { StatusAnswer } from '../api/answers.js';
import { ProblemText } from '../controls/problem-text.js';
import { texts } from '../texts/texts.js';
import { Facts, moment } from './facts.js';

interface StatusDetailsProps {
  status: StatusAnswer;
  /** Of the past it is not known when something came or was read last. */
  activityKnown: boolean;
}

/** What is known besides the status word, now as at any moment before. */
export function StatusDetails({ status, activityKnown }: StatusDetailsProps) {
  const { lastPushAt, provenAt, lastSyncAt, watchExpiresAt, authorizationExpiresAt } = status;
  const ofMail = watchExpiresAt !== undefined;
  return (
    <>
      <Notices status={status} />
      <Facts
        facts={[
          ...(ofMail && activityKnown ? [fact(texts.facts.lastPush, lastPushAt ?? provenAt ?? null)] : []),
          ...(ofMail && !activityKnown ? [fact(texts.facts.proven, provenAt ?? null)] : []),
          ...(activityKnown ? [fact(texts.facts.lastSync, lastSyncAt)] : []),
          ...(ofMail ? [fact(texts.facts.watchUntil, watchExpiresAt)] : []),
          ...(authorizationExpiresAt ? [fact(texts.facts.permissionUntil, authorizationExpiresAt)] : []),
        ]}
      />
    </>
  );
}

const fact = (name: string, at: string | null): [string, React.ReactNode] => [name, moment(at)];

function Notices({ status: { notices } }: { status: StatusAnswer }) {
  if (notices.length === 0) return null;
  return (
    <section aria-label={texts.problem.notices}>
      {notices.map((notice) => (
        <ProblemText key={notice.code} problem={notice} tone="note" />
      ))}
    </section>
  );
}
