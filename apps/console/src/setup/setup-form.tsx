import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type Dispatch, type SetStateAction } from 'react';
import type { ConfigField, GoogleSetup, Problem } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { GoTo, Press } from '../controls/buttons.js';
import type { Fault } from '../controls/fields.js';
import { ProblemText } from '../controls/problem-text.js';
import { Shape } from '../controls/status-badge.js';
import { Checklist } from '../doctor/checklist.js';
import { SupportBundle } from '../doctor/support-bundle.js';
import { useVerification } from '../doctor/use-verification.js';
import { texts } from '../texts/texts.js';
import { AccountStep } from './account-step.js';
import { ClientStep } from './client-step.js';
import { changeOf, draftOf, missingFields, stepsDone, stepsProven, type Draft, type Step } from './draft.js';
import { ApisStep, AudienceStep, ProjectStep } from './project-steps.js';

const words = texts.setup;

interface SetupFormProps {
  stored: GoogleSetup;
  draft: Draft | null;
  onDraft: Dispatch<SetStateAction<Draft | null>>;
  readOnly: boolean;
}

type Faults = Map<ConfigField, Fault>;

const steps: { step: Step; title: string }[] = [
  { step: 'project', title: words.project.title },
  { step: 'apis', title: words.apis.title },
  { step: 'audience', title: words.audience.title },
  { step: 'client', title: words.client.title },
  { step: 'account', title: words.account.title },
];

export function SetupForm({ stored, draft: entered, onDraft, readOnly }: SetupFormProps) {
  const api = useApi();
  const queries = useQueryClient();
  const verifying = useVerification('/api/google/config/verify');
  const [faults, setFaults] = useState<Faults>(new Map());
  const [refused, setRefused] = useState<Problem | null>(null);
  const [saving, setSaving] = useState(false);
  const [said, setSaid] = useState('');
  const [attempt, setAttempt] = useState<{ stored: boolean }>();
  const form = useRef<HTMLDivElement>(null);
  const outcome = useRef<HTMLElement>(null);
  const draft = entered ?? draftOf(stored);
  const change = changeOf(draft, stored);
  const done = new Set([...stepsDone(stored, draft), ...stepsProven(verifying.verification)]);

  // After each attempt the focus is where somebody has to look: at the first field that is wrong, or at the check.
  useEffect(() => {
    if (!attempt) return;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], .drop-zone.wrong button');
    (attempt.stored ? (outcome.current ?? wrong) : wrong)?.focus();
    if (attempt.stored) outcome.current?.scrollIntoView({ block: 'start' });
  }, [attempt]);

  // The list is there only now, and with it the room to scroll to it.
  const planned = verifying.verification !== null;
  useEffect(() => {
    if (planned && attempt?.stored) outcome.current?.scrollIntoView({ block: 'start' });
  }, [planned, attempt]);

  const edit = (part: Partial<Draft>): void => {
    onDraft((before) => ({ ...(before ?? draftOf(stored)), ...part }));
    setSaid('');
    setFaults((before) => without(before, part, draft));
  };

  const save = async (): Promise<void> => {
    setRefused(null);
    if (change === null && stored.badge === 'not-configured') {
      setFaults(new Map([['projectId', { sentence: words.errors.missing }]]));
      setSaid(words.bar.nothing);
      setAttempt({ stored: false });
      return;
    }
    setSaving(true);
    try {
      const status = change ? await api.call<GoogleSetup>('PUT', '/api/google/config', change) : stored;
      queries.setQueryData(['setup'], status);
      onDraft(null);
      const missing = missingFields(status, draftOf(status));
      setFaults(new Map(missing.map((field) => [field, { sentence: words.errors.missing }])));
      setSaid(missing.length > 0 ? words.errors.summary(missing.length) : words.bar.stored);
      setAttempt({ stored: missing.length === 0 });
      if (missing.length === 0) void verifying.begin();
    } catch (error) {
      const problem = error instanceof ApiProblem ? error : new ApiProblem(0, {});
      setFaults(new Map(problem.errors.map(({ field, ...fault }) => [field, fault])));
      setRefused(problem.errors.length > 0 ? null : problem);
      setSaid(problem.errors.length > 0 ? words.errors.summary(problem.errors.length) : '');
      setAttempt({ stored: false });
    } finally {
      setSaving(false);
    }
  };

  const props = { stored, draft, faults, change: edit, readOnly };
  return (
    <div className="setup" ref={form}>
      <nav className="steps" aria-label={words.steps}>
        <ol>
          {steps.map(({ step, title }, index) => (
            <li key={step}>
              <a
                href={`#step-${step}`}
                onClick={(event) => {
                  event.preventDefault();
                  const target = document.getElementById(`step-${step}`);
                  target?.scrollIntoView();
                  target?.focus({ preventScroll: true });
                }}
              >
                <span className="steps-mark" aria-hidden="true">
                  {done.has(step) ? <Shape tone="good" /> : index + 1}
                </span>
                {title}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <div className="setup-body">
        <ProjectStep {...props} done={done.has('project')} />
        <ApisStep {...props} done={done.has('apis')} />
        <AudienceStep {...props} done={done.has('audience')} />
        <ClientStep {...props} done={done.has('client')} />
        <AccountStep {...props} done={done.has('account')} />
        {readOnly || (stored.badge === 'ready' && !change && faults.size === 0 && !saving) ? null : (
          <div className="bar">
            <p role="status" className={faults.size > 0 ? 'bar-said wrong' : 'bar-said'}>
              {said ||
                (change ? words.bar.unsaved : stored.badge === 'not-configured' ? '' : words.bar.saved)}
            </p>
            <Press look="primary" isPending={saving} onPress={() => void save()}>
              {saving ? words.bar.saving : words.bar.saveAndVerify}
            </Press>
          </div>
        )}
        {refused ? <ProblemText problem={refused} /> : null}
        {stored.badge === 'not-configured' || readOnly ? null : (
          <section className="card" aria-labelledby="check-title" ref={outcome} tabIndex={-1}>
            <h2 id="check-title">{texts.doctor.title}</h2>
            <p role="status" className="said unseen">
              {change ? '' : said}
            </p>
            <Checklist verifying={verifying} support={<SupportBundle />} />
          </section>
        )}
        {stored.badge === 'ready' &&
        verifying.verification?.finished &&
        verifying.verification.finished.overall !== 'fail' ? (
          <section className="card next">
            <h2>{words.next.title}</h2>
            <p>{words.next.text}</p>
            <GoTo to="mailboxes" look="primary">
              {words.next.go}
            </GoTo>
          </section>
        ) : null}
      </div>
    </div>
  );
}

const fieldOf: Partial<Record<keyof Draft, ConfigField>> = {
  projectId: 'projectId',
  clientId: 'gmail.clientId',
  clientSecret: 'gmail.clientSecret',
  calendarClientId: 'calendar.clientId',
  calendarClientSecret: 'calendar.clientSecret',
  key: 'serviceAccountKey',
  pushServiceAccount: 'pushServiceAccount',
};

/** What was said about a field no longer holds once it was changed. */
function without(faults: Faults, part: Partial<Draft>, draft: Draft): Faults {
  const left = new Map(faults);
  for (const name of Object.keys(part) as (keyof Draft)[]) {
    const field = fieldOf[name];
    if (field && part[name] !== draft[name]) left.delete(field);
  }
  return left.size === faults.size ? faults : left;
}
