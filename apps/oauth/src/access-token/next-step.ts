import { problem, type Problem } from '#problems/problem';
import { minutes, seconds } from '#time/clock';
import { missingFor } from '../google-app/app-status.js';
import { clientOf, type StoredApp, type TenantClient } from '../google-app/stored-app.js';
import { isOf, type GrantIdentity, type GrantState } from '../grant/grant.decider.js';
import { tokenHash, type GrantTokens, type SharedAccessToken } from '../grant/grant-tokens.js';

/** All that is known when somebody asks for an access token. */
export interface Situation {
  state: GrantState;
  tokens: GrantTokens;
  app: StoredApp;
}

type Granted = Extract<GrantState, { status: 'granted' }>;

export type NextStep =
  | { do: 'serve'; token: SharedAccessToken }
  /** `report`: whose history has to tell it; null when it does already. */
  | { do: 'refuse'; problem: Problem; report: GrantIdentity | null }
  /** `former`: the latest token, as long as it is still of use while Google gives no other. */
  | {
      do: 'refresh';
      client: TenantClient;
      refreshToken: string;
      state: Granted;
      former: SharedAccessToken | null;
      /** There is no token left that lives. */
      outOfTokens: boolean;
    };

const renewedBeforeMs = minutes(5);
const stillOfUseMs = seconds(30);

/** Whether a token will do: it lives long enough for whoever gets it, and is not the one that Google just refused. */
export const willDo = (token: SharedAccessToken, now: Date, refusedTokenHash: string | undefined): boolean =>
  livesFor(token, renewedBeforeMs, now) && isAnother(token, refusedTokenHash);

const livesFor = ({ expiresAt }: SharedAccessToken, milliseconds: number, now: Date): boolean =>
  Date.parse(expiresAt) - now.getTime() > milliseconds;

export const isAnother = ({ accessToken }: { accessToken: string }, refused: string | undefined): boolean =>
  refused === undefined || tokenHash(accessToken) !== refused;

export function nextStep(
  { state, tokens, app }: Situation,
  now: Date,
  refusedTokenHash: string | undefined,
): NextStep {
  if (state.status === 'absent') return refuse(problem('authorization.missing'), null);
  if (state.status === 'lost') return refuse(state.problem, null);
  const { grant } = state;
  const client = clientOf(app, grant.product);
  if (!client) return refuse(incomplete(app, grant.product), grant);
  if (client.clientId !== grant.clientId) return refuse(problem('authorization.client-changed'), grant);
  // Tokens of another account or client were stored by a connecting that was cut off before it was told.
  const belong = tokens.access === null || isOf(grant, tokens.access);
  if (tokens.refreshToken === null || !belong) return refuse(problem('authorization.missing'), grant);
  const { access } = tokens;
  // Only an answer of Google's proves that what troubled it is over.
  if (access && state.trouble === null && willDo(access, now, refusedTokenHash))
    return { do: 'serve', token: access };
  const former =
    access && livesFor(access, stillOfUseMs, now) && isAnother(access, refusedTokenHash) ? access : null;
  const outOfTokens = access === null || !livesFor(access, 0, now);
  return { do: 'refresh', client, refreshToken: tokens.refreshToken, state, former, outOfTokens };
}

const refuse = (found: Problem, report: GrantIdentity | null): NextStep => ({
  do: 'refuse',
  problem: found,
  report,
});

export const incomplete = (app: StoredApp, product: 'gmail' | 'calendar'): Problem =>
  problem('google-app.incomplete', {
    missing:
      product === 'calendar' && app.calendar === 'none' ? 'calendar' : missingFor(app, product).join(', '),
  });
