import { useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { ProviderState } from '../api/answers.js';
import { useCommand, type ProviderKind } from '../api/queries.js';
import { Press } from '../controls/buttons.js';
import { Confirm } from '../controls/confirm.js';
import { goTo } from '../routing/location.js';
import { texts } from '../texts/texts.js';
import { ResetWindow } from './reset-window.js';

type Asked = 'pause' | 'disconnect' | 'reset' | 'remove';

interface ProviderActionsProps {
  kind: ProviderKind;
  provider: ProviderState;
  /** Where the list is, for after the deletion. */
  list: 'mailboxes' | 'calendars';
  onEdit: () => void;
}

/** What can be done with a provider, each said before it happens. */
export function ProviderActions({ kind, provider, list, onEdit }: ProviderActionsProps) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const queries = useQueryClient();
  const command = useCommand();
  const words = texts[list];
  const { id, name, paused, tokenState } = provider;
  const path = `/api/${kind}/providers/${id}`;
  const close = (): void => setAsked(null);
  return (
    <div className="row actions">
      <Press onPress={onEdit}>{list === 'mailboxes' ? texts.actions.edit : texts.actions.rename}</Press>
      {paused || tokenState === 'none' || tokenState === 'lost' ? null : (
        <Press onPress={() => setAsked('pause')}>{texts.actions.pause}</Press>
      )}
      {tokenState === 'none' || tokenState === 'lost' ? null : (
        <Press onPress={() => setAsked('disconnect')}>{texts.actions.disconnect}</Press>
      )}
      {tokenState === 'none' ? null : <Press onPress={() => setAsked('reset')}>{texts.actions.reset}</Press>}
      <Press onPress={() => setAsked('remove')}>{texts.actions.remove}</Press>
      {asked === 'pause' ? (
        <Confirm
          title={words.pauseTitle(name)}
          what={words.pauseWhat}
          confirm={texts.actions.pause}
          onClose={close}
          onConfirm={() => command.mutateAsync({ method: 'POST', path: `${path}/pause`, body: {} })}
        />
      ) : null}
      {asked === 'disconnect' ? (
        <Confirm
          title={words.disconnectTitle(name)}
          what={words.disconnectWhat}
          confirm={texts.actions.disconnect}
          danger
          onClose={close}
          onConfirm={() => command.mutateAsync({ method: 'POST', path: `${path}/disconnect` })}
        />
      ) : null}
      {asked === 'reset' ? (
        <ResetWindow
          title={texts.reset.title(name)}
          what={words.resetWhat}
          path={`${path}/reset`}
          confirm={texts.actions.reset}
          onClose={close}
        />
      ) : null}
      {asked === 'remove' ? (
        <Confirm
          title={words.removeTitle(name)}
          what={words.removeWhat}
          confirm={texts.actions.remove}
          danger
          onClose={close}
          onConfirm={async () => {
            await command.mutateAsync({ method: 'DELETE', path });
            queries.setQueryData<ProviderState[]>([list], (before) => before?.filter((one) => one.id !== id));
            goTo(list);
          }}
        />
      ) : null}
    </div>
  );
}
