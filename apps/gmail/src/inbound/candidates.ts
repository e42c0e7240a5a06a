import type { HistoryRecord } from '../gmail-api/gmail-result.js';
import { isWanted, type ResolvedFilter } from './filter.js';

/** What is known of a message that was looked at before. */
export interface Mark {
  outcome: 'delivered' | 'left-out' | 'gone';
  /** The message's own position when it was looked at. */
  historyId: string;
}

export interface Candidate {
  gmailId: string;
  /** The latest of the mailbox's changes that speak of the message. */
  historyId: string;
  /** As of that change; empty where Gmail leaves them out. */
  labelIds: string[];
  /** It came, rather than getting a label later. */
  arrived: boolean;
}

/** The messages of which a history speaks, in the order in which it first does so. */
export function candidatesOf(records: HistoryRecord[]): Candidate[] {
  const found = new Map<string, Candidate>();
  const speak = (gmailId: string, historyId: string, labelIds: string[], arrived: boolean): void => {
    const known = found.get(gmailId);
    found.set(gmailId, { gmailId, historyId, labelIds, arrived: arrived || (known?.arrived ?? false) });
  };
  for (const { id, messagesAdded, labelsAdded } of records) {
    for (const message of messagesAdded) speak(message.id, id, message.labelIds, true);
    for (const { message } of labelsAdded) speak(message.id, id, message.labelIds, false);
  }
  return [...found.values()];
}

/**
 * Which of them to read, and which to leave out unread. A message that only got a label is of interest if the filter
 * goes by labels, or if it was left out when it came (rescued from spam): an old message that is put back into the
 * inbox is not news.
 */
export function sift(
  candidates: Candidate[],
  marks: ReadonlyMap<string, Mark>,
  filter: ResolvedFilter,
): { read: Candidate[]; leaveOut: Candidate[] } {
  const read: Candidate[] = [];
  const leaveOut: Candidate[] = [];
  for (const candidate of candidates) {
    const mark = marks.get(candidate.gmailId);
    if (mark && mark.outcome !== 'left-out') continue;
    if (mark && BigInt(mark.historyId) >= BigInt(candidate.historyId)) continue;
    if (!candidate.arrived && filter.labelIds === null && !mark) continue;
    if (candidate.labelIds.length === 0 || isWanted(candidate.labelIds, filter)) read.push(candidate);
    else leaveOut.push(candidate);
  }
  return { read, leaveOut };
}
