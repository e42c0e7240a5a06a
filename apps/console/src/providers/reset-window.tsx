import { useState } from 'react';
import { useCommand } from '../api/queries.js';
import { Entry } from '../controls/fields.js';
import { texts } from '../texts/texts.js';
import { FormWindow } from './form-window.js';

const words = texts.reset;

interface ResetWindowProps {
  title: string;
  what: string[];
  /** Where the reset is asked for. */
  path: string;
  confirm: string;
  onClose: () => void;
}

/** Puts something back to its beginning. Whoever does it says why. */
export function ResetWindow({ title, what, path, confirm, onClose }: ResetWindowProps) {
  const command = useCommand();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  return (
    <FormWindow
      title={title}
      submit={confirm}
      danger
      check={() => {
        setMissing(reason.trim() === '');
        return reason.trim() !== '';
      }}
      onSubmit={() =>
        command.mutateAsync({
          method: 'POST',
          path,
          body: { reason: reason.trim() },
        })
      }
      onClose={onClose}
    >
      <ul className="what">
        {what.map((sentence) => (
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
