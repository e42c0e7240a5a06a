import { ProvisionTopic, StartWatch, mailboxEvents, type MailboxEvent } from '#contracts/gmail';
import { VerifyTopic } from '#contracts/gmail-provisioning';
import { isNotificationMissing } from '#contracts/gap-reasons';
import { ForgetGrant } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { becauseOf } from '#messaging/envelope';
import type { ProblemCode } from '#problems/problem';
import { type Reactor, reactByType, reactor } from '#processors/processor';
import { permissionSince } from '../mailbox/permission.js';
import { reactionTo } from './reaction.js';

const onMailbox = (
  id: string,
  reactions: Partial<Record<keyof typeof mailboxEvents, Reactor['react']>>,
): Reactor => {
  const others = Object.fromEntries(Object.keys(mailboxEvents).map((type) => [type, 'pass' as const]));
  return reactor({ id, categories: ['mailbox'], react: reactByType({ ...others, ...reactions }) });
};

const providerOf = ({ stream }: RecordedEvent): string => parseStreamName(stream).id!;

/** A watch is never renewed during a pause, so it begins anew, and with it everything that is due by the clock. */
export const watchWhenResumed = ({ ask }: Pick<Means, 'ask'>): Reactor =>
  onMailbox('gmail.watch-when-resumed', {
    Resumed: async (event) => {
      const data = { providerId: providerOf(event), since: event.metadata.at };
      return reactionTo(await ask(StartWatch, data, becauseOf(event, 'gmail.watch-when-resumed')));
    },
  });

export const watchAnewWhenFilterSet = ({ ask }: Pick<Means, 'ask'>): Reactor =>
  onMailbox('gmail.watch-anew-when-filter-set', {
    FilterSet: async (event) => {
      const data = { providerId: providerOf(event) };
      return reactionTo(await ask(StartWatch, data, becauseOf(event, 'gmail.watch-anew-when-filter-set')));
    },
  });

const brokenTopic: ProblemCode[] = ['gmail.topic-not-found', 'gmail.publisher-grant-missing'];

/** The daily renewal is the occasion to see that nobody changed topic or subscription; a watch that they prevent is another one. */
export function mendTopicWhenWatchRenewedOrPrevented({ ask }: Pick<Means, 'ask'>): Reactor {
  const look: Reactor['react'] = async (event) =>
    reactionTo(
      await ask(ProvisionTopic, {}, becauseOf(event, 'gmail.mend-topic-when-watch-renewed-or-prevented')),
    );
  const lookIfBroken: Reactor['react'] = async (event) => {
    const { problem } = event.data as (MailboxEvent & { type: 'WatchFailed' })['data'];
    return brokenTopic.includes(problem.code) ? look(event) : 'done';
  };
  return onMailbox('gmail.mend-topic-when-watch-renewed-or-prevented', {
    WatchRenewed: look,
    WatchFailed: lookIfBroken,
    WatchRenewalFailed: lookIfBroken,
  });
}

/**
 * Somebody may have changed topic or subscription: they are looked at at once. The new watch makes Gmail notify, so that within minutes it is
 * known whether the way is broken or only one notification was lost; a topic that was mended has started it already.
 */
export const lookIntoMissingNotifications = ({ ask }: Pick<Means, 'ask'>): Reactor =>
  onMailbox('gmail.look-into-missing-notifications', {
    GapDetected: async (event) => {
      if (!isNotificationMissing(event.data as (MailboxEvent & { type: 'GapDetected' })['data']))
        return 'done';
      const origin = becauseOf(event, 'gmail.look-into-missing-notifications');
      const topic = reactionTo(await ask(VerifyTopic, {}, origin));
      const data = { providerId: providerOf(event), since: event.metadata.at };
      const watch = reactionTo(await ask(StartWatch, data, origin));
      return topic === 'done' ? watch : topic;
    },
  });

export function forgetGrantWhenDisconnected(means: Pick<Means, 'ask' | 'store'>): Reactor {
  const forget: Reactor['react'] = async (event) => {
    const { tenantId } = event.metadata;
    const providerId = providerOf(event);
    const grantedAt = await permissionSince(means, { tenantId, providerId });
    // Whoever connected again meanwhile keeps the new permission.
    if (event.type !== 'Removed' && grantedAt !== null && grantedAt > event.metadata.at) return 'done';
    const { reason } = event.data as { reason: string };
    const origin = becauseOf(event, 'gmail.forget-grant-when-disconnected');
    return reactionTo(await means.ask(ForgetGrant, { providerId, reason }, origin));
  };
  return onMailbox('gmail.forget-grant-when-disconnected', {
    Disconnected: forget,
    Reset: forget,
    Removed: forget,
  });
}
