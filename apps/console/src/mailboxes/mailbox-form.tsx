import { useState } from 'react';
import type { IncludedKind, Mailbox } from '../api/answers.js';
import { useCommand } from '../api/queries.js';
import { Checklist, Entry } from '../controls/fields.js';
import { FormWindow } from '../providers/form-window.js';
import { useNameAndAddress } from '../providers/name-and-address.js';
import { goTo } from '../routing/location.js';
import { texts } from '../texts/texts.js';

const words = texts.mailboxes.form;
const kinds = Object.entries(words.kinds).map(([value, label]) => ({
  value: value as IncludedKind,
  label,
}));

interface MailboxFormProps {
  /** The mailbox whose settings are changed; null: a new one. */
  mailbox: Mailbox | null;
  onClose: () => void;
}

export function MailboxForm({ mailbox, onClose }: MailboxFormProps) {
  const command = useCommand<{ id: string }>();
  const { name, address, check, fields } = useNameAndAddress('mailboxes', mailbox);
  const [labels, setLabels] = useState(mailbox?.labels.join(', ') ?? '');
  const [include, setInclude] = useState<IncludedKind[]>(mailbox?.include ?? []);
  const submit = async (): Promise<void> => {
    const settings = {
      name,
      labels: labels
        .split(',')
        .map((label) => label.trim())
        .filter(Boolean),
      include,
    };
    if (mailbox) {
      await command.mutateAsync({
        method: 'PATCH',
        path: `/api/email/providers/${mailbox.id}`,
        body: settings,
      });
      return;
    }
    const { id } = await command.mutateAsync({
      method: 'POST',
      path: '/api/email/providers',
      body: { provider: 'google', mailbox: address, ...settings },
    });
    goTo(`mailboxes/${id}`);
  };
  return (
    <FormWindow
      title={mailbox ? words.editTitle : words.addTitle}
      submit={mailbox ? texts.save : words.add}
      check={check}
      onSubmit={submit}
      onClose={onClose}
    >
      {fields}
      <Entry label={words.labels} description={words.labelsDescription} value={labels} onChange={setLabels} />
      <Checklist label={words.include} choices={kinds} value={include} onChange={setInclude} />
    </FormWindow>
  );
}
