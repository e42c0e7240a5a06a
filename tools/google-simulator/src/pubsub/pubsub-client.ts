import type { AdminCalls } from '../admin/admin-calls.js';
import type { Binding } from './iam-policy.js';
import type { Subscription } from './subscription.js';
import type { Forgery } from './forged-push.js';
import type { PubSubSettings } from './pubsub-state.js';
import type { PushRecord } from './pusher.js';

export interface PushFilter {
  /** `projects/P/subscriptions/S` */
  readonly subscription?: string;
  readonly messageId?: string;
  /** The mailbox that a Gmail notification is about. */
  readonly emailAddress?: string;
  readonly outcome?: PushRecord['outcome'];
}

/** A subscription as Google's REST API shows it. */
export type SubscriptionResource = ReturnType<Subscription['resource']>;

interface Patience {
  /** Real milliseconds; 10,000 unless given. */
  readonly timeoutMs?: number;
}

/** What tests need to know and do about Pub/Sub pushes. */
export class PubSubClient {
  constructor(private readonly admin: AdminCalls) {}

  /** Push attempts so far, oldest first. */
  async pushes(filter: PushFilter = {}): Promise<readonly PushRecord[]> {
    const path = `/pubsub/pushes${query({ ...filter })}`;
    return (await this.admin.call<{ pushes: PushRecord[] }>('GET', path)).pushes;
  }

  /** Waits until at least `count` pushes (1 unless given) that match were acknowledged. @throws Error when they were not in time */
  async delivered(
    filter: PushFilter & Patience & { readonly count?: number } = {},
  ): Promise<readonly PushRecord[]> {
    const path = `/pubsub/delivered${query({ ...filter })}`;
    const answer = await this.admin.call<{ delivered: boolean; pushes: PushRecord[] }>('GET', path);
    if (answer.delivered) return answer.pushes;
    throw new Error(`Only ${answer.pushes.length} of ${filter.count ?? 1} pushes were acknowledged in time`);
  }

  /** Waits until no push is outstanding, apart from those that a reorder fault holds. @throws Error when some still are */
  async settled(wish: Patience & { readonly subscription?: string } = {}): Promise<void> {
    const path = `/pubsub/settled${query({ ...wish })}`;
    const answer = await this.admin.call<{ settled: boolean; outstanding: number }>('GET', path);
    if (!answer.settled) throw new Error(`${answer.outstanding} pushes are still outstanding`);
  }

  /** Sends what a reorder fault holds, latest first, and waits for the answers. */
  async releaseHeld(subscription: string): Promise<void> {
    await this.admin.call('POST', '/pubsub/release', { subscription });
  }

  /** Pushes a right envelope with a wrong identity to the subscription's endpoint; returns the endpoint's answer. */
  sendForgedPush(push: {
    readonly subscription: string;
    readonly forgery: Forgery;
    /** The message's data before encoding. */
    readonly data?: unknown;
  }): Promise<{ status: number; body: string }> {
    return this.admin.call('POST', '/pubsub/forged-push', push);
  }

  /** Like a tenant's admin in Google's console: none of the following needs a token. Names are full resource names. */
  async createTopic(topic: string): Promise<void> {
    await this.admin.call('POST', '/pubsub/topics', { topic });
  }

  topic(
    topic: string,
  ): Promise<{ topic: string; policy: { bindings?: Binding[] }; subscriptions: string[] }> {
    return this.admin.call('GET', `/pubsub/topics${query({ topic })}`);
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.admin.call('DELETE', `/pubsub/topics${query({ topic })}`);
  }

  /** Replaces the topic's publishers: Gmail's push account unless others are given. An empty list revokes all. */
  async grantPublishers(topic: string, members?: readonly string[]): Promise<void> {
    await this.admin.call('PUT', '/pubsub/topics/publishers', { topic, ...(members && { members }) });
  }

  /** `config` as in Google's REST reference, with at least `topic`; Google's defaults fill the rest. */
  createSubscription(
    subscription: string,
    config: { readonly topic: string } & Record<string, unknown>,
  ): Promise<SubscriptionResource> {
    return this.admin.call('POST', '/pubsub/subscriptions', { subscription, config });
  }

  subscription(subscription: string): Promise<SubscriptionResource> {
    return this.admin.call('GET', `/pubsub/subscriptions${query({ subscription })}`);
  }

  /** `change` as in Google's REST reference: `{ pushConfig, ackDeadlineSeconds, expirationPolicy, … }`; null puts Google's default back. */
  changeSubscription(subscription: string, change: Record<string, unknown>): Promise<SubscriptionResource> {
    return this.admin.call('PATCH', '/pubsub/subscriptions', { subscription, change });
  }

  async detachSubscription(subscription: string): Promise<void> {
    await this.admin.call('POST', '/pubsub/subscriptions/detach', { subscription });
  }

  /** Google says from now on that it cannot deliver to the subscription. */
  async failSubscription(subscription: string): Promise<void> {
    await this.admin.call('POST', '/pubsub/subscriptions/resource-error', { subscription });
  }

  async deleteSubscription(subscription: string): Promise<void> {
    await this.admin.call('DELETE', `/pubsub/subscriptions${query({ subscription })}`);
  }

  configure(settings: Partial<PubSubSettings>): Promise<PubSubSettings> {
    return this.admin.call('PATCH', '/pubsub/settings', settings);
  }
}

function query(values: Record<string, string | number | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}
