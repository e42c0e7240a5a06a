import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Mailbox } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { mailboxesQuery } from '../api/queries.js';
import { mailboxStages } from '../connecting/progress.js';
import { ProgressLine } from '../connecting/progress-line.js';
import { Loading, Page } from '../controls/page.js';
import { Gone } from '../providers/gone.js';
import { ProblemText } from '../controls/problem-text.js';
import { StatusBadge } from '../controls/status-badge.js';
import { Checklist } from '../doctor/checklist.js';
import { useVerification } from '../doctor/use-verification.js';
import { Timeline } from '../history/timeline.js';
import { ProviderActions } from '../providers/provider-actions.js';
import { ProviderStatus } from '../providers/provider-status.js';
import { StatusDetails } from '../providers/status-details.js';
import { useMay } from '../session/use-session.js';
import { Forbidden } from '../setup/setup-page.js';
import { texts } from '../texts/texts.js';
import { MailboxForm } from './mailbox-form.js';
import { ParkedMessages } from './parked-messages.js';

const words = texts.mailboxes;
const back = { to: 'mailboxes', text: words.back };

export function MailboxPage({ id }: { id: string }) {
  const api = useApi();
  const { data: mailboxes, error } = useQuery(mailboxesQuery(api));
  const mailbox = mailboxes?.find((one) => one.id === id);
  if (error instanceof ApiProblem)
    return error.status === 403 ? <Forbidden /> : <ProblemText problem={error} />;
  if (!mailboxes) return <Loading />;
  if (!mailbox) return <Gone title={words.gone} text={words.goneText} back={back} />;
  return <Known key={id} mailbox={mailbox} />;
}

function Known({ mailbox }: { mailbox: Mailbox }) {
  const mayChange = useMay('system_settings:update');
  const [editing, setEditing] = useState(false);
  const verifying = useVerification(`/api/email/providers/${mailbox.id}/verify`);
  const { name, status, paused, tokenState } = mailbox;
  const underWay = tokenState === 'valid' && mailbox.provenAt === null;
  return (
    <Page
      title={name}
      back={back}
      beside={<StatusBadge status={status} paused={paused} />}
      lead={mailbox.mailbox}
    >
      {mayChange ? null : <p className="advice">{texts.readOnly}</p>}
      <section className="card" aria-label={texts.facts.account}>
        <ProviderStatus kind="email" provider={mailbox} mayChange={mayChange} account={mailbox.mailbox} />
        {underWay || status === 'connected' ? <ProgressLine stages={mailboxStages(mailbox)} /> : null}
        <StatusDetails status={mailbox} activityKnown />
        {mayChange ? (
          <ProviderActions kind="email" provider={mailbox} list="mailboxes" onEdit={() => setEditing(true)} />
        ) : null}
      </section>
      {mayChange && tokenState !== 'none' ? (
        <section className="card" aria-labelledby="check-title">
          <h2 id="check-title">{texts.doctor.title}</h2>
          <Checklist verifying={verifying} />
        </section>
      ) : null}
      <section className="card" aria-labelledby="parked-title">
        <h2 id="parked-title">{texts.parked.title}</h2>
        <ParkedMessages mailboxId={mailbox.id} mayChange={mayChange} />
      </section>
      <section className="card" aria-labelledby="history-title">
        <h2 id="history-title">{texts.history.title}</h2>
        <Timeline kind="email" id={mailbox.id} />
      </section>
      {editing ? <MailboxForm mailbox={mailbox} onClose={() => setEditing(false)} /> : null}
    </Page>
  );
}
