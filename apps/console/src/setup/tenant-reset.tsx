import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { TenantReset } from '../api/answers.js';
import { useApi } from '../api/api.js';
import { calendarsQuery, mailboxesQuery, tenantResetQuery } from '../api/queries.js';
import { Press } from '../controls/buttons.js';
import { spoken } from '../controls/when.js';
import { ResetWindow } from '../providers/reset-window.js';
import { texts } from '../texts/texts.js';

const words = texts.setup.resetAll;

/** Puts all that the tenant has connected back to its beginning, and tells how far that is. */
export function TenantResetArea() {
  const api = useApi();
  const { data: reset } = useQuery(tenantResetQuery(api));
  const [asking, setAsking] = useState(false);
  if (!reset) return null;
  return (
    <section className="card" aria-labelledby="reset-title">
      <h2 id="reset-title">{words.heading}</h2>
      <p>{words.lead}</p>
      <div role="status">{reset.status === 'never' ? null : <Progress reset={reset} />}</div>
      <Press isPending={reset.status === 'running'} onPress={() => setAsking(true)}>
        {words.button}
      </Press>
      {asking ? (
        <ResetWindow
          title={words.title}
          what={words.what}
          path="/api/google/reset"
          confirm={words.button}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}

function Progress({
  reset: { status, reason, requestedAt, requestedBy, completedAt, result },
}: {
  reset: TenantReset;
}) {
  return (
    <>
      <p className="description">
        {words.asked(requestedAt ? spoken(requestedAt) : '', requestedBy ?? '', reason ?? '')}
      </p>
      {status === 'running' ? <p>{words.running}</p> : null}
      {status === 'completed' && result && completedAt ? (
        <>
          <p>{words.done(spoken(completedAt), result.mailboxes, result.calendars)}</p>
          <Left result={result} />
        </>
      ) : null}
    </>
  );
}

function Left({ result: { leftAlone, leftAtGoogle } }: { result: NonNullable<TenantReset['result']> }) {
  const api = useApi();
  const { data: mailboxes = [] } = useQuery(mailboxesQuery(api));
  const { data: calendars = [] } = useQuery(calendarsQuery(api));
  const nameOf = (id: string): string =>
    [...mailboxes, ...calendars].find((one) => one.id === id)?.name ?? id;
  if (leftAlone.length + leftAtGoogle.length === 0) return null;
  return (
    <ul>
      {leftAlone.map((id) => (
        <li key={id}>{words.leftAlone(nameOf(id))}</li>
      ))}
      {leftAtGoogle.map(({ providerId, what }) => (
        <li key={`${providerId} ${what}`}>{words.leftAtGoogle[what](nameOf(providerId))}</li>
      ))}
    </ul>
  );
}
