import { StartWatch, type TopicEvent } from '#contracts/gmail';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import { type Reaction, reactByType, type Reactor, reactor } from '#processors/processor';
import { mailboxesOf } from '../mailbox/find-mailbox.js';
import { reactionTo } from './reaction.js';

/** What was made or mended may have lost notifications: every connected mailbox of the tenant begins its watch anew. */
export const watchWhenProvisioned = ({ ask, database }: Pick<Means, 'ask' | 'database'>) =>
  reactor({
    id: 'gmail.watch-when-provisioned',
    categories: ['topic'],
    react: reactByType({
      TopicProvisioned: async (event) => {
        const origin = becauseOf(event, 'gmail.watch-when-provisioned');
        const mailboxes = await mailboxesOf(database, event.metadata.tenantId);
        const waiting = mailboxes.filter(({ connected, paused }) => connected && !paused);
        // One after the other: a tenant's mailboxes share one project and its quota.
        for (const { providerId } of waiting) {
          const reaction: Reaction = reactionTo(
            await ask(StartWatch, { providerId, since: event.metadata.at }, origin),
          );
          if (reaction !== 'done') return reaction;
        }
        return 'done';
      },
      TopicProvisioningFailed: 'pass',
    } satisfies Record<TopicEvent['type'], Reactor['react'] | 'pass'>),
  });
