import type { World } from '../world.js';
import { failedPrecondition, forbidden, invalidArgument, notFound } from './gmail-refusals.js';
import { passesLabelFilter, type LabelFilterBehavior } from './labels.js';
import type { HistoryRecord, Mailbox } from './mailbox.js';

/** Gmail publishes notifications as this member; the topic's policy must let it. */
export const GMAIL_PUBLISHER = 'serviceAccount:gmail-api-push@system.gserviceaccount.com';

const WATCH_LIFETIME_MS = 7 * 86_400_000;
const NOTIFICATION_INTERVAL_MS = 1_000;

export interface WatchRequest {
  readonly topicName: string;
  readonly labelIds: readonly string[];
  readonly behavior: LabelFilterBehavior;
}

export interface Watch extends WatchRequest {
  readonly projectId: string;
  readonly expiration: Date;
}

/** Who is told about changes in which mailbox: at most one watch per mailbox and project. */
export class Watches {
  /** By mailbox, then by project. */
  private readonly active = new WeakMap<Mailbox, Map<string, Watch>>();
  private readonly lastNotified = new Map<string, number>();

  constructor(private readonly world: World) {}

  /** Starts or renews, and sends the test notification. @throws GoogleError in the words of users.watch. */
  start(mailbox: Mailbox, projectId: string, request: WatchRequest): Watch {
    if (!new RegExp(`^projects/${projectId.replaceAll('.', '\\.')}/topics/[^/]+$`).test(request.topicName)) {
      throw invalidArgument(`Invalid topicName does not match projects/${projectId}/topics/*`);
    }
    const unknown = request.labelIds.find((id) => !mailbox.hasLabel(id));
    if (unknown !== undefined) throw invalidArgument(`Invalid label: ${unknown}`);
    const current = this.of(mailbox, projectId);
    if (current && current.topicName !== request.topicName) {
      throw failedPrecondition(
        'Only one user push notification client allowed per developer (call /stop then try again)',
      );
    }
    this.publish(mailbox, request.topicName, true);
    const expiration = new Date(this.world.now().getTime() + WATCH_LIFETIME_MS);
    const watch = { ...request, projectId, expiration };
    this.watchesOf(mailbox).set(projectId, watch);
    return watch;
  }

  stop(mailbox: Mailbox, projectId: string): void {
    this.watchesOf(mailbox).delete(projectId);
  }

  of(mailbox: Mailbox, projectId: string): Watch | undefined {
    const watch = this.watchesOf(mailbox).get(projectId);
    return watch && watch.expiration > this.world.now() ? watch : undefined;
  }

  on(mailbox: Mailbox): Watch[] {
    return [...this.watchesOf(mailbox).keys()].flatMap((projectId) => this.of(mailbox, projectId) ?? []);
  }

  notify(mailbox: Mailbox, change: HistoryRecord): void {
    const labelIds = [...change.labelIds, ...change.changedLabelIds];
    for (const watch of this.on(mailbox)) {
      if (passesLabelFilter(labelIds, watch)) this.publish(mailbox, watch.topicName, false);
    }
  }

  restore(mailbox: Mailbox, watches: readonly Watch[]): void {
    for (const watch of watches) this.watchesOf(mailbox).set(watch.projectId, watch);
  }

  private watchesOf(mailbox: Mailbox): Map<string, Watch> {
    const known = this.active.get(mailbox) ?? new Map<string, Watch>();
    this.active.set(mailbox, known);
    return known;
  }

  private publish(mailbox: Mailbox, topicName: string, isTest: boolean): void {
    const { settings } = this.world.gmail;
    const now = this.world.now().getTime();
    const limitKey = `${mailbox.address} ${topicName}`;
    const last = this.lastNotified.get(limitKey) ?? -Infinity;
    if (!isTest && settings.dropNotificationsAboveOnePerSecond && now - last < NOTIFICATION_INTERVAL_MS)
      return;

    const historyId =
      settings.historyIdInNotifications === 'number'
        ? Number(mailbox.historyId)
        : mailbox.historyId.toString();
    const data = Buffer.from(JSON.stringify({ emailAddress: mailbox.address, historyId }));
    const outcome = this.world.pubsub.publishAs(GMAIL_PUBLISHER, topicName, [{ data }]);
    if (outcome.kind === 'published') this.lastNotified.set(limitKey, now);
    else if (isTest) {
      const failure = `Error sending test message to Cloud PubSub ${topicName} : ${outcome.message}`;
      throw outcome.kind === 'no-topic' ? notFound(failure) : forbidden(failure);
    }
  }
}
