import type { ReactNode } from 'react';
import type { ProviderState, StatusAnswer } from '../api/answers.js';
import { useCommand, type ProviderKind } from '../api/queries.js';
import { ConnectArea } from '../connecting/connect-area.js';
import { nextActionOf } from '../connecting/next-action.js';
import { useConnecting } from '../connecting/use-connecting.js';
import { GoTo, Press } from '../controls/buttons.js';
import { ProblemText } from '../controls/problem-text.js';
import { useMay } from '../session/use-session.js';
import { texts } from '../texts/texts.js';

interface ProviderStatusProps {
  kind: ProviderKind;
  provider: ProviderState;
  mayChange: boolean;
  /** Whose permission is needed. */
  account: string;
  /** The way to the choice of calendars, where there is one. */
  choose?: ReactNode;
}

/** What is wrong with a provider, and the one thing that helps. */
export function ProviderStatus({ kind, provider, mayChange, account, choose }: ProviderStatusProps) {
  const connector = useConnecting(kind, provider.id);
  const command = useCommand();
  const maySetUp = useMay('system_settings:read');
  const action = nextActionOf(provider);
  const { problem } = provider;
  // Nothing is wrong with what was never begun.
  const first = provider.tokenState === 'none' && problem?.code === 'authorization.missing';
  const { phase } = connector.connecting;
  const connecting = mayChange && (action === 'connect' || phase === 'open' || phase === 'blocked');
  // The status knows better than a window that could not tell how it ended.
  const endedOtherwise = (phase === 'closed' || phase === 'refused') && provider.tokenState !== 'valid';
  const path = `/api/${kind}/providers/${provider.id}`;
  const help =
    action === 'setup' && maySetUp ? (
      <GoTo to="setup">{texts.notConfigured.go}</GoTo>
    ) : action === 'resume' && mayChange ? (
      <Press
        look="primary"
        isPending={command.isPending}
        onPress={() => command.mutate({ method: 'POST', path: `${path}/resume` })}
      >
        {texts.actions.resume}
      </Press>
    ) : action === 'choose' ? (
      choose
    ) : null;
  return (
    <>
      {first && phase !== 'open' ? <p>{texts.connecting.invite(account)}</p> : null}
      {first ? null : <Trouble status={provider} help={help} />}
      {connecting || endedOtherwise ? (
        <ConnectArea
          connector={connector}
          label={first ? texts.connecting.connect : texts.connecting.again}
          told={problem !== null}
          offered={connecting}
        />
      ) : null}
    </>
  );
}

/** What is wrong, now as at any moment before. */
export function Trouble({ status: { status, problem }, help }: { status: StatusAnswer; help?: ReactNode }) {
  if (!problem) return null;
  return <ProblemText problem={problem} tone={status === 'error' ? 'bad' : 'note'} action={help} />;
}
