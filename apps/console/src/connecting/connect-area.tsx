import { Press } from '../controls/buttons.js';
import { ProblemText } from '../controls/problem-text.js';
import { texts } from '../texts/texts.js';
import type { Connector } from './use-connecting.js';

const words = texts.connecting;

interface ConnectAreaProps {
  connector: Connector;
  label: string;
  /** Whether the status tells already why it did not work. */
  told: boolean;
  offered: boolean;
}

/** The button, and what became of the window that it opened. */
export function ConnectArea({ connector, label, told, offered }: ConnectAreaProps) {
  const { connecting, connect, show, giveUp } = connector;
  const { phase } = connecting;
  return (
    <div className="connect">
      {phase === 'open' ? (
        <div className="row">
          <Press onPress={show}>{words.showWindow}</Press>
          <Press look="quiet" onPress={giveUp}>
            {words.cancel}
          </Press>
        </div>
      ) : null}
      {offered && phase !== 'open' && phase !== 'blocked' ? (
        <Press look="primary" isPending={phase === 'starting'} onPress={() => void connect()}>
          {label}
        </Press>
      ) : null}
      <div role="status" className="connect-said">
        {phase === 'starting' ? words.starting : null}
        {phase === 'open' ? words.open : null}
        {phase === 'closed' ? words.closed : null}
        {phase === 'blocked' ? words.blocked : null}
      </div>
      {connecting.phase === 'blocked' ? (
        <div className="row">
          {/* The page at the end tells this one how it went, so it has to know it. */}
          <a className="button primary" href={connecting.authUrl} target="_blank" rel="opener">
            {words.openLink} <span className="unseen">{texts.opensElsewhere}</span>
          </a>
          <Press look="quiet" onPress={giveUp}>
            {words.cancel}
          </Press>
        </div>
      ) : null}
      {connecting.phase === 'refused' && !told ? <ProblemText problem={connecting.problem} /> : null}
    </div>
  );
}
