import { useId, type ReactNode } from 'react';
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components';
import { Shape } from '../controls/status-badge.js';
import { texts } from '../texts/texts.js';
import type { Step } from './draft.js';

interface StepProps {
  step: Step;
  number: number;
  title: string;
  /** Null: what happens only at Google cannot be seen from here, unless it is checked. */
  done: boolean | null;
  /** Whether the explanation is folded away, `done` unless said. */
  folded?: boolean;
  how: string[];
  links?: ReactNode;
  /** A choice that the explanation depends on. */
  first?: ReactNode;
  /** What belongs to the explanation beside its sentences. */
  aside?: ReactNode;
  children?: ReactNode;
}

/** One numbered step. Its explanation is folded away once the step is done. */
export function StepFrame({
  step,
  number,
  title,
  done,
  how,
  folded = done === true,
  links,
  first,
  aside,
  children,
}: StepProps) {
  const id = useId();
  const explanation = (
    <>
      {how.length === 1 ? (
        <p className="how-one">{how[0]}</p>
      ) : (
        <ol className="how">
          {how.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
      )}
      {links ? <div className="links">{links}</div> : null}
      {aside}
    </>
  );
  return (
    <section className="step" id={`step-${step}`} aria-labelledby={id} tabIndex={-1}>
      <div className={`step-number${done ? ' done' : ''}`} aria-hidden="true">
        {done ? <Shape tone="good" /> : number}
      </div>
      <div className="step-body">
        <h2 id={id}>
          {title}
          {done === null ? null : (
            <span className="unseen"> ({done ? texts.setup.stepDone : texts.setup.stepOpen})</span>
          )}
        </h2>
        {first}
        {folded ? (
          <Disclosure className="guide">
            <Heading level={3}>
              <Button slot="trigger" className="disclosure-button">
                {texts.setup.guide}
              </Button>
            </Heading>
            <DisclosurePanel>{explanation}</DisclosurePanel>
          </Disclosure>
        ) : (
          explanation
        )}
        {children}
      </div>
    </section>
  );
}
