import { z } from 'zod';
import type { World } from '../world.js';
import type { Delivery, PubSubMessage } from './backlog.js';
import { Changes } from './changes.js';
import { IamPolicy } from './iam-policy.js';
import { Pusher, type PushRecord } from './pusher.js';
import { lastSegment } from './refusals.js';
import { savedResources } from './saved-pubsub.js';
import { Subscription } from './subscription.js';

export const pubSubSettings = z.strictObject({
  /** Lets plain-http loopback addresses receive pushes; Google takes https only. */
  allowLoopbackPush: z.boolean(),
  /** How long a new grant takes to act; Google's take two minutes, seven at times. */
  grantPropagationMs: z.number().min(0),
  /** How long a pull waits for a first message. */
  pullWaitMs: z.number().min(0),
});
export type PubSubSettings = z.infer<typeof pubSubSettings>;

export const savedPubSub = savedResources.extend({ settings: pubSubSettings });
type SavedPubSub = z.output<typeof savedPubSub>;

export interface Topic {
  /** `projects/P/topics/T` */
  readonly name: string;
  readonly projectId: string;
  readonly labels: Record<string, string>;
  readonly policy: IamPolicy;
}

export type PublishOutcome =
  | { readonly kind: 'published'; readonly messageIds: string[] }
  | { readonly kind: 'no-topic' | 'not-authorized'; readonly message: string };

type NewMessage = Pick<PubSubMessage, 'data'> & { attributes?: Record<string, string>; orderingKey?: string };

/** Topics, subscriptions and the messages on their way. */
export class PubSubState {
  readonly settings: PubSubSettings = { allowLoopbackPush: true, grantPropagationMs: 0, pullWaitMs: 60_000 };
  readonly topics = new Map<string, Topic>();
  readonly changes = new Changes();
  readonly pusher: Pusher;
  private readonly known = new Map<string, Subscription>();
  private readonly byTopic = new Map<string, Set<Subscription>>();
  private lastMessageId = 0n;

  constructor(private readonly world: World) {
    this.pusher = new Pusher(world, (...ended) => this.pushEnded(...ended));
  }

  createTopic(name: string, projectId: string, labels: Record<string, string>): Topic {
    const topic = { name, projectId, labels, policy: new IamPolicy() };
    this.topics.set(name, topic);
    return topic;
  }

  /** Its subscriptions stay, with `_deleted-topic_` as their topic. */
  deleteTopic(topic: Topic): void {
    this.topics.delete(topic.name);
    for (const subscription of this.subscriptionsOf(topic)) subscription.loseTopic();
    this.byTopic.delete(topic.name);
  }

  subscriptions(): Subscription[] {
    for (const one of this.known.values()) if (one.isExpired) this.removeSubscription(one);
    return [...this.known.values()];
  }

  /** Undefined as well when it has expired for lack of activity. */
  subscription(name: string): Subscription | undefined {
    const found = this.known.get(name);
    if (!found?.isExpired) return found;
    this.removeSubscription(found);
    return undefined;
  }

  addSubscription(subscription: Subscription): void {
    this.known.set(subscription.name, subscription);
    const { topic } = subscription.config;
    this.byTopic.set(topic, (this.byTopic.get(topic) ?? new Set()).add(subscription));
  }

  removeSubscription(subscription: Subscription): void {
    subscription.detach();
    this.known.delete(subscription.name);
    this.byTopic.get(subscription.config.topic)?.delete(subscription);
    this.changes.announce();
  }

  subscriptionsOf(topic: Topic): Subscription[] {
    const all = [...(this.byTopic.get(topic.name) ?? [])];
    for (const one of all) if (one.isExpired) this.removeSubscription(one);
    return all.filter(({ name }) => this.known.has(name));
  }

  publish(topic: Topic, messages: readonly NewMessage[]): string[] {
    this.lastMessageId ||= BigInt(this.world.nextId(16));
    const published = messages.map((message): PubSubMessage => {
      this.lastMessageId += 1n;
      return {
        attributes: {},
        ...message,
        messageId: this.lastMessageId.toString(),
        publishedAt: this.world.now(),
      };
    });
    for (const subscription of this.subscriptionsOf(topic)) {
      for (const message of published) subscription.offer(message);
      this.pusher.pump(subscription);
    }
    this.changes.announce();
    return published.map(({ messageId }) => messageId);
  }

  /** Publishes for one of Google's own services, which needs a grant on the topic as everybody does. */
  publishAs(member: string, topicName: string, messages: readonly NewMessage[]): PublishOutcome {
    const topic = this.topics.get(topicName);
    if (!topic) {
      return { kind: 'no-topic', message: `Resource not found (resource=${lastSegment(topicName)}).` };
    }
    const enabled = this.world.projects.get(topic.projectId)?.enabledApis.has('pubsub.googleapis.com');
    const { grantPropagationMs } = this.settings;
    if (
      !enabled ||
      !topic.policy.allows(member, 'pubsub.topics.publish', this.world.now(), grantPropagationMs)
    ) {
      return { kind: 'not-authorized', message: 'User not authorized to perform this action.' };
    }
    return { kind: 'published', messageIds: this.publish(topic, messages) };
  }

  /** Messages that push subscriptions have still to deliver, apart from those that a fault holds back. */
  outstandingPushes(subscriptionName?: string): number {
    return this.subscriptions()
      .filter((one) => one.isPush && (subscriptionName === undefined || one.name === subscriptionName))
      .reduce((sum, { backlog }) => sum + backlog.size - backlog.count('held'), 0);
  }

  snapshot(): SavedPubSub {
    return {
      settings: { ...this.settings },
      topics: [...this.topics.values()].map((topic) => ({ ...topic, policy: topic.policy.snapshot() })),
      subscriptions: this.subscriptions().map((one) => one.snapshot()),
      lastMessageId: this.lastMessageId,
    };
  }

  /** Nothing is pushed before `resume`. */
  restore({ settings, topics, subscriptions, lastMessageId }: SavedPubSub): void {
    Object.assign(this.settings, settings);
    for (const { name, projectId, labels, policy } of topics) {
      this.createTopic(name, projectId, labels).policy.restore(policy);
    }
    for (const saved of subscriptions) this.addSubscription(Subscription.restored(saved, this.world));
    this.lastMessageId = lastMessageId;
  }

  /** Pushes what was restored and is still unacknowledged. */
  resume(): void {
    for (const subscription of this.subscriptions()) this.pusher.pump(subscription);
  }

  close(): void {
    this.pusher.close();
    this.changes.close();
  }

  private pushEnded(subscription: Subscription, delivery: Delivery, { outcome }: PushRecord): void {
    const policy = subscription.config.deadLetterPolicy;
    if (outcome === 'nacked' && policy && delivery.attempts >= policy.maxDeliveryAttempts) {
      const agent = `service-${this.world.projects.get(subscription.projectId)?.number}@gcp-sa-pubsub.iam.gserviceaccount.com`;
      const { data, attributes } = delivery.message;
      const forwarded = this.publishAs(`serviceAccount:${agent}`, policy.deadLetterTopic, [
        { data, attributes },
      ]);
      if (forwarded.kind === 'published') subscription.backlog.settle(delivery);
    }
    this.changes.announce();
  }
}
