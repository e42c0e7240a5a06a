import { ProvisionTopic, StartWatch } from '#contracts/gmail';
import type { GrantEvent } from '#contracts/oauth';
import { parseStreamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import { reactByType, type Reactor, reactor } from '#processors/processor';
import { reactionTo } from './reaction.js';

/** A permission that was given leads to a topic and a watch, without anybody waiting for it. */
export const connectWhenAuthorized = ({ ask }: Pick<Means, 'ask'>) =>
  reactor({
    id: 'gmail.connect-when-authorized',
    categories: ['grant'],
    react: reactByType({
      Authorized: async (event) => {
        const { product } = event.data as (GrantEvent & { type: 'Authorized' })['data'];
        if (product !== 'gmail') return 'done';
        const origin = becauseOf(event, 'gmail.connect-when-authorized');
        const topic = reactionTo(await ask(ProvisionTopic, {}, origin));
        if (topic !== 'done') return topic;
        // Also without a topic: the failure is then recorded at the mailbox too, and tried again from there.
        const providerId = parseStreamName(event.stream).id!;
        return reactionTo(await ask(StartWatch, { providerId, since: event.metadata.at }, origin));
      },
      AuthorizationStarted: 'pass',
      AuthorizationFailed: 'pass',
      AuthorizationLost: 'pass',
      AccessTokenRefused: 'pass',
      AccessTokenRefreshed: 'pass',
      GrantForgotten: 'pass',
    } satisfies Record<GrantEvent['type'], Reactor['react'] | 'pass'>),
  });
