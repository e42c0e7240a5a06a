import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { StatusThen } from '../api/answers.js';
import { ApiProblem, useApi } from '../api/api.js';
import { statusThenQuery, type ProviderKind } from '../api/queries.js';
import { KeptCalendars } from '../calendars/kept-calendars.js';
import { Press } from '../controls/buttons.js';
import { DialogWindow } from '../controls/confirm.js';
import { Entry, type Fault } from '../controls/fields.js';
import { Loading } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { StatusBadge } from '../controls/status-badge.js';
import { When } from '../controls/when.js';
import { StatusDetails } from '../providers/status-details.js';
import { Trouble } from '../providers/provider-status.js';
import { texts } from '../texts/texts.js';

const words = texts.asItWas;

interface AsItWasProps {
  kind: ProviderKind;
  id: string;
  /** The moment to begin with; null: it is asked for. */
  at: string | null;
  onClose: () => void;
}

/** The status at a past moment, over the page that shows today's. */
export function AsItWas({ kind, id, at: first, onClose }: AsItWasProps) {
  const api = useApi();
  const [at, setAt] = useState(first);
  const [entered, setEntered] = useState(first ? localOf(new Date(first)) : '');
  const [missing, setMissing] = useState(false);
  const { data, error } = useQuery(statusThenQuery(api, kind, id, at));
  const refused = error instanceof ApiProblem ? error : null;
  const fault: Fault | undefined = missing
    ? { sentence: words.missing }
    : refused?.status === 400
      ? { sentence: refused.sentence, remedy: refused.remedy }
      : undefined;
  const show = (): void => {
    // The field knows seconds only: what nobody changed stays exact.
    if (at !== null && entered === localOf(new Date(at))) return;
    const moment = new Date(entered);
    const known = !Number.isNaN(moment.getTime());
    setMissing(!known);
    if (known) setAt(moment.toISOString());
  };
  return (
    <DialogWindow title={words.title} isOpen onClose={onClose}>
      <div role="status" className="then">
        {data && !refused ? <Then status={data} /> : null}
      </div>
      {refused && refused.status !== 400 ? <ProblemText problem={refused} /> : null}
      {at !== null && !data && !error ? <Loading /> : null}
      <form
        className="then-other"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          show();
        }}
      >
        <Entry
          label={words.moment}
          description={words.momentDescription}
          type="datetime-local"
          value={entered}
          onChange={setEntered}
          fault={fault}
          autoFocus={first === null}
        />
        <div className="dialog-actions">
          <Press type="submit">{words.show}</Press>
          <Press look="primary" onPress={onClose}>
            {words.backToNow}
          </Press>
        </div>
      </form>
    </DialogWindow>
  );
}

function Then({ status }: { status: StatusThen }) {
  return (
    <>
      <p className="then-mark">
        <When at={status.asOf} say={words.thisIsThePast} />
      </p>
      <p>
        <StatusBadge status={status.status} paused={status.paused} />
      </p>
      <Trouble status={status} />
      <StatusDetails status={status} activityKnown={status.activityKnown} />
      {status.calendars ? <KeptCalendars calendars={status.calendars} told={status.problem?.code} /> : null}
      {status.activityKnown ? null : <p className="description">{words.activityUnknown}</p>}
    </>
  );
}

/** As the field for a date and a time wants it: in the time zone of whoever looks. */
function localOf(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
