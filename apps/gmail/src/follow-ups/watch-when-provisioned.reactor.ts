import { StartWatch, type TopicEvent } from '#contracts/gmail';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import { type Reaction, reactByType, type Reactor, reactor } from '#processors/processor';
import { mailboxesOf } from '../mailbox/find-mailbox.js';
import { reactionTo } from './reaction.js';

/**
 * Every connected mailbox of the tenant is watched. What was made or mended may have lost notifications, and what was provisioned by hand has
 * to be proven: such a watch begins anew.
 */
export const watchWhenProvisioned = ({ ask, database }: Pick<Means, 'ask' | 'database'>) =>
  reactor({
    id: 'gmail.watch-when-provisioned',
    categories: ['topic'],
    react: reactByType({
      TopicProvisioned: async (event) => {
        const origin = becauseOf(event, 'gmail.watch-when-provisioned');
        const { repaired, mode } = event.data as (TopicEvent & { type: 'TopicProvisioned' })['data'];
        const since = repaired.length > 0 || mode === 'manual' ? { since: event.metadata.at } : {};
        const mailboxes = await mailboxesOf(database, event.metadata.tenantId);
        const waiting = mailboxes.filter(({ connected, paused }) => connected && !paused);
        // One after the other: a tenant's mailboxes share one project and its quota. None waits for another one's trouble.
        let worst: Reaction = 'done';
        for (const { providerId } of waiting) {
          const reaction: Reaction = reactionTo(await ask(StartWatch, { providerId, ...since }, origin));
          if (reaction !== 'done') worst = reaction;
        }
        return worst;
      },
      TopicProvisioningFailed: 'pass',
      TopicLeft: 'pass',
    } satisfies Record<TopicEvent['type'], Reactor['react'] | 'pass'>),
  });
