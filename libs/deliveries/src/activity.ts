import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { MailboxActivity } from '#contracts/gmail';
import { activitySubject } from './subjects.js';

/** Returns the function that tells what a mailbox did lately. It rejects when the stream cannot be reached. */
export function activityPublisher(nats: NatsConnection): (activity: MailboxActivity) => Promise<void> {
  const stream = jetstream(nats);
  return async (activity) => {
    await stream.publish(activitySubject(activity.tenantId, activity.providerId), JSON.stringify(activity));
  };
}
