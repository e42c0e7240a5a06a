import type { ReactNode } from 'react';
import type { Problem, ShownProblem } from '../api/answers.js';
import { texts } from '../texts/texts.js';
import { Outward } from './buttons.js';
import { When } from './when.js';

/** A problem with whose move it is and the one thing to do. */
export function ProblemText({
  problem,
  action,
  tone = 'bad',
}: {
  problem: Problem | ShownProblem;
  action?: ReactNode;
  tone?: 'bad' | 'note';
}) {
  const shown = 'since' in problem ? problem : null;
  return (
    <div className={`problem ${tone}`} role={shown ? undefined : 'alert'}>
      <p className="problem-sentence">{problem.sentence}</p>
      <p>
        <strong>{texts.problem.whatToDo}: </strong>
        {problem.remedy}
      </p>
      <p className="problem-foot">
        <span>{texts.problem.move(texts.actors[problem.actor])}</span>
        {shown ? (
          <span>
            <When at={shown.since} say={texts.problem.since} />
          </span>
        ) : null}
        {shown?.nextAttemptAt ? (
          <span>
            <When at={shown.nextAttemptAt} say={texts.problem.next} />
          </span>
        ) : null}
      </p>
      {shown?.cause === 'inferred' ? <p className="description">{texts.problem.inferred}</p> : null}
      {action || problem.link ? (
        <div className="problem-actions">
          {action}
          {problem.link ? <Outward href={problem.link}>{texts.openGoogle}</Outward> : null}
        </div>
      ) : null}
    </div>
  );
}
