import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CalendarProvider } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { calendarsQuery } from '../api/queries.js';
import { calendarStages } from '../connecting/progress.js';
import { ProgressLine } from '../connecting/progress-line.js';
import { Press } from '../controls/buttons.js';
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
import { useMay, useUser } from '../session/use-session.js';
import { texts } from '../texts/texts.js';
import { AccountForm } from './account-form.js';
import { ChooseCalendars } from './choose-calendars.js';
import { KeptCalendars } from './kept-calendars.js';

const words = texts.calendars;
const back = { to: 'calendars', text: words.back };

export function AccountPage({ id }: { id: string }) {
  const api = useApi();
  const { data: providers, error } = useQuery(calendarsQuery(api));
  const provider = providers?.find((one) => one.id === id);
  if (error instanceof ApiProblem) return <ProblemText problem={error} />;
  if (!providers) return <Loading />;
  if (!provider) return <Gone title={words.gone} text={words.goneText} back={back} />;
  return <Known key={id} provider={provider} />;
}

function Known({ provider }: { provider: CalendarProvider }) {
  const user = useUser();
  const isOwn = provider.userId === user;
  const mayChangeAll = useMay('system_settings:update');
  const mayChange = mayChangeAll || isOwn;
  const maySeeHistory = useMay('system_settings:read');
  const [open, setOpen] = useState<'rename' | 'choose' | null>(null);
  const verifying = useVerification(`/api/calendar/providers/${provider.id}/verify`);
  const { name, account, status, paused, tokenState, calendars } = provider;
  const connected = tokenState === 'valid' || tokenState === 'refused';
  const choose = mayChange ? (
    <Press look={calendars.length === 0 ? 'primary' : 'secondary'} onPress={() => setOpen('choose')}>
      {words.choose}
    </Press>
  ) : null;
  return (
    <Page
      title={name}
      back={back}
      beside={<StatusBadge status={status} paused={paused} />}
      lead={isOwn ? account : `${account} · ${words.owner(provider.userId)}`}
    >
      {mayChange ? null : <p className="advice">{texts.readOnly}</p>}
      <section className="card" aria-label={texts.facts.account}>
        <ProviderStatus
          kind="calendar"
          provider={provider}
          mayChange={mayChange}
          account={account}
          choose={choose}
        />
        {connected && !paused ? <ProgressLine stages={calendarStages(provider)} /> : null}
        <StatusDetails status={provider} activityKnown />
        {mayChange ? (
          <ProviderActions
            kind="calendar"
            provider={provider}
            list="calendars"
            onEdit={() => setOpen('rename')}
          />
        ) : null}
      </section>
      {connected ? (
        <section className="card" aria-labelledby="calendars-title">
          <div className="card-head">
            <h2 id="calendars-title">{words.chosen}</h2>
            {calendars.length > 0 ? choose : null}
          </div>
          {calendars.length === 0 ? <p className="description">{words.chooseNone}</p> : null}
          <KeptCalendars calendars={calendars} told={provider.problem?.code} />
        </section>
      ) : null}
      {mayChange && connected ? (
        <section className="card" aria-labelledby="check-title">
          <h2 id="check-title">{texts.doctor.title}</h2>
          <Checklist verifying={verifying} />
        </section>
      ) : null}
      {maySeeHistory ? (
        <section className="card" aria-labelledby="history-title">
          <h2 id="history-title">{texts.history.title}</h2>
          <Timeline kind="calendar" id={provider.id} />
        </section>
      ) : null}
      {open === 'rename' ? <AccountForm provider={provider} onClose={() => setOpen(null)} /> : null}
      {open === 'choose' ? <ChooseCalendars providerId={provider.id} onClose={() => setOpen(null)} /> : null}
    </Page>
  );
}
