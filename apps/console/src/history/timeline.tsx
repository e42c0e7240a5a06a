import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import type { Happening } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { historyQuery, type ProviderKind } from '../api/queries.js';
import { Press } from '../controls/buttons.js';
import { Loading } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { When } from '../controls/when.js';
import { texts } from '../texts/texts.js';
import { AsItWas } from './as-it-was.js';
import { Why } from './why.js';

const words = texts.history;
const page = 50;

type Filter = keyof typeof words.filters;
const filters: Record<Filter, Happening['about'][]> = {
  all: ['googleApp', 'topic', 'grant', 'mailbox', 'calendar', 'tenantReset'],
  own: ['mailbox', 'calendar'],
  grant: ['grant'],
  shared: ['googleApp', 'topic', 'tenantReset'],
};

/** What happened, newest first, in plain words. */
export function Timeline({ kind, id }: { kind: ProviderKind; id: string }) {
  const api = useApi();
  const [filter, setFilter] = useState<Filter>('all');
  const [limit, setLimit] = useState(page);
  const [then, setThen] = useState<{ at: string | null } | null>(null);
  const { data, error, isFetching } = useQuery(historyQuery(api, kind, id, limit));
  if (error instanceof ApiProblem) return <ProblemText problem={error} />;
  if (!data) return <Loading />;
  const matching = data.history.filter(({ about }) => filters[filter].includes(about)).reverse();
  // The calendars' history comes whole; only so much of it is shown at once.
  const shown = kind === 'calendar' ? matching.slice(0, limit) : matching;
  const more = kind === 'calendar' ? shown.length < matching.length : data.history.length < data.total;
  return (
    <div className="history">
      <ToggleButtonGroup
        className="filters"
        aria-label={words.filter}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[filter]}
        onSelectionChange={([chosen]) => setFilter(chosen as Filter)}
      >
        {(Object.keys(filters) as Filter[]).map((name) => (
          <ToggleButton key={name} id={name} className="filter">
            {words.filters[name]}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <Press onPress={() => setThen({ at: null })}>{texts.asItWas.another}</Press>
      {shown.length === 0 ? <p className="description">{words.none}</p> : null}
      <ol className="timeline" reversed>
        {shown.map(({ id: key, at, sentence, by, causedBy, about }) => (
          <li key={key} className={`happening ${about}`}>
            <p className="happening-sentence" id={`happening-${key}`}>
              {sentence}
            </p>
            <p className="description">
              <When at={at} /> · {words.by(by)}
              {causedBy ? <span className="because">{words.because(causedBy)}</span> : null}
            </p>
            <div className="happening-more">
              <Press look="quiet" aria-describedby={`happening-${key}`} onPress={() => setThen({ at })}>
                {texts.asItWas.then}
              </Press>
              <Why kind={kind} id={id} eventId={key} describedBy={`happening-${key}`} />
            </div>
          </li>
        ))}
      </ol>
      {more && limit < 500 ? (
        <Press isPending={isFetching} onPress={() => setLimit(Math.min(500, limit + 100))}>
          {words.earlier}
        </Press>
      ) : null}
      {then ? <AsItWas kind={kind} id={id} at={then.at} onClose={() => setThen(null)} /> : null}
    </div>
  );
}
