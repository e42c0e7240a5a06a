import type { World } from '../world.js';
import { Backlog, type PubSubMessage } from './backlog.js';
import { IamPolicy } from './iam-policy.js';
import type { SavedSubscription } from './saved-pubsub.js';
import { DELETED_TOPIC, filterTest, secondsIn, type SubscriptionConfig } from './subscription-config.js';

export class Subscription {
  readonly backlog: Backlog;
  readonly policy = new IamPolicy();
  detached = false;
  /** Google’s word for a subscription that it does not deliver to at the moment. */
  resourceError = false;
  private lastActiveAt: number;

  constructor(
    /** `projects/P/subscriptions/S` */
    readonly name: string,
    readonly projectId: string,
    public config: SubscriptionConfig,
    private readonly world: World,
  ) {
    this.backlog = new Backlog(world.scheduler, () => world.now());
    this.lastActiveAt = world.now().getTime();
  }

  static restored(saved: SavedSubscription, world: World): Subscription {
    const subscription = new Subscription(saved.name, saved.projectId, saved.config, world);
    subscription.detached = saved.detached;
    subscription.lastActiveAt = saved.lastActiveAt;
    subscription.policy.restore(saved.policy);
    subscription.backlog.restore(saved.backlog);
    return subscription;
  }

  snapshot(): SavedSubscription {
    return {
      name: this.name,
      projectId: this.projectId,
      config: this.config,
      detached: this.detached,
      lastActiveAt: this.lastActiveAt,
      policy: this.policy.snapshot(),
      backlog: this.backlog.snapshot(),
    };
  }

  get retentionMs(): number {
    return secondsIn(this.config.messageRetentionDuration) * 1_000;
  }

  get ackDeadlineMs(): number {
    return this.config.ackDeadlineSeconds * 1_000;
  }

  get isPush(): boolean {
    return Boolean(this.config.pushConfig.pushEndpoint) && !this.detached;
  }

  /** Delivered messages, pulls and changes keep a subscription alive; being looked at does not. */
  touch(): void {
    this.lastActiveAt = this.world.now().getTime();
  }

  get isExpired(): boolean {
    const { ttl } = this.config.expirationPolicy;
    return ttl !== undefined && this.world.now().getTime() >= this.lastActiveAt + secondsIn(ttl) * 1_000;
  }

  offer(message: PubSubMessage): void {
    if (!this.detached && filterTest(this.config.filter)(message.attributes)) this.backlog.add(message);
  }

  detach(): void {
    this.detached = true;
    this.backlog.clear();
  }

  loseTopic(): void {
    this.config = { ...this.config, topic: DELETED_TOPIC };
  }

  resource() {
    const { filter, ...config } = this.config;
    return {
      name: this.name,
      ...config,
      ...(filter !== '' && { filter }),
      ...(this.detached && { detached: true }),
      state: this.resourceError ? 'RESOURCE_ERROR' : 'ACTIVE',
    };
  }
}
