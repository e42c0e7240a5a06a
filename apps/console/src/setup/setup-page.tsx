import { useQuery } from '@tanstack/react-query';
import { useState, type Dispatch, type SetStateAction } from 'react';
import type { GoogleSetup } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { setupQuery, useCommand } from '../api/queries.js';
import { GoTo, Press } from '../controls/buttons.js';
import { Confirm } from '../controls/confirm.js';
import { Empty, Loading, Page } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { Badge, type Tone } from '../controls/status-badge.js';
import { spoken } from '../controls/when.js';
import { useMay } from '../session/use-session.js';
import { texts } from '../texts/texts.js';
import type { Draft } from './draft.js';
import { SetupForm } from './setup-form.js';
import { TenantResetArea } from './tenant-reset.js';

const words = texts.setup;
const tones: Record<GoogleSetup['badge'], Tone> = {
  ready: 'good',
  'needs-setup': 'note',
  'not-configured': 'idle',
};

interface SetupPageProps {
  /** Kept while somebody looks at another page: secrets are only in memory. */
  draft: Draft | null;
  onDraft: Dispatch<SetStateAction<Draft | null>>;
}

export function SetupPage({ draft, onDraft }: SetupPageProps) {
  const api = useApi();
  const mayUpdate = useMay('system_settings:update');
  const { data: stored, error } = useQuery(setupQuery(api));
  if (error instanceof ApiProblem && error.status === 403) return <Forbidden />;
  if (!stored)
    return (
      <Page title={words.title}>
        {error instanceof ApiProblem ? <ProblemText problem={error} /> : <Loading />}
      </Page>
    );
  return (
    <Page
      title={words.title}
      beside={<Badge tone={tones[stored.badge]}>{texts.badges[stored.badge]}</Badge>}
      lead={stored.badge === 'ready' ? words.readyLead : words.lead}
    >
      {stored.updatedAt && stored.updatedBy ? (
        <p className="description">{words.lastChange(spoken(stored.updatedAt), stored.updatedBy)}</p>
      ) : null}
      {mayUpdate ? null : <p className="advice">{texts.readOnly}</p>}
      <SetupForm stored={stored} draft={draft} onDraft={onDraft} readOnly={!mayUpdate} />
      {mayUpdate && stored.badge !== 'not-configured' ? (
        <>
          <TenantResetArea />
          <Removal onRemoved={() => onDraft(null)} />
        </>
      ) : null}
    </Page>
  );
}

export function Forbidden() {
  return (
    <Page title={texts.forbidden.title}>
      <Empty title={texts.forbidden.text}>
        <p>{texts.forbidden.remedy}</p>
        <GoTo to="calendars">{texts.forbidden.toCalendars}</GoTo>
      </Empty>
    </Page>
  );
}

function Removal({ onRemoved }: { onRemoved: () => void }) {
  const [asking, setAsking] = useState(false);
  const command = useCommand();
  return (
    <div className="removal">
      <Press look="quiet" onPress={() => setAsking(true)}>
        {words.removal.button}
      </Press>
      {asking ? (
        <Confirm
          title={words.removal.title}
          what={words.removal.what}
          advice={words.removal.advice}
          confirm={words.removal.confirm}
          danger
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await command.mutateAsync({ method: 'DELETE', path: '/api/google/config' });
            onRemoved();
          }}
        />
      ) : null}
    </div>
  );
}
