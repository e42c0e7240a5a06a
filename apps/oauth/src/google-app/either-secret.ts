import { handleCommand } from '#event-sourcing/handle-command';
import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import type { OAuthClient, TokenAnswer } from '../google-sign-in/sign-in.js';
import { googleApp } from './google-app.decider.js';
import { googleAppStream } from './google-apps.js';
import type { TenantClient } from './stored-app.js';

type Ask = (client: OAuthClient) => Promise<TokenAnswer>;

/** Asks Google in a client's name. */
export type InNameOf = (client: TenantClient, origin: Origin, ask: Ask) => Promise<TokenAnswer>;

/**
 * With the new secret first. While it spreads at Google, one server takes it and the next does not: as long as the former one is kept, that
 * stands in, and nobody hears of it but the history, once. When neither is taken, that is told as ever.
 */
export const withEitherSecret =
  (means: Pick<Means, 'store' | 'clock'>): InNameOf =>
  async ({ clientId, clientSecret, pair, formerSecret }, origin, ask) => {
    const answer = await ask({ clientId, clientSecret });
    if (formerSecret === null) return answer;
    if (!refusesSecret(answer)) {
      if (speaksOfSecret(answer)) await note('current');
      return answer;
    }
    const former = await ask({ clientId, clientSecret: formerSecret });
    if (speaksOfSecret(former)) await note('former');
    return former;

    async function note(accepted: 'former' | 'current'): Promise<void> {
      const stream = googleAppStream(origin.tenantId);
      const command = { type: 'NoteSecretAccepted' as const, pair, accepted };
      await handleCommand({ ...means, decider: googleApp }, stream, command, origin);
    }
  };

const refusesSecret = (answer: TokenAnswer): boolean =>
  !answer.ok && answer.problem.code === 'oauth-client.secret-refused';

/** A disturbance says nothing of the secret; a permission that ended is only looked at once the secret was taken. */
const speaksOfSecret = (answer: TokenAnswer): boolean =>
  answer.ok || definitionOf(answer.problem.code).kind === 'dead';
