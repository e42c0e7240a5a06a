import { Outward } from '../controls/buttons.js';
import { CopyValue } from '../controls/copy-value.js';
import { Choices } from '../controls/fields.js';
import { texts } from '../texts/texts.js';
import { ClientEntry } from './client-entry.js';
import { storedChoice } from './draft.js';
import type { StepProps } from './form-state.js';
import { googlePages } from './google-console.js';
import { StepFrame } from './step.js';

const words = texts.setup.client;

export function ClientStep({ stored, draft, faults, change, readOnly, done }: StepProps) {
  const pages = googlePages(draft.projectId);
  const { redirectUri: gmailUri } = stored.gmail;
  const { redirectUri: calendarUri } = stored.calendar;
  const storedOwn =
    storedChoice(stored) === 'own' ? stored.calendar : { maskedClientId: null, clientSecretStored: false };
  return (
    <StepFrame
      step="client"
      number={4}
      title={words.title}
      done={done}
      how={words.how}
      links={<Outward href={pages.clients}>{words.open}</Outward>}
      aside={
        <>
          <CopyValue label={words.gmailRedirect} value={gmailUri} />
          {draft.calendar === 'none' ? null : (
            <CopyValue label={words.calendarRedirect} value={calendarUri} />
          )}
          <p className="description">{words.delay}</p>
        </>
      }
    >
      <ClientEntry
        stored={stored.gmail}
        clientId={draft.clientId}
        clientSecret={draft.clientSecret}
        faults={{ clientId: faults.get('gmail.clientId'), clientSecret: faults.get('gmail.clientSecret') }}
        redirectUris={draft.calendar === 'same' ? [gmailUri, calendarUri] : [gmailUri]}
        onChange={change}
        onFile={({ projectId }) => {
          if (projectId && draft.projectId.trim() === '') change({ projectId });
        }}
        readOnly={readOnly}
      />
      <Choices
        label={words.calendar}
        value={draft.calendar}
        onChange={(calendar) => change({ calendar })}
        isDisabled={readOnly}
        choices={[
          { value: 'same', label: words.calendarSame, hint: words.calendarSameHint },
          { value: 'own', label: words.calendarOwn, hint: words.calendarOwnHint },
          { value: 'none', label: words.calendarNone, hint: words.calendarNoneHint },
        ]}
      />
      {draft.calendar === 'own' ? (
        <fieldset className="nested">
          <legend>{words.calendarClientTitle}</legend>
          <ClientEntry
            stored={storedOwn}
            clientId={draft.calendarClientId}
            clientSecret={draft.calendarClientSecret}
            faults={{
              clientId: faults.get('calendar.clientId'),
              clientSecret: faults.get('calendar.clientSecret'),
            }}
            redirectUris={[calendarUri]}
            onChange={({ clientId, clientSecret }) =>
              change({ calendarClientId: clientId, calendarClientSecret: clientSecret })
            }
            readOnly={readOnly}
          />
        </fieldset>
      ) : null}
    </StepFrame>
  );
}
