import { useState } from 'react';
import type { CalendarProvider } from '../api/answers.js';
import { useCommand } from '../api/queries.js';
import { Entry, type Fault } from '../controls/fields.js';
import { FormWindow } from '../providers/form-window.js';
import { goTo } from '../routing/location.js';
import { texts } from '../texts/texts.js';

const words = texts.calendars.form;

interface AccountFormProps {
  /** Which is renamed; null: a new one. */
  provider: CalendarProvider | null;
  onClose: () => void;
}

export function AccountForm({ provider, onClose }: AccountFormProps) {
  const command = useCommand<{ id: string }>();
  const [name, setName] = useState(provider?.name ?? '');
  const [account, setAccount] = useState('');
  const [faults, setFaults] = useState<{ name?: Fault | undefined; account?: Fault | undefined }>({});
  const check = (): boolean => {
    const found = {
      name: name.trim() === '' ? { sentence: words.nameMissing } : undefined,
      account:
        provider || /^\S+@\S+\.\S+$/.test(account.trim()) ? undefined : { sentence: words.accountMissing },
    };
    setFaults(found);
    return !found.name && !found.account;
  };
  const submit = async (): Promise<void> => {
    if (provider) {
      const path = `/api/calendar/providers/${provider.id}`;
      await command.mutateAsync({ method: 'PATCH', path, body: { name: name.trim() } });
      return;
    }
    const body = { name: name.trim(), account: account.trim() };
    const { id } = await command.mutateAsync({ method: 'POST', path: '/api/calendar/providers', body });
    goTo(`calendars/${id}`);
  };
  return (
    <FormWindow
      title={provider ? words.renameTitle : words.addTitle}
      submit={provider ? texts.save : words.add}
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
      {provider ? null : (
        <Entry
          label={words.account}
          description={words.accountDescription}
          type="email"
          value={account}
          onChange={setAccount}
          fault={faults.account}
        />
      )}
    </FormWindow>
  );
}
