import type { FaultEffect } from '../faults.js';
import type { World } from '../world.js';
import type { Delivery } from './backlog.js';
import { PushPace } from './push-pace.js';
import { pushRequest, PushTokens } from './push-request.js';
import type { Subscription } from './subscription.js';
import { secondsIn } from './subscription-config.js';

const ACKNOWLEDGING = new Set([102, 200, 201, 202, 204]);
const KEPT_RECORDS = 10_000;

/** One push attempt, as it ended. */
export interface PushRecord {
  readonly subscription: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly endpoint: string;
  /** The pushed data, decoded. */
  readonly data: string;
  /** `lost` is a fault's doing: acknowledged towards nobody, never delivered. */
  readonly outcome: 'acked' | 'nacked' | 'lost';
  readonly status?: number;
  readonly failure?: string;
  /** ISO instant of the simulated clock. */
  readonly at: string;
}

/** Pushes what push subscriptions have in their backlog, at the pace that the endpoint's answers allow. */
export class Pusher {
  readonly records: PushRecord[] = [];
  private readonly tokens: PushTokens;
  private readonly paces = new WeakMap<Subscription, PushPace>();
  private readonly closing = new AbortController();

  constructor(
    private readonly world: World,
    private readonly onSettled: (subscription: Subscription, delivery: Delivery, outcome: PushRecord) => void,
  ) {
    this.tokens = new PushTokens(world);
  }

  pump(subscription: Subscription): void {
    const pace = this.paceOf(subscription);
    pace.cancelPump?.();
    if (!subscription.isPush || subscription.isExpired || this.closing.signal.aborted) return;
    const now = this.world.now().getTime();
    if (pace.backoffUntil > now) return this.pumpAgainAt(subscription, pace, pace.backoffUntil);
    const { backlog, retentionMs } = subscription;
    const before = backlog.size;
    const taken = backlog.take(pace.window - backlog.count('out'), retentionMs);
    if (backlog.size < before) this.world.pubsub.changes.announce();
    for (const delivery of taken) void this.deliver(subscription, delivery);
    const next = backlog.nextAvailableAt();
    if (next !== undefined && next > now) this.pumpAgainAt(subscription, pace, next);
  }

  /** Sends what a reorder fault still holds back, latest first. */
  async release(subscription: Subscription): Promise<void> {
    const held = this.paceOf(subscription).held.splice(0).reverse();
    for (const delivery of held) delivery.state = 'out';
    for (const delivery of held) await this.attempt(subscription, delivery);
  }

  close(): void {
    this.closing.abort();
  }

  private async deliver(subscription: Subscription, delivery: Delivery): Promise<void> {
    const effects = this.world.faults.strike({
      on: 'pubsub-push',
      path: subscription.name,
      callers: mailboxesIn(delivery.message.data),
    });
    for (const effect of effects) {
      if (await this.divertedBy(effect, subscription, delivery)) return;
    }
    await this.attempt(subscription, delivery);
  }

  /** Whether the effect has taken the delivery out of the ordinary course. */
  private async divertedBy(
    effect: FaultEffect,
    subscription: Subscription,
    delivery: Delivery,
  ): Promise<boolean> {
    switch (effect.kind) {
      case 'drop':
        this.finish(subscription, delivery, { outcome: 'lost' });
        return true;
      case 'error':
      case 'oauth-error':
      case 'html':
        this.finish(subscription, delivery, { outcome: 'nacked', status: effect.code });
        return true;
      case 'delay':
        await new Promise<void>((resolve) => this.world.scheduler.after(effect.delayMs, resolve));
        return false;
      case 'duplicate':
        for (let copy = 0; copy < (effect.copies ?? 1); copy += 1) {
          this.record(subscription, delivery, await this.send(subscription, delivery));
        }
        return false;
      case 'reorder': {
        const { held } = this.paceOf(subscription);
        delivery.state = 'held';
        held.push(delivery);
        if (held.length >= effect.hold) await this.release(subscription);
        else this.pump(subscription);
        return true;
      }
    }
  }

