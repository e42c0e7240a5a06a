import { useState, type ReactNode } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import type { Problem } from '../api/answers.js';
import { ApiProblem } from '../api/api.js';
import { texts } from '../texts/texts.js';
import { Press } from './buttons.js';
import { ProblemText } from './problem-text.js';

interface WindowProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  role?: 'dialog' | 'alertdialog';
  children: ReactNode;
}

/** A window over the page: it takes the focus, gives it back, and closes with Escape. */
export function DialogWindow({ title, isOpen, onClose, role = 'dialog', children }: WindowProps) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role === 'dialog'}
    >
      <Modal className="modal">
        <Dialog className="dialog" role={role}>
          <Heading slot="title" className="dialog-title">
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  title: string;
  what: string[];
  advice?: string;
  confirm: string;
  danger?: boolean;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
  children?: ReactNode;
}

/** Says what will happen before it does. Stays open with the reason when it was refused. */
export function Confirm({
  title,
  what,
  advice,
  confirm,
  danger = false,
  onConfirm,
  onClose,
  children,
}: ConfirmProps) {
  const [refused, setRefused] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setRefused(error instanceof ApiProblem ? error : new ApiProblem(0, {}));
      setBusy(false);
    }
  };
  return (
    <DialogWindow title={title} isOpen onClose={onClose} role="alertdialog">
      <ul className="what">
        {what.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {advice ? <p className="advice">{advice}</p> : null}
      {children}
      {refused ? <ProblemText problem={refused} /> : null}
      <div className="dialog-actions">
        <Press onPress={onClose}>{texts.cancel}</Press>
        <Press look={danger ? 'danger' : 'primary'} isPending={busy} onPress={() => void go()}>
          {confirm}
        </Press>
      </div>
    </DialogWindow>
  );
}
