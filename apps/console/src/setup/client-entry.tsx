import { useState } from 'react';
import { Press } from '../controls/buttons.js';
import { Entry, type Fault } from '../controls/fields.js';
import { FileDrop, severalFiles } from '../controls/file-drop.js';
import { texts } from '../texts/texts.js';
import { readClientFile, type ClientFile } from './google-file.js';

const words = texts.setup.client;

interface ClientEntryProps {
  stored: { maskedClientId: string | null; clientSecretStored: boolean };
  clientId: string;
  clientSecret: string;
  faults: { clientId: Fault | undefined; clientSecret: Fault | undefined };
  /** Where this client has to send people back to. */
  redirectUris: string[];
  onChange: (pair: { clientId: string; clientSecret: string }) => void;
  onFile?: (file: ClientFile) => void;
  readOnly: boolean;
}

type Replacing = 'nothing' | 'client' | 'secret';

/** One OAuth client: dropped as Google's file or entered by hand. What is stored is shown as set, and replaced on purpose only. */
export function ClientEntry(props: ClientEntryProps) {
  const { stored, clientId, clientSecret, faults, onChange, readOnly } = props;
  const [wish, setWish] = useState<Replacing>('nothing');
  const complete = stored.maskedClientId !== null && stored.clientSecretStored;
  const replacing: Replacing = !complete
    ? 'client'
    : clientId || faults.clientId
      ? 'client'
      : wish === 'nothing' && (clientSecret || faults.clientSecret)
        ? 'secret'
        : wish;
  const keep = (): void => {
    setWish('nothing');
    onChange({ clientId: '', clientSecret: '' });
  };
  return (
    <div className="client-entry">
      {complete ? (
        <dl className="stored">
          <dt>{words.clientId}</dt>
          <dd>
            <code>{stored.maskedClientId}</code>
          </dd>
          <dt>{words.clientSecret}</dt>
          <dd>{words.storedSecret}</dd>
        </dl>
      ) : null}
      {complete && !readOnly ? (
        <div className="row">
          {replacing === 'nothing' ? (
            <>
              <Press onPress={() => setWish('client')}>{words.replaceClient}</Press>
              <Press onPress={() => setWish('secret')}>{words.replaceSecret}</Press>
            </>
          ) : (
            <Press onPress={keep}>{words.keep}</Press>
          )}
        </div>
      ) : null}
      {replacing === 'client' ? <WholeClient {...props} /> : null}
      {replacing === 'secret' ? (
        <SecretEntry
          value={clientSecret}
          fault={faults.clientSecret}
          readOnly={readOnly}
          onChange={(secret) => onChange({ clientId: '', clientSecret: secret })}
        />
      ) : null}
    </div>
  );
}

function WholeClient({
  clientId,
  clientSecret,
  faults,
  redirectUris,
  onChange,
  onFile,
  readOnly,
}: ClientEntryProps) {
  const [fileFault, setFileFault] = useState<Fault>();
  const [note, setNote] = useState<string>();
  const take = async (file: File): Promise<void> => {
    const read = readClientFile(file.name, await file.text());
    if (!read.ok) {
      setFileFault({ sentence: read.sentence });
      setNote(undefined);
      return;
    }
    const missing = redirectUris.filter((uri) => !read.file.redirectUris.includes(uri));
    setFileFault(missing.length > 0 ? { sentence: words.redirectsMissing(missing.join(', ')) } : undefined);
    setNote(words.filled(file.name));
    onChange({ clientId: read.file.clientId, clientSecret: read.file.clientSecret ?? '' });
    onFile?.(read.file);
  };
  return (
    <>
      <FileDrop
        label={words.drop}
        button={words.choose}
        fault={fileFault}
        done={note}
        onFile={(file) => void take(file)}
        onSeveral={() => setFileFault(severalFiles)}
        isDisabled={readOnly}
      />
      <p className="description">{words.orEnter}</p>
      <Entry
        label={words.clientId}
        description={words.clientIdDescription}
        value={clientId}
        onChange={(value) => onChange({ clientId: value, clientSecret })}
        fault={faults.clientId}
        isDisabled={readOnly}
      />
      <SecretEntry
        value={clientSecret}
        fault={faults.clientSecret}
        readOnly={readOnly}
        onChange={(secret) => onChange({ clientId, clientSecret: secret })}
      />
    </>
  );
}

interface SecretProps {
  value: string;
  fault: Fault | undefined;
  readOnly: boolean;
  onChange: (secret: string) => void;
}

const SecretEntry = ({ value, fault, readOnly, onChange }: SecretProps) => (
  <Entry
    label={words.clientSecret}
    description={words.clientSecretDescription}
    type="password"
    value={value}
    onChange={onChange}
    fault={fault}
    isDisabled={readOnly}
  />
);
