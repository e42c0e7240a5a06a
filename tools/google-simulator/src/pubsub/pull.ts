import type { ServerResponse } from 'node:http';
import type { World } from '../world.js';
import type { Delivery } from './backlog.js';
import type { Subscription } from './subscription.js';

/** Leases up to `most` messages, waiting for the first one. Answers `{}` when none came in time. */
export async function pullFrom(
  world: World,
  subscription: Subscription,
  most: number,
  waitMs: number,
  connection: ServerResponse,
) {
  subscription.touch();
  let taken: Delivery[] = [];
  await world.pubsub.changes.until(
    () => {
      taken = subscription.isPush ? [] : subscription.backlog.take(most, subscription.retentionMs);
      return taken.length > 0 || waitMs === 0;
    },
    (giveUp) => {
      const cancelTimeout = world.scheduler.after(waitMs, giveUp);
      connection.once('close', giveUp);
      return () => {
        cancelTimeout();
        connection.off('close', giveUp);
      };
    },
  );
  if (taken.length === 0) return {};
  return { receivedMessages: taken.map((delivery) => received(world, subscription, delivery)) };
}

function received(world: World, subscription: Subscription, delivery: Delivery) {
  const { messageId, data, attributes, orderingKey, publishedAt } = delivery.message;
  const ackId = subscription.backlog.lease(delivery, subscription.ackDeadlineMs, () =>
    world.pubsub.changes.announce(),
  );
  return {
    ackId,
    message: {
      ...(data.length > 0 && { data: data.toString('base64') }),
      ...(Object.keys(attributes).length > 0 && { attributes }),
      messageId,
      publishTime: publishedAt.toISOString(),
      ...(orderingKey && { orderingKey }),
    },
    ...(subscription.config.deadLetterPolicy && { deliveryAttempt: delivery.attempts }),
  };
}
