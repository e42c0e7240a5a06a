import { useState, type ReactNode } from 'react';
import type { ProviderState } from '../api/answers.js';
import { Entry, type Fault } from '../controls/fields.js';
import { texts } from '../texts/texts.js';

interface NameAndAddress {
  name: string;
  address: string;
  /** False: something is wrong and stands at its field. */
  check: () => boolean;
  fields: ReactNode;
}

/** What a provider is called and whose account it is. An account is chosen once: `known` keeps its own. */
export function useNameAndAddress(
  list: 'mailboxes' | 'calendars',
  known: ProviderState | null,
): NameAndAddress {
  const words = texts[list].form;
  const [name, setName] = useState(known?.name ?? '');
  const [address, setAddress] = useState('');
  const [faults, setFaults] = useState<{ name?: Fault | undefined; address?: Fault | undefined }>({});
  const check = (): boolean => {
    const found = {
      name: name.trim() === '' ? { sentence: words.nameMissing } : undefined,
      address:
        known || /^\S+@\S+\.\S+$/.test(address.trim()) ? undefined : { sentence: words.addressMissing },
    };
    setFaults(found);
    return !found.name && !found.address;
  };
  const fields = (
    <>
      <Entry
        label={words.name}
        description={words.nameDescription}
        value={name}
        onChange={setName}
        fault={faults.name}
        autoFocus
      />
      {known ? null : (
        <Entry
          label={words.address}
          description={words.addressDescription}
          type="email"
          value={address}
          onChange={setAddress}
          fault={faults.address}
        />
      )}
    </>
  );
  return { name: name.trim(), address: address.trim(), check, fields };
}
