import { useState } from 'react';
import { Press } from '../controls/buttons.js';
import { Entry, type Fault } from '../controls/fields.js';
import { Loading } from '../controls/page.js';
import { texts } from '../texts/texts.js';
import { isFramed } from './session.js';
import { useSession, useSessionState } from './use-session.js';

const words = texts.session;

/** Who is there? Either the PSA's page says it, or a token is pasted. */
export function SignIn({ development }: { development: boolean }) {
  const session = useSession();
  const state = useSessionState();
  const [token, setToken] = useState('');
  const [fault, setFault] = useState<Fault>();
  if (state.kind !== 'signed-out') return <Loading />;
  return (
    <main id="content" className="sign-in card">
      <h1>{words.title}</h1>
      <p role="status">{state.ended ? words.ended : state.host ? words.noAnswer : words.fromHost}</p>
      {development ? <p className="advice">{words.development}</p> : null}
      {state.host ? <Press onPress={() => session.askAgain()}>{words.askAgain}</Press> : null}
      {isFramed() ? null : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            const taken = session.paste(token);
            setFault(taken ? undefined : { sentence: words.notAToken });
          }}
        >
          <Entry
            label={words.tokenLabel}
            description={words.tokenDescription}
            type="password"
            value={token}
            onChange={setToken}
            fault={fault}
          />
          <Press type="submit" look="primary">
            {words.signIn}
          </Press>
        </form>
      )}
    </main>
  );
}
