import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api.js';
import { commandsQuery } from '../api/queries.js';
import { Outward, Press } from '../controls/buttons.js';
import { CopyButton, CopyValue } from '../controls/copy-value.js';
import { Choices, Entry, FaultText, type Fault } from '../controls/fields.js';
import { FileDrop, severalFiles } from '../controls/file-drop.js';
import { texts } from '../texts/texts.js';
import type { StepProps } from './form-state.js';
import { googlePages } from './google-console.js';
import { readKeyFile } from './google-file.js';
import { StepFrame } from './step.js';

const words = texts.setup.account;

export function AccountStep(props: StepProps) {
  const { draft, change, readOnly, done } = props;
  const pages = googlePages(draft.projectId);
  const manual = draft.provisioning === 'manual';
  return (
    <StepFrame
      step="account"
      number={5}
      title={words.title}
      done={done}
      how={manual ? words.manualHow : words.keyHow}
      links={
        manual ? (
          <Outward href={pages.cloudShell}>{words.cloudShell}</Outward>
        ) : (
          <Outward href={pages.serviceAccounts}>{words.open}</Outward>
        )
      }
      aside={manual ? null : <p className="description">{words.policy}</p>}
      first={
        <Choices
          label={words.kind}
          value={draft.provisioning}
          onChange={(provisioning) => change({ provisioning })}
          isDisabled={readOnly}
          choices={[
            { value: 'key', label: words.key, hint: words.keyHint },
            { value: 'manual', label: words.manual, hint: words.manualHint },
          ]}
        />
      }
    >
      {manual ? <ByHand {...props} /> : <WithKey {...props} />}
    </StepFrame>
  );
}

function WithKey({ stored, draft, faults, change, readOnly }: StepProps) {
  const [fileFault, setFileFault] = useState<Fault>();
  const [replacing, setReplacing] = useState(false);
  const { key } = draft;
  const take = async (file: File): Promise<void> => {
    const read = readKeyFile(file.name, await file.text());
    setFileFault(read.ok ? undefined : { sentence: read.sentence });
    if (!read.ok) return;
    const { text, email, projectId } = read.file;
    change({
      key: { text, email, file: file.name },
      ...(projectId && draft.projectId.trim() === '' ? { projectId } : {}),
    });
  };
  const fault = fileFault ?? faults.get('serviceAccountKey');
  if (key === 'remove')
    return (
      <p className="row">
        {words.removed} <Press onPress={() => change({ key: null })}>{words.undo}</Press>
      </p>
    );
  const showsStored = stored.serviceAccountKeyStored && !key && !replacing && !fault;
  if (showsStored)
    return (
      <>
        <dl className="stored">
          <dt>{words.keyLabel}</dt>
          <dd>{words.storedKey(stored.serviceAccountEmail ?? '')}</dd>
        </dl>
        {readOnly ? null : (
          <div className="row">
            <Press onPress={() => setReplacing(true)}>{texts.replace}</Press>
            <Press onPress={() => change({ key: 'remove' })}>{words.removeKey}</Press>
          </div>
        )}
      </>
    );
  return (
    <>
      <FileDrop
        label={words.drop}
        button={words.choose}
        fault={fault}
        done={key ? words.newKey(key.email, key.file) : undefined}
        onFile={(file) => void take(file)}
        onSeveral={() => setFileFault(severalFiles)}
        isDisabled={readOnly}
      />
      {stored.serviceAccountKeyStored ? (
        <Press
          onPress={() => {
            setReplacing(false);
            setFileFault(undefined);
            change({ key: null });
          }}
        >
          {texts.setup.client.keep}
        </Press>
      ) : null}
    </>
  );
}

function ByHand({ stored, draft, faults, change, readOnly }: StepProps) {
  const api = useApi();
  const projectId = stored.projectId ?? '';
  const known = projectId !== '' && projectId === draft.projectId.trim();
  const { data, error } = useQuery({ ...commandsQuery(api, projectId), enabled: known });
  return (
    <>
      {known && data ? (
        <div className="commands">
          {data.commands.map((command, index) => (
            <CopyValue key={command} label={words.command(index + 1)} value={command} />
          ))}
          <CopyButton label={words.title} text={words.copyAll} value={data.commands.join('\n')} />
        </div>
      ) : null}
      {!known ? <p className="advice">{words.commandsFirst}</p> : null}
      {error ? (
        <p className="fault">
          <FaultText fault={{ sentence: error.message }} />
        </p>
      ) : null}
      <Entry
        label={words.pushLabel}
        description={words.pushDescription}
        value={draft.pushServiceAccount}
        onChange={(pushServiceAccount) => change({ pushServiceAccount })}
        fault={faults.get('pushServiceAccount')}
        isDisabled={readOnly}
      />
      {known && data && draft.pushServiceAccount === '' && !readOnly ? (
        <Press onPress={() => change({ pushServiceAccount: data.serviceAccountEmail })}>
          {words.useProposed(data.serviceAccountEmail)}
        </Press>
      ) : null}
    </>
  );
}
