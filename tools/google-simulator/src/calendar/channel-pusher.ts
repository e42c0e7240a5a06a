import type { FaultEffect } from '../faults.js';
import { Changes } from '../pubsub/changes.js';
import type { World } from '../world.js';
import type { Channel } from './channels.js';

const ACCEPTED = new Set([102, 200, 201, 202, 204]);
const REPEATED = new Set([500, 502, 503, 504]);
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;
const MOST_ATTEMPTS = 12;
const PATIENCE_MS = 10_000;
const KEPT_RECORDS = 10_000;

export type ResourceState = 'sync' | 'exists' | 'not_exists';

/** One attempt to post a notification, as it ended. */
export interface ChannelPost {
  readonly channelId: string;
  readonly calendarId: string;
  readonly address: string;
  readonly state: ResourceState;
  readonly messageNumber: number;
  readonly attempt: number;
  /** `refused` comes again after 500, 502, 503 and 504 only; `lost` is a fault's doing. */
  readonly outcome: 'accepted' | 'refused' | 'lost';
  readonly status?: number;
  readonly failure?: string;
  /** ISO instant of the simulated clock. */
  readonly at: string;
}

interface Notification {
  readonly channel: Channel;
  readonly state: ResourceState;
  readonly messageNumber: number;
  attempt: number;
}

type Ending = Pick<ChannelPost, 'outcome' | 'status' | 'failure'>;

/** Posts notifications to webhooks: each on its own, with an empty body, not at all reliable. */
export class ChannelPusher {
  readonly records: ChannelPost[] = [];
  readonly changes = new Changes();
  /** What a reorder fault holds back, oldest first. */
  private readonly held: Notification[] = [];
  private readonly outstanding = new Set<Notification>();
  private readonly closing = new AbortController();
  /** How many notifications are being posted at this moment. */
  sending = 0;

  constructor(private readonly world: World) {}

  /** Resolves when the first attempt has ended, was held back or put off. */
  async post(channel: Channel, state: ResourceState, callers: readonly string[]): Promise<void> {
    channel.messageNumber += state === 'sync' ? 1 : 1 + (channel.messageNumber % 3);
    const notification = { channel, state, messageNumber: channel.messageNumber, attempt: 0 };
    this.outstanding.add(notification);
    const effects = this.world.faults.strike({
      on: 'calendar-push',
      path: `calendars/${channel.calendarId}/channels/${channel.id}`,
      callers,
    });
    for (const effect of effects) if (await this.divertedBy(effect, notification)) return;
    await this.attempt(notification);
  }

  /** Sends what a reorder fault still holds back, latest first. */
  async release(): Promise<void> {
    const held = this.held.splice(0).reverse();
    for (const notification of held) this.outstanding.add(notification);
    for (const notification of held) await this.attempt(notification);
  }

  /** How many notifications are under way or will be tried again; those that are held back are not among them. */
  outstandingOn(calendarId?: string): number {
    return [...this.outstanding].filter(
      ({ channel }) => calendarId === undefined || channel.calendarId === calendarId,
    ).length;
  }

  close(): void {
    this.closing.abort();
    this.changes.close();
  }

  /** Whether the effect has taken the notification out of the ordinary course. */
  private async divertedBy(effect: FaultEffect, notification: Notification): Promise<boolean> {
    switch (effect.kind) {
      case 'drop':
        this.settle(notification, { outcome: 'lost' });
        return true;
      case 'error':
      case 'oauth-error':
      case 'html':
        notification.attempt += 1;
        this.refused(notification, { outcome: 'refused', status: effect.code });
        return true;
      case 'delay':
        this.world.scheduler.after(effect.delayMs, () => this.attempt(notification));
        return true;
      case 'duplicate':
        for (let copy = 0; copy < (effect.copies ?? 1); copy += 1)
          this.record(notification, await this.send(notification));
        return false;
      case 'reorder':
        this.outstanding.delete(notification);
        this.held.push(notification);
        if (this.held.length >= effect.hold) await this.release();
        return true;
    }
  }

  private async attempt(notification: Notification): Promise<void> {
    if (this.closing.signal.aborted) return;
    notification.attempt += 1;
    const ending = await this.send(notification);
    if (ending.outcome === 'refused') this.refused(notification, ending);
    else this.settle(notification, ending);
  }

  private refused(notification: Notification, ending: Ending): void {
    if (!REPEATED.has(ending.status ?? 0) || notification.attempt >= MOST_ATTEMPTS)
      return this.settle(notification, ending);
    this.record(notification, ending);
    const wait = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (notification.attempt - 1));
    this.world.scheduler.after(wait, () => this.attempt(notification));
  }

  private async send({ channel, state, messageNumber }: Notification): Promise<Ending> {
    this.sending += 1;
    try {
      const response = await fetch(channel.address, {
        method: 'POST',
        redirect: 'manual',
        headers: notificationHeaders(channel, state, messageNumber),
        signal: AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), this.closing.signal]),
      });
      await response.arrayBuffer();
      return { outcome: ACCEPTED.has(response.status) ? 'accepted' : 'refused', status: response.status };
    } catch (error) {
      return { outcome: 'refused', failure: String((error as Error).cause ?? error) };
    } finally {
      this.sending -= 1;
    }
  }

  private settle(notification: Notification, ending: Ending): void {
    this.outstanding.delete(notification);
    this.record(notification, ending);
  }

  private record({ channel, state, messageNumber, attempt }: Notification, ending: Ending): void {
    if (this.closing.signal.aborted) return;
    this.records.push({
      channelId: channel.id,
      calendarId: channel.calendarId,
      address: channel.address,
      state,
      messageNumber,
      attempt: Math.max(1, attempt),
      at: this.world.now().toISOString(),
      ...ending,
    });
    if (this.records.length > KEPT_RECORDS) this.records.shift();
    this.changes.announce();
  }
}

export function notificationHeaders(
  { id, token, resourceId, calendarId, expiration }: Channel,
  state: ResourceState,
  messageNumber: number,
): Record<string, string> {
  return {
    'user-agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
    'x-goog-channel-id': id,
    'x-goog-channel-expiration': expiration.toUTCString(),
    ...(token !== undefined && { 'x-goog-channel-token': token }),
    'x-goog-message-number': String(messageNumber),
    'x-goog-resource-id': resourceId,
    'x-goog-resource-state': state,
    'x-goog-resource-uri': resourceUri(calendarId),
  };
}

export const resourceUri = (calendarId: string): string =>
  `https://www.googleapis.com/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events?alt=json`;
