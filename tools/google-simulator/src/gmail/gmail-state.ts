import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import { Mailbox } from './mailbox.js';
import { QuotaMeter } from './quota.js';
import { Watches } from './watches.js';

export interface GmailSettings {
  /** How long a history id can be used as a start; Google promises about a week, and may keep hours. */
  historyLifetimeMs: number;
  unitsPerMinutePerUser: number;
  unitsPerMinutePerProject: number;
  quotaRefusal: 403 | 429;
  /** Notifications for one user beyond one a second are lost silently. */
  dropNotificationsAboveOnePerSecond: boolean;
  /** Google's guide shows a string, the wire mostly has a number. */
  historyIdInNotifications: 'number' | 'string';
}

const defaults: GmailSettings = {
  historyLifetimeMs: 7 * 86_400_000,
  unitsPerMinutePerUser: 6_000,
  unitsPerMinutePerProject: 1_200_000,
  quotaRefusal: 429,
  dropNotificationsAboveOnePerSecond: true,
  historyIdInNotifications: 'number',
};

export class GmailState {
  readonly settings: GmailSettings = { ...defaults };
  readonly quota = new QuotaMeter();
  readonly watches: Watches;
  /** By the account's `sub`: a mailbox follows its account when that is renamed. */
  private readonly mailboxes = new Map<string, Mailbox>();

  constructor(private readonly world: World) {
    this.watches = new Watches(world);
  }

  /** The account's mailbox, empty when first asked for; undefined when the account has no Gmail. */
  mailboxOf(user: GoogleUser): Mailbox | undefined {
    if (!user.hasGmail) return undefined;
    const existing = this.mailboxes.get(user.sub);
    if (existing) {
      existing.address = user.email;
      return existing;
    }
    const mailbox: Mailbox = new Mailbox(
      user.email,
      () => this.world.now(),
      (change) => this.watches.notify(mailbox, change),
    );
    this.mailboxes.set(user.sub, mailbox);
    return mailbox;
  }
}
