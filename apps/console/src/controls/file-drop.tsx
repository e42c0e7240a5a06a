import { useId, useRef } from 'react';
import { DropZone, isFileDropItem, Text } from 'react-aria-components';
import { texts } from '../texts/texts.js';
import { Press } from './buttons.js';
import { FaultText, type Fault } from './fields.js';

interface FileDropProps {
  label: string;
  button: string;
  fault?: Fault | undefined;
  done?: string | undefined;
  onFile: (file: File) => void;
  onSeveral: () => void;
  isDisabled?: boolean;
}

/** Takes one file, dropped, pasted or chosen. It is read in the browser and sent nowhere by itself. */
export function FileDrop({
  label,
  button,
  fault,
  done,
  onFile,
  onSeveral,
  isDisabled = false,
}: FileDropProps) {
  const input = useRef<HTMLInputElement>(null);
  const messageId = useId();
  const take = (files: File[]): void => {
    if (files.length > 1) onSeveral();
    else if (files[0]) onFile(files[0]);
  };
  return (
    <div className="file-drop">
      <DropZone
        className={`drop-zone${fault ? ' wrong' : ''}`}
        isDisabled={isDisabled}
        onDrop={({ items }) => {
          const dropped = items.filter(isFileDropItem);
          void Promise.all(dropped.map((item) => item.getFile())).then(take);
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 15V4m0 0L8 8m4-4 4 4M5 15v4h14v-4" />
        </svg>
        <Text slot="label">{label}</Text>
        <Press
          look="secondary"
          isDisabled={isDisabled}
          aria-describedby={messageId}
          onPress={() => input.current?.click()}
        >
          {button}
        </Press>
        <input
          ref={input}
          type="file"
          accept="application/json,.json"
          hidden
          aria-label={label}
          onChange={({ currentTarget }) => {
            take([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
      </DropZone>
      <div id={messageId} role="status" className={fault ? 'fault' : 'done-note'}>
        {fault ? <FaultText fault={fault} /> : done}
      </div>
    </div>
  );
}

export const severalFiles: Fault = { sentence: texts.setup.files.severalFiles };
