import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-aria-components';
import type { CalendarProvider } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { calendarsQuery } from '../api/queries.js';
import { Press } from '../controls/buttons.js';
import { Empty, Loading, Page } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { StatusBadge } from '../controls/status-badge.js';
import { NotConfigured, SetupIncomplete, useConfigured } from '../providers/not-configured.js';
import { useUser } from '../session/use-session.js';
import { texts } from '../texts/texts.js';
import { AccountForm } from './account-form.js';

const words = texts.calendars;

export function CalendarsPage() {
  const api = useApi();
  const configured = useConfigured('calendar');
  const { data: providers, error } = useQuery(calendarsQuery(api));
  const [adding, setAdding] = useState(false);
  const add = configured ? (
    <Press look="primary" onPress={() => setAdding(true)}>
      {words.add}
    </Press>
  ) : null;
  return (
    <Page title={words.title} lead={words.lead} beside={providers && providers.length > 0 ? add : null}>
      {error instanceof ApiProblem ? <ProblemText problem={error} /> : null}
      {providers === undefined || configured === null ? (
        error ? null : (
          <Loading />
        )
      ) : providers.length === 0 ? (
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
            {providers.map((provider) => (
              <AccountCard key={provider.id} provider={provider} />
            ))}
          </ul>
        </>
      )}
      {adding ? <AccountForm provider={null} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function AccountCard({ provider }: { provider: CalendarProvider }) {
  const user = useUser();
  const { id, name, account, userId, status, paused, problem, calendars } = provider;
  return (
    <li>
      <Link href={`calendars/${id}`} className="card-link">
        <span className="card-main">
          <span className="card-title">{name}</span>
          <span className="card-sub">
            {account}
            {userId === user ? '' : ` · ${words.owner(userId)}`}
          </span>
        </span>
        <StatusBadge status={status} paused={paused} />
        <span className="card-problem">
          {problem?.sentence ?? calendars.map(({ summary }) => summary).join(', ')}
        </span>
      </Link>
    </li>
  );
}
