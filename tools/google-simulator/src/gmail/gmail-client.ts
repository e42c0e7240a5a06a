import type { AdminCalls } from '../admin/admin-calls.js';
import type { GmailSettings } from './gmail-state.js';
import type { Label } from './labels.js';
import type { simpleMail } from './mailbox-routes.js';
import type { z } from 'zod';

/** A message as the simulator's own paths name it. */
export interface DeliveredMessage {
  readonly id: string;
  readonly threadId: string;
  /** The mailbox's history id after the change, in decimal digits. */
  readonly historyId: string;
  readonly labelIds: readonly string[];
  /** The Message-ID header. */
  readonly rfc822MessageId?: string;
}

export interface MailboxSummary {
  readonly address: string;
  readonly historyId: string;
  readonly messages: number;
  readonly labels: readonly Label[];
  /** The watches that are alive; `expiration` is an ISO instant of the simulated clock. */
  readonly watches: readonly {
    readonly projectId: string;
    readonly topicName: string;
    readonly labelIds: readonly string[];
    readonly behavior: 'include' | 'exclude';
    readonly expiration: string;
  }[];
}

/** Everything that ever arrived in a mailbox, deleted since or not, oldest first. */
export interface ArrivedMessage {
  readonly id: string;
  readonly threadId: string;
  readonly rfc822MessageId?: string;
  readonly labelIds: readonly string[];
  readonly at: string;
}

/** What the world and a mailbox's owner do to mailboxes. */
export class GmailClient {
  constructor(private readonly admin: AdminCalls) {}

  /** Gives an existing account a mailbox. Accounts that were created with Gmail have one. */
  createMailbox(address: string): Promise<MailboxSummary> {
    return this.admin.call('PUT', at(address));
  }

  mailbox(address: string): Promise<MailboxSummary> {
    return this.admin.call('GET', at(address));
  }

  /**
   * Puts a message into the mailbox: raw RFC 5322 bytes of up to 35 MB, or the fields of a plain-text mail.
   * It gets INBOX and UNREAD unless labels are given (`SENT`, `DRAFT`, `SPAM`, `Label_1` …).
   */
  deliver(
    address: string,
    mail: Buffer | z.input<typeof simpleMail>,
    labelIds?: readonly string[],
  ): Promise<DeliveredMessage> {
    const path = `${at(address)}/messages`;
    if (Buffer.isBuffer(mail)) {
      const query = labelIds ? `?labelIds=${encodeURIComponent(labelIds.join(','))}` : '';
      return this.admin.callRaw('POST', `${path}${query}`, 'message/rfc822', mail);
    }
    return this.admin.call('POST', path, { ...mail, ...(labelIds && { labelIds }) });
  }

  async arrivals(address: string): Promise<readonly ArrivedMessage[]> {
    const path = `${at(address)}/messages`;
    return (await this.admin.call<{ arrivals: ArrivedMessage[] }>('GET', path)).arrivals;
  }

  /** Returns the label of that name, new or not. */
  createLabel(address: string, name: string): Promise<Label> {
    return this.admin.call('POST', `${at(address)}/labels`, { name });
  }

  changeLabels(
    address: string,
    messageId: string,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ): Promise<DeliveredMessage> {
    return this.admin.call('POST', `${at(address)}/messages/${messageId}/labels`, change);
  }

  move(address: string, messageId: string, to: 'SPAM' | 'TRASH'): Promise<DeliveredMessage> {
    return this.admin.call('POST', `${at(address)}/messages/${messageId}/move`, { to });
  }

  async deleteForever(address: string, messageId: string): Promise<void> {
    await this.admin.call('DELETE', `${at(address)}/messages/${messageId}`);
  }

  /** From now on every history id that was given out so far, except the present one, is answered with 404. */
  async expireHistory(address: string): Promise<void> {
    await this.admin.call('POST', `${at(address)}/history/expire`);
  }

  /** Another system with a permission for the same project stops the watch that is there and starts one with its own topic. */
  takeWatch(address: string, topicName: string): Promise<MailboxSummary> {
    return this.admin.call('POST', `${at(address)}/watches`, { topicName });
  }

  /** Ends every watch, as whoever holds a permission may, without a word to the others. */
  stopWatches(address: string): Promise<MailboxSummary> {
    return this.admin.call('DELETE', `${at(address)}/watches`);
  }

  configure(settings: Partial<GmailSettings>): Promise<GmailSettings> {
    return this.admin.call('PATCH', '/gmail/settings', settings);
  }
}

const at = (address: string): string => `/mailboxes/${encodeURIComponent(address)}`;
