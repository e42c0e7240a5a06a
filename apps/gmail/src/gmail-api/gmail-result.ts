import type { Problem } from '#problems/problem';

/** What was asked of Gmail, or the problem in plain words; never an error object. */
export type GmailResult<Value> =
  { ok: true; value: Value } | { ok: false; problem: Problem; retryAfterMs?: number };

export interface GmailLabel {
  id: string;
  name: string;
  type: 'system' | 'user';
}

export interface MessageRef {
  id: string;
  /** Empty where Gmail leaves them out. */
  labelIds: string[];
}

export interface HistoryRecord {
  id: string;
  messagesAdded: MessageRef[];
  /** The message as it is now, with the labels that were added. */
  labelsAdded: { message: MessageRef; labelIds: string[] }[];
}

export interface HistoryPage {
  /** In increasing order; empty when nothing changed. */
  records: HistoryRecord[];
  nextPageToken: string | null;
  /** The mailbox's present position; may be stored as cursor only after the last page. */
  historyId: string;
}

export interface RawMessage {
  id: string;
  threadId: string;
  labelIds: string[];
  /** When Gmail received it, in epoch milliseconds. */
  internalDate: number;
  historyId: string;
  /** RFC 5322 bytes. */
  raw: Buffer;
}
