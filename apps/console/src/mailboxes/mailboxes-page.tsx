import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-aria-components';
import type { Mailbox } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { mailboxesQuery } from '../api/queries.js';
import { Press } from '../controls/buttons.js';
import { Empty, Loading, Page } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { StatusBadge } from '../controls/status-badge.js';
import { NotConfigured, SetupIncomplete, useConfigured } from '../providers/not-configured.js';
import { useMay } from '../session/use-session.js';
import { texts } from '../texts/texts.js';
import { Forbidden } from '../setup/setup-page.js';
import { MailboxForm } from './mailbox-form.js';

const words = texts.mailboxes;

export function MailboxesPage() {
  const api = useApi();
  const mayAdd = useMay('system_settings:create');
  const configured = useConfigured('gmail');
  const { data: mailboxes, error } = useQuery(mailboxesQuery(api));
  const [adding, setAdding] = useState(false);
  if (error instanceof ApiProblem && error.status === 403) return <Forbidden />;
  const add =
    mayAdd && configured ? (
      <Press look="primary" onPress={() => setAdding(true)}>
        {words.add}
      </Press>
    ) : null;
  return (
    <Page title={words.title} lead={words.lead} beside={mailboxes && mailboxes.length > 0 ? add : null}>
      {error instanceof ApiProblem ? <ProblemText problem={error} /> : null}
      {mailboxes === undefined || configured === null ? (
        error ? null : (
          <Loading />
        )
      ) : mailboxes.length === 0 ? (
        configured ? (
          <Empty title={words.none}>
            <p>{words.noneText}</p>
            {add}
          </Empty>
        ) : (
          <NotConfigured />
        )
      ) : (
        <>
          {configured ? null : <SetupIncomplete />}
          <ul className="cards">
            {mailboxes.map((mailbox) => (
              <MailboxCard key={mailbox.id} mailbox={mailbox} />
            ))}
          </ul>
        </>
      )}
      {adding ? <MailboxForm mailbox={null} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function MailboxCard({ mailbox }: { mailbox: Mailbox }) {
  const { id, name, mailbox: address, status, paused, problem, notices } = mailbox;
  return (
    <li>
      <Link href={`mailboxes/${id}`} className="card-link">
        <span className="card-main">
          <span className="card-title">{name}</span>
          <span className="card-sub">{address}</span>
        </span>
        <StatusBadge status={status} paused={paused} />
        {(problem ?? notices[0]) ? (
          <span className="card-problem">{(problem ?? notices[0])!.sentence}</span>
        ) : null}
      </Link>
    </li>
  );
}
