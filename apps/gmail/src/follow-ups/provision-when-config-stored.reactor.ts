import { ProvisionTopic } from '#contracts/gmail';
import type { GoogleAppEvent } from '#contracts/oauth';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import { reactByType, type Reactor, reactor } from '#processors/processor';
import { mailboxesOf } from '../mailbox/find-mailbox.js';
import { reactionTo } from './reaction.js';

/** A corrected project, key or mode takes effect at once where there are mailboxes that need it. */
export const provisionWhenConfigStored = ({ ask, database }: Pick<Means, 'ask' | 'database'>) =>
  reactor({
    id: 'gmail.provision-when-config-stored',
    categories: ['googleApp'],
    react: reactByType({
      ConfigStored: async (event) => {
        const mailboxes = await mailboxesOf(database, event.metadata.tenantId);
        if (!mailboxes.some(({ connected }) => connected)) return 'done';
        const origin = becauseOf(event, 'gmail.provision-when-config-stored');
        return reactionTo(await ask(ProvisionTopic, {}, origin));
      },
      ClientSecretAccepted: 'pass',
      FormerSecretForgotten: 'pass',
      RemovalBegun: 'pass',
      ConfigCleared: 'pass',
    } satisfies Record<GoogleAppEvent['type'], Reactor['react'] | 'pass'>),
  });
