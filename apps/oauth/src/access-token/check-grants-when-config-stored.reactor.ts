import { googleAppEvents } from '#contracts/oauth';
import { becauseOf } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { reactByType, reactor, type Reaction, type Reactor } from '#processors/processor';
import type { Grants } from '../grant/grants.js';
import type { AccessTokens } from './access-tokens.js';

/**
 * A new configuration may end permissions (another client) or mend them (a secret replaced): every grant is tried at once, so that nobody
 * waits for the next use to learn it. What comes of it is told by each grant's own history.
 */
export const checkGrantsWhenConfigStored = (grants: Grants, tokens: AccessTokens): Reactor =>
  reactor({
    id: 'oauth.check-grants-when-config-stored',
    categories: ['googleApp'],
    react: reactByType({
      ConfigStored: async (event) => {
        const { tenantId } = event.metadata;
        const origin = becauseOf(event, 'oauth.check-grants-when-config-stored');
        const { changed } = googleAppEvents.ConfigStored.data.parse(event.data);
        const provenSince = changed.some((field) => field.endsWith('ClientSecret'))
          ? new Date(event.metadata.at)
          : null;
        let disturbed: Reaction | undefined;
        for (const providerId of await grants.providersWithTokens(tenantId)) {
          const reply = await tokens.check(providerId, origin, { provenSince });
          // Those after it are looked at all the same: what ends with the change has to be told before it fails.
          if (!reply.ok && definitionOf(reply.problem.code).kind === 'transient')
            disturbed = { retry: reply.problem.code };
        }
        return disturbed ?? 'done';
      },
      ClientSecretAccepted: 'pass',
      FormerSecretForgotten: 'pass',
      RemovalBegun: 'pass',
      ConfigCleared: 'pass',
    }),
  });
