import type { ReactNode } from 'react';
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components';
import { Outward, Press } from '../controls/buttons.js';
import { ProblemText } from '../controls/problem-text.js';
import { Badge, Shape, type Tone } from '../controls/status-badge.js';
import { texts } from '../texts/texts.js';
import type { Verifying } from './use-verification.js';
import { groupsOf, isResult, type Check, type CheckResult, type Verification } from './verification.js';

const words = texts.doctor;
const tones: Record<CheckResult['result'], Tone> = { pass: 'good', warn: 'note', fail: 'bad', skip: 'idle' };

/** The checklist as it fills, with the outcome said aloud once. */
export function Checklist({ verifying, support }: { verifying: Verifying; support?: ReactNode }) {
  const { verification, running, refused, begin } = verifying;
  return (
    <div className="verification">
      <div className="verification-head">
        <p role="status" className="verification-outcome">
          {outcome(verification, running)}
        </p>
        <div className="row">
          {verification?.finished ? support : null}
          <Press isPending={running} onPress={() => void begin()}>
            {verification || refused ? words.again : words.verify}
          </Press>
        </div>
      </div>
      {refused ? <ProblemText problem={refused} /> : null}
      {verification ? <Lines verification={verification} /> : null}
    </div>
  );
}

function outcome(verification: Verification | null, running: boolean) {
  if (!verification) return running ? texts.loading : words.lead;
  const { finished, checks } = verification;
  if (!finished) return words.running(checks.filter(isResult).length, checks.length);
  const tone: Tone = finished.overall === 'pass' ? 'good' : finished.overall === 'warn' ? 'note' : 'bad';
  return (
    <>
      <Badge tone={tone}>{words.outcomes[finished.overall]}</Badge> {words.counted(finished.counts)}
    </>
  );
}

/** What needs somebody comes first and open; the rest stands in its groups. */
function Lines({ verification: { checks } }: { verification: Verification }) {
  const wrong = checks.filter(isResult).filter(({ result }) => result === 'fail' || result === 'warn');
  return (
    <>
      {wrong.map((check) => (
        <Finding key={check.id} check={check} />
      ))}
      <div className="check-groups">
        {groupsOf(checks).map(({ group, checks: ofGroup }) => (
          <section key={group} className="check-group">
            <h3>{words.groups[group] ?? group}</h3>
            <ul>
              {ofGroup.map((check) => (
                <Line key={check.id} check={check} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </>
  );
}

function Finding({ check }: { check: CheckResult }) {
  return (
    <section className={`finding ${check.result}`}>
      <h3>
        <Shape tone={tones[check.result]} /> {check.sentence ?? check.title}
      </h3>
      {check.remedy ? (
        <p>
          <strong>{texts.problem.whatToDo}: </strong>
          {check.remedy}
        </p>
      ) : null}
      <p className="problem-foot">
        {check.actor ? <span>{texts.problem.move(texts.actors[check.actor])}</span> : null}
        {check.cause === 'inferred' ? <span>{texts.problem.inferred}</span> : null}
      </p>
      {check.link ? <Outward href={check.link}>{texts.openGoogle}</Outward> : null}
      {check.evidence ? (
        <Disclosure className="evidence">
          <Heading level={4}>
            <Button slot="trigger" className="disclosure-button">
              {words.evidence}
            </Button>
          </Heading>
          <DisclosurePanel>
            <dl>
              <dt>{words.asked}</dt>
              <dd>{check.evidence.asked}</dd>
              <dt>{words.answered}</dt>
              <dd>{check.evidence.answered}</dd>
            </dl>
          </DisclosurePanel>
        </Disclosure>
      ) : null}
    </section>
  );
}

function Line({ check }: { check: Check | CheckResult }) {
  const result = isResult(check) ? check.result : 'open';
  return (
    <li className={`check ${result}`}>
      {result === 'open' ? <span className="spinner" aria-hidden="true" /> : <Shape tone={tones[result]} />}
      <span>
        {check.title} <span className="unseen">({words.results[result]})</span>
        {isResult(check) && check.skipped ? <span className="skipped">{check.skipped.sentence}</span> : null}
      </span>
    </li>
  );
}
