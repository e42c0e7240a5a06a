import { z } from 'zod';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import { Mailbox } from './mailbox.js';
import { QuotaMeter } from './quota.js';
import { savedMailboxes } from './saved-mailbox.js';
import { Watches } from './watches.js';

export const gmailSettings = z.strictObject({
  /** How long a history id can be used as a start; Google promises about a week, and may keep hours. */
  historyLifetimeMs: z.number().positive(),
  unitsPerMinutePerUser: z.number().positive(),
  unitsPerMinutePerProject: z.number().positive(),
  quotaRefusal: z.union([z.literal(403), z.literal(429)]),
  /** Notifications for one user beyond one a second are lost silently. */
  dropNotificationsAboveOnePerSecond: z.boolean(),
  /** Google's guide shows a string, the wire mostly has a number. */
  historyIdInNotifications: z.enum(['number', 'string']),
});
export type GmailSettings = z.infer<typeof gmailSettings>;

const defaults: GmailSettings = {
  historyLifetimeMs: 7 * 86_400_000,
  unitsPerMinutePerUser: 6_000,
  unitsPerMinutePerProject: 1_200_000,
  quotaRefusal: 429,
  dropNotificationsAboveOnePerSecond: true,
  historyIdInNotifications: 'number',
};

export const savedGmail = z.object({ settings: gmailSettings, mailboxes: savedMailboxes });
export type SavedGmail = z.output<typeof savedGmail>;

/** The bytes of a message, which never change. */
export interface Mail {
  /** The `sub` of the mailbox's account. */
  readonly mailbox: string;
  readonly id: string;
  readonly raw: Buffer;
}

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
    return this.open(user.sub, user.email);
  }

  snapshot(): SavedGmail {
    const mailboxes = [...this.mailboxes].map(([sub, mailbox]) => ({
      sub,
      mailbox: mailbox.snapshot(),
      watches: this.watches.on(mailbox),
    }));
    return { settings: { ...this.settings }, mailboxes };
  }

  mails(): Mail[] {
    return [...this.mailboxes].flatMap(([mailbox, { messages }]) =>
      [...messages.values()].map(({ id, raw }) => ({ mailbox, id, raw })),
    );
  }

  restore({ settings, mailboxes }: SavedGmail, rawOf: (mailbox: string, messageId: string) => Buffer): void {
    Object.assign(this.settings, settings);
    for (const { sub, mailbox, watches } of mailboxes) {
      const opened = this.open(sub, mailbox.address);
      opened.restore(mailbox, (messageId) => rawOf(sub, messageId));
      this.watches.restore(opened, watches);
    }
  }

  private open(sub: string, address: string): Mailbox {
    const mailbox: Mailbox = new Mailbox(
      address,
      () => this.world.now(),
      (change) => this.watches.notify(mailbox, change),
    );
    this.mailboxes.set(sub, mailbox);
    return mailbox;
  }
}
