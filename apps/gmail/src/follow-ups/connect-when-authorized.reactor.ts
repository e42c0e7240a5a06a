import { ProvisionTopic, StartWatch } from '#contracts/gmail';
import { ForgetGrant, type GrantEvent } from '#contracts/oauth';
import { parseStreamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import { reactByType, type Reactor, reactor } from '#processors/processor';
import { mailboxStateOf } from '../mailbox/change-mailbox.js';
import { isPresent } from '../mailbox/mailbox-state.js';
import { reactionTo } from './reaction.js';

/**
 * A permission that was given leads to a topic and a watch, without anybody waiting for it. One for a mailbox that was removed while its
 * owner was still on Google's page is given back: nobody could take it away otherwise.
 */
export const connectWhenAuthorized = ({ ask, store }: Pick<Means, 'ask' | 'store'>) =>
  reactor({
    id: 'gmail.connect-when-authorized',
    categories: ['grant'],
    react: reactByType({
      Authorized: async (event) => {
        const { product } = event.data as (GrantEvent & { type: 'Authorized' })['data'];
        if (product !== 'gmail') return 'done';
        const { tenantId, id } = parseStreamName(event.stream);
        const providerId = id!;
        const origin = becauseOf(event, 'gmail.connect-when-authorized');
        if (!isPresent(await mailboxStateOf({ store }, { tenantId, providerId })))
          return reactionTo(await ask(ForgetGrant, { providerId, reason: 'the mailbox is removed' }, origin));
        const topic = reactionTo(await ask(ProvisionTopic, {}, origin));
        if (topic !== 'done') return topic;
        // Also without a topic: the failure is then recorded at the mailbox too, and tried again from there.
        return reactionTo(await ask(StartWatch, { providerId, since: event.metadata.at }, origin));
      },
      AuthorizationStarted: 'pass',
      AuthorizationFailed: 'pass',
      AuthorizationLost: 'pass',
      CauseFound: 'pass',
      AccessTokenRefused: 'pass',
      AccessTokenRefreshed: 'pass',
      GrantForgotten: 'pass',
    } satisfies Record<GrantEvent['type'], Reactor['react'] | 'pass'>),
  });
