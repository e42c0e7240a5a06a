import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiProblem, useApi } from '../api/api.js';
import { accountCalendarsQuery, useCommand } from '../api/queries.js';
import { Checklist } from '../controls/fields.js';
import { Loading } from '../controls/page.js';
import { ProblemText } from '../controls/problem-text.js';
import { FormWindow } from '../providers/form-window.js';
import { texts } from '../texts/texts.js';

const words = texts.calendars;

/** Which of the account's calendars are kept, as Google lists them now. */
export function ChooseCalendars({ providerId, onClose }: { providerId: string; onClose: () => void }) {
  const api = useApi();
  const command = useCommand();
  const { data: calendars, error } = useQuery(accountCalendarsQuery(api, providerId));
  const [chosen, setChosen] = useState<string[] | null>(null);
  const begun = calendars?.some((one) => one.chosen) ?? false;
  const proposed = (calendars ?? [])
    .filter((one) => (begun ? one.chosen : one.proposed))
    .map(({ calendarId }) => calendarId);
  return (
    <FormWindow
      title={words.choose}
      submit={texts.save}
      check={() => calendars !== undefined}
      onSubmit={() =>
        command.mutateAsync({
          method: 'PUT',
          path: `/api/calendar/providers/${providerId}/calendars`,
          body: { calendarIds: chosen ?? proposed },
        })
      }
      onClose={onClose}
    >
      {error instanceof ApiProblem ? <ProblemText problem={error} /> : null}
      {calendars ? (
        <Checklist
          label={words.chooseLead}
          value={chosen ?? proposed}
          onChange={setChosen}
          choices={calendars.map(({ calendarId, summary, primary }) => ({
            value: calendarId,
            label: summary,
            ...(primary ? { hint: words.primary } : {}),
          }))}
        />
      ) : error ? null : (
        <Loading />
      )}
    </FormWindow>
  );
}