  private async attempt(subscription: Subscription, delivery: Delivery): Promise<void> {
    // It may have become a pull subscription, or gone, while the message was held or delayed.
    if (!subscription.isPush) return subscription.backlog.giveBack(delivery, 0);
    this.finish(subscription, delivery, await this.send(subscription, delivery));
  }

  private async send(
    subscription: Subscription,
    delivery: Delivery,
  ): Promise<Pick<PushRecord, 'outcome' | 'status' | 'failure'>> {
    const { pushConfig, deadLetterPolicy } = subscription.config;
    const token = this.tokens.for(pushConfig);
    if (pushConfig.oidcToken && !token) return { outcome: 'nacked', failure: 'no token could be signed' };
    const { headers, body } = pushRequest(
      delivery.message,
      subscription.name,
      pushConfig,
      deadLetterPolicy && delivery.attempts,
    );
    const deadline = new AbortController();
    const cancelDeadline = this.world.scheduler.after(subscription.ackDeadlineMs, () => deadline.abort());
    try {
      const response = await fetch(pushConfig.pushEndpoint ?? '', {
        method: 'POST',
        redirect: 'manual',
        headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
        body: typeof body === 'string' ? body : new Uint8Array(body),
        signal: AbortSignal.any([deadline.signal, this.closing.signal]),
      });
      await response.arrayBuffer();
      return { outcome: ACKNOWLEDGING.has(response.status) ? 'acked' : 'nacked', status: response.status };
    } catch (error) {
      const failure = deadline.signal.aborted
        ? 'ack deadline exceeded'
        : String((error as Error).cause ?? error);
      return { outcome: 'nacked', failure };
    } finally {
      cancelDeadline();
    }
  }

  private finish(
    subscription: Subscription,
    delivery: Delivery,
    ending: Pick<PushRecord, 'outcome' | 'status' | 'failure'>,
  ): void {
    if (this.closing.signal.aborted) return;
    const pace = this.paceOf(subscription);
    if (ending.outcome === 'nacked') {
      pace.refused(this.world.now().getTime());
      subscription.backlog.giveBack(delivery, retryDelay(subscription, delivery.attempts));
    } else {
      pace.accepted();
      subscription.backlog.settle(delivery);
      subscription.touch();
    }
    this.onSettled(subscription, delivery, this.record(subscription, delivery, ending));
    this.pump(subscription);
  }

  private record(
    subscription: Subscription,
    delivery: Delivery,
    ending: Pick<PushRecord, 'outcome' | 'status' | 'failure'>,
  ): PushRecord {
    const record: PushRecord = {
      subscription: subscription.name,
      messageId: delivery.message.messageId,
      attempt: delivery.attempts,
      endpoint: subscription.config.pushConfig.pushEndpoint ?? '',
      data: delivery.message.data.toString(),
      at: this.world.now().toISOString(),
      ...ending,
    };
    this.records.push(record);
    if (this.records.length > KEPT_RECORDS) this.records.shift();
    return record;
  }

  private paceOf(subscription: Subscription): PushPace {
    const known = this.paces.get(subscription);
    if (known) return known;
    const pace = new PushPace();
    this.paces.set(subscription, pace);
    return pace;
  }

  private pumpAgainAt(subscription: Subscription, pace: PushPace, instant: number): void {
    pace.cancelPump = this.world.scheduler.at(new Date(instant), () => this.pump(subscription));
  }
}

/** The message's own wait under a retry policy; the subscription's push backoff comes on top, and the longer one wins. */
function retryDelay(subscription: Subscription, attempts: number): number {
  const policy = subscription.config.retryPolicy;
  if (!policy) return 0;
  const least = secondsIn(policy.minimumBackoff) * 1_000;
  return Math.min(secondsIn(policy.maximumBackoff) * 1_000, least * 2 ** (attempts - 1));
}

function mailboxesIn(data: Buffer): string[] {
  try {
    const { emailAddress } = JSON.parse(data.toString()) as { emailAddress?: unknown };
    return typeof emailAddress === 'string' ? [emailAddress] : [];
  } catch {
    return [];
  }
}
