import type { MailboxFilter } from '#contracts/gmail';

/** A mailbox's filter with the ids of its labels. */
export interface ResolvedFilter {
  /** A message needs one of them; null: it needs none. */
  labelIds: string[] | null;
  include: MailboxFilter['include'];
}

/** Whether a message with these labels is to be delivered. Mail that one wrote to oneself is sent and received. */
export function isWanted(labelIds: string[], { labelIds: needed, include }: ResolvedFilter): boolean {
  const has = (label: string): boolean => labelIds.includes(label);
  if (has('DRAFT') && !include.includes('drafts')) return false;
  if (has('SENT') && !has('INBOX') && !include.includes('sent')) return false;
  if (has('SPAM') && !include.includes('spam')) return false;
  if (has('TRASH') && !include.includes('trash')) return false;
  // Chats are no mail: they have no MIME to deliver.
  if (has('CHAT')) return false;
  return needed === null || needed.some(has);
}
