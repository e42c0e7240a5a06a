import type { CalendarProvider } from '../api/answers.js';
import { useCommand } from '../api/queries.js';
import { FormWindow } from '../providers/form-window.js';
import { useNameAndAddress } from '../providers/name-and-address.js';
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
  const { name, address, check, fields } = useNameAndAddress('calendars', provider);
  const submit = async (): Promise<void> => {
    if (provider) {
      const path = `/api/calendar/providers/${provider.id}`;
      await command.mutateAsync({ method: 'PATCH', path, body: { name } });
      return;
    }
    const body = { name, account: address };
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
      {fields}
    </FormWindow>
  );
}
