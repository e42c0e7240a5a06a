import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Disclosure, DisclosurePanel } from 'react-aria-components';
import { ApiProblem, useApi } from '../api/api.js';
import { causesQuery, type ProviderKind } from '../api/queries.js';
import { Press } from '../controls/buttons.js';
import { Loading } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { When } from '../controls/when.js';
import { texts } from '../texts/texts.js';

const words = texts.history;

interface WhyProps {
  kind: ProviderKind;
  id: string;
  eventId: string;
  /** The element that says what happened. */
  describedBy: string;
}

/** What led to a happening. It is asked for only when somebody wants to know. */
export function Why({ kind, id, eventId, describedBy }: WhyProps) {
  const [isExpanded, setExpanded] = useState(false);
  return (
    <Disclosure className="why" isExpanded={isExpanded} onExpandedChange={setExpanded}>
      <Press look="quiet" slot="trigger" aria-describedby={describedBy}>
        {words.why}
      </Press>
      <DisclosurePanel>
        {isExpanded ? <Causes kind={kind} id={id} eventId={eventId} /> : null}
      </DisclosurePanel>
    </Disclosure>
  );
}

function Causes({ kind, id, eventId }: Omit<WhyProps, 'describedBy'>) {
  const api = useApi();
  const { data, error } = useQuery(causesQuery(api, kind, id, eventId));
  if (error) return <ProblemText problem={error instanceof ApiProblem ? error : new ApiProblem(0, {})} />;
  if (!data) return <Loading />;
  const { causes, began } = data;
  return (
    <ol className="causes">
      {causes.map(({ id: key, sentence, by, at, times, firstAt, followed }, index) => (
        <li key={key}>
          {/* What happened itself stands above the list already. */}
          {index === 0 ? null : (
            <>
              <p>{sentence}</p>
              <p className="description">
                <When at={at} /> · {words.by(by)}
              </p>
            </>
          )}
          {times > 1 ? (
            <p className="description">
              <When at={firstAt} say={(when) => words.times(times, when)} />
            </p>
          ) : null}
          <p className="because">{index === causes.length - 1 ? began.sentence : followed}</p>
        </li>
      ))}
    </ol>
  );
}
