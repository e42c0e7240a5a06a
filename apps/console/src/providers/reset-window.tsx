import { useState } from 'react';
import type { ProviderState } from '../api/answers.js';
import { useCommand, type ProviderKind } from '../api/queries.js';
import { Entry } from '../controls/fields.js';
import { texts } from '../texts/texts.js';
import { FormWindow } from './form-window.js';

const words = texts.reset;

interface ResetWindowProps {
  kind: ProviderKind;
  provider: ProviderState;
  list: 'mailboxes' | 'calendars';
  onClose: () => void;
}

/** Puts a provider back to its beginning. Whoever does it says why. */
export function ResetWindow({ kind, provider: { id, name }, list, onClose }: ResetWindowProps) {
  const command = useCommand();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  return (
    <FormWindow
      title={words.title(name)}
      submit={texts.actions.reset}
      danger
      check={() => {
        setMissing(reason.trim() === '');
        return reason.trim() !== '';
      }}
      onSubmit={() =>
        command.mutateAsync({
          method: 'POST',
          path: `/api/${kind}/providers/${id}/reset`,
          body: { reason: reason.trim() },
        })
      }
      onClose={onClose}
    >
      <ul className="what">
        {texts[list].resetWhat.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className="description">{words.when}</p>
      <Entry
        label={words.reason}
        description={words.reasonDescription}
        value={reason}
        onChange={setReason}
        fault={missing ? { sentence: words.reasonMissing } : undefined}
        autoFocus
      />
    </FormWindow>
  );
}
