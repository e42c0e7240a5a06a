import { useState } from 'react';
import type { IncludedKind, Mailbox } from '../api/answers.js';
import { useCommand } from '../api/queries.js';
import { Checklist, Entry, type Fault } from '../controls/fields.js';
import { FormWindow } from '../providers/form-window.js';
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
  const [name, setName] = useState(mailbox?.name ?? '');
  const [address, setAddress] = useState(mailbox?.mailbox ?? '');
  const [labels, setLabels] = useState(mailbox?.labels.join(', ') ?? '');
  const [include, setInclude] = useState<IncludedKind[]>(mailbox?.include ?? []);
  const [faults, setFaults] = useState<{ name?: Fault | undefined; address?: Fault | undefined }>({});
  const check = (): boolean => {
    const found = {
      name: name.trim() === '' ? { sentence: words.nameMissing } : undefined,
      address:
        mailbox || /^\S+@\S+\.\S+$/.test(address.trim()) ? undefined : { sentence: words.addressMissing },
    };
    setFaults(found);
    return !found.name && !found.address;
  };
  const submit = async (): Promise<void> => {
    const settings = {
      name: name.trim(),
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
      body: { provider: 'google', mailbox: address.trim(), ...settings },
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
      <Entry
        label={words.name}
        description={words.nameDescription}
        value={name}
        onChange={setName}
        fault={faults.name}
        autoFocus
      />
      {mailbox ? null : (
        <Entry
          label={words.address}
          description={words.addressDescription}
          type="email"
          value={address}
          onChange={setAddress}
          fault={faults.address}
        />
      )}
      <Entry label={words.labels} description={words.labelsDescription} value={labels} onChange={setLabels} />
      <Checklist label={words.include} choices={kinds} value={include} onChange={setInclude} />
    </FormWindow>
  );
}
