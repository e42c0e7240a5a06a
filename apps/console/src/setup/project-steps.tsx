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

export function ApisStep({ draft, stored }: StepProps) {
  const pages = googlePages(draft.projectId);
  return (
    <StepFrame
      step="apis"
      number={2}
      title={words.apis.title}
      done={stored.badge === 'ready' ? true : null}
      how={words.apis.how}
      links={
        <>
          <Outward href={pages.gmailApi}>{words.apis.gmail}</Outward>
          <Outward href={pages.pubsubApi}>{words.apis.pubsub}</Outward>
          {draft.calendar === 'none' ? null : <Outward href={pages.calendarApi}>{words.apis.calendar}</Outward>}
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

export function AudienceStep({ draft, stored }: StepProps) {
  const pages = googlePages(draft.projectId);
  const scopes = [
    ...stored.gmail.scopes,
    ...(draft.calendar === 'none' ? [] : stored.calendar.scopes),
  ].filter((scope, index, all) => scope.startsWith('https://') && all.indexOf(scope) === index);
  return (
    <StepFrame
      step="audience"
      number={3}
      title={words.audience.title}
      done={stored.badge === 'ready' ? true : null}
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
          <p className="description">{words.audience.scopes}</p>
          {scopes.map((scope) => (
            <CopyValue key={scope} label={words.audience.scopesTitle} value={scope} />
          ))}
        </>
      }
      links={
        <>
          <Outward href={pages.branding}>{words.audience.branding}</Outward>
          <Outward href={pages.audience}>{words.audience.audience}</Outward>
          <Outward href={pages.dataAccess}>{words.audience.dataAccess}</Outward>
        </>
      }
    />
  );
}
