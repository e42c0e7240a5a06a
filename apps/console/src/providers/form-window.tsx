import { useState, type ReactNode } from 'react';
import type { Problem } from '../api/answers.js';
import { ApiProblem } from '../api/api.js';
import { Press } from '../controls/buttons.js';
import { DialogWindow } from '../controls/confirm.js';
import { ProblemText } from '../controls/problem-text.js';
import { texts } from '../texts/texts.js';

interface FormWindowProps {
  title: string;
  submit: string;
  danger?: boolean;
  /** False: something is wrong and stands at its field. */
  check: () => boolean;
  onSubmit: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}

/** A small form over the page. It closes when it was taken, and says why when it was not. */
export function FormWindow({
  title,
  submit,
  danger = false,
  check,
  onSubmit,
  onClose,
  children,
}: FormWindowProps) {
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setRefused(null);
    setBusy(true);
    try {
      await onSubmit();
      onClose();
    } catch (error) {
      setRefused(error instanceof ApiProblem ? error : new ApiProblem(0, {}));
      setBusy(false);
    }
  };
  return (
    <DialogWindow title={title} isOpen onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          if (check()) void send();
          else requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
        }}
      >
        {children}
        {refused ? <ProblemText problem={refused} /> : null}
        <div className="dialog-actions">
          <Press onPress={onClose}>{texts.cancel}</Press>
          <Press look={danger ? 'danger' : 'primary'} type="submit" isPending={busy}>
            {submit}
          </Press>
        </div>
      </form>
    </DialogWindow>
  );
}
