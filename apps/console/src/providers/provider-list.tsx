import type { ReactNode } from 'react';
import { useState } from 'react';
import { Link } from 'react-aria-components';
import type { ProviderState } from '../api/answers.js';
import { ApiProblem } from '../api/api.js';
import { Press } from '../controls/buttons.js';
import { Empty, Loading, Page } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { StatusBadge } from '../controls/status-badge.js';
import { texts } from '../texts/texts.js';
import { NotConfigured, SetupIncomplete, useConfigured } from './not-configured.js';

interface ProviderListProps<Provider> {
  list: 'mailboxes' | 'calendars';
  product: 'gmail' | 'calendar';
  /** Undefined while it is not known. */
  providers: Provider[] | undefined;
  error: Error | null;
  mayAdd: boolean;
  card: (provider: Provider) => ReactNode;
  form: (onClose: () => void) => ReactNode;
}

/** All mailboxes or all calendar accounts, or why there are none yet. */
export function ProviderList<Provider extends ProviderState>({
  list,
  product,
  providers,
  error,
  mayAdd,
  card,
  form,
}: ProviderListProps<Provider>) {
  const words = texts[list];
  const configured = useConfigured(product);
  const [adding, setAdding] = useState(false);
  const add =
    mayAdd && configured ? (
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
              <li key={provider.id}>{card(provider)}</li>
            ))}
          </ul>
        </>
      )}
      {adding ? form(() => setAdding(false)) : null}
    </Page>
  );
}

interface ProviderCardProps {
  to: string;
  provider: ProviderState;
  address: string;
  /** What stands below the name. */
  below: string | undefined;
}

export function ProviderCard({ to, provider, address, below }: ProviderCardProps) {
  const { name, status, paused } = provider;
  return (
    <Link href={to} className="card-link">
      <span className="card-main">
        <span className="card-title">{name}</span>
        <span className="card-sub">{address}</span>
      </span>
      <StatusBadge status={status} paused={paused} />
      {below === undefined ? null : <span className="card-problem">{below}</span>}
    </Link>
  );
}
