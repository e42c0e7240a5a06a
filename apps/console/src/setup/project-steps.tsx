import { CopyValue } from '../controls/copy-value.js';
import { Entry } from '../controls/fields.js';
import { Outward } from '../controls/buttons.js';
import { texts } from '../texts/texts.js';
import type { StepProps } from './form-state.js';
import { googlePages } from './google-console.js';
import { StepFrame } from './step.js';

const words = texts.setup;

export function ProjectStep({ draft, faults, change, readOnly, done }: StepProps) {
  const pages = googlePages(draft.projectId);
  return (
    <StepFrame
      step="project"
      number={1}
      title={words.project.title}
      done={done}
      how={words.project.how}
      links={
        <>
          <Outward href={pages.createProject}>{words.project.create}</Outward>
          <Outward href={pages.projects}>{words.project.choose}</Outward>
        </>
      }
    >
      <Entry
        label={words.project.label}
        description={words.project.description}
        value={draft.projectId}
        onChange={(projectId) => change({ projectId })}
        fault={faults.get('projectId')}
        isDisabled={readOnly}
      />
    </StepFrame>
  );
}

export function ApisStep({ draft, stored, done }: StepProps) {
  const pages = googlePages(draft.projectId);
  return (
    <StepFrame
      step="apis"
      number={2}
      title={words.apis.title}
      done={done || null}
      folded={stored.badge === 'ready'}
      how={words.apis.how}
      links={
        <>
          <Outward href={pages.gmailApi}>{words.apis.gmail}</Outward>
          <Outward href={pages.pubsubApi}>{words.apis.pubsub}</Outward>
          {draft.calendar === 'none' ? null : (
            <Outward href={pages.calendarApi}>{words.apis.calendar}</Outward>
          )}
        </>
      }
      aside={
        <p className="description">
          {pages.known ? words.apis.project(draft.projectId.trim()) : words.apis.noProject}
        </p>
      }
    />
  );
}

export function AudienceStep({ draft, stored, done }: StepProps) {
  const pages = googlePages(draft.projectId);
  const ofProduct = (label: string, asked: string[]) =>
    // Those that only tell who somebody is need no entry anywhere.
    asked.filter((scope) => scope.startsWith('https://')).map((scope) => ({ label, scope }));
  const scopes = [
    ...ofProduct(words.audience.gmailScope, stored.gmail.scopes),
    ...(draft.calendar === 'none' ? [] : ofProduct(words.audience.calendarScope, stored.calendar.scopes)),
  ];
  return (
    <StepFrame
      step="audience"
      number={3}
      title={words.audience.title}
      done={done || null}
      folded={stored.badge === 'ready'}
      how={words.audience.how}
      aside={
        <>
          <dl className="kinds">
            {words.audience.kinds.map(({ name, hint, text }) => (
              <div key={name}>
                <dt>
                  {name} <span className="hint">{hint}</span>
                </dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <div className="links">
            <Outward href={pages.branding}>{words.audience.branding}</Outward>
            <Outward href={pages.audience}>{words.audience.audience}</Outward>
            <Outward href={pages.dataAccess}>{words.audience.dataAccess}</Outward>
          </div>
          <p className="description">{words.audience.scopes}</p>
          {scopes.map(({ label, scope }) => (
            <CopyValue key={scope} label={label} value={scope} />
          ))}
        </>
      }
    />
  );
}
