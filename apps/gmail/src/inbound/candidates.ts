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
  /** It came, rather than only getting labels later. */
  arrived: boolean;
  /** When it came; empty where Gmail leaves them out. */
  labelIds: string[];
  /** Which it got later. */
  gained: string[];
}

/** The messages of which a history speaks, in the order in which it first does so. */
export function candidatesOf(records: HistoryRecord[]): Candidate[] {
  const found = new Map<string, Candidate>();
  const candidate = (gmailId: string, historyId: string): Candidate => {
    const known = found.get(gmailId) ?? { gmailId, historyId, arrived: false, labelIds: [], gained: [] };
    known.historyId = historyId;
    found.set(gmailId, known);
    return known;
  };
  for (const { id, messagesAdded, labelsAdded } of records) {
    for (const message of messagesAdded)
      Object.assign(candidate(message.id, id), { arrived: true, labelIds: message.labelIds });
    for (const { message, labelIds } of labelsAdded) candidate(message.id, id).gained.push(...labelIds);
  }
  return [...found.values()];
}

/**
 * Which of them to read, and which to leave out unread. Labels that a message got later only say that it has to be looked
 * at: what the history shows of its others may be of any moment.
 */
export function sift(
  candidates: Candidate[],
  marks: ReadonlyMap<string, Mark>,
  filter: ResolvedFilter,
): { read: Candidate[]; leaveOut: Candidate[] } {
  const read: Candidate[] = [];
  const leaveOut: Candidate[] = [];
  for (const candidate of candidates) {
    const { gmailId, historyId, arrived, labelIds } = candidate;
    const mark = marks.get(gmailId);
    if (mark && mark.outcome !== 'left-out') continue;
    if (mark && BigInt(mark.historyId) >= BigInt(historyId)) continue;
    const arrivedWanted = arrived && (labelIds.length === 0 || isWanted(labelIds, filter));
    if (arrivedWanted || isOfInterestLater(candidate, mark !== undefined, filter)) read.push(candidate);
    else if (arrived) leaveOut.push(candidate);
  }
  return { read, leaveOut };
}

/**
 * It got a label that the filter asks for, or came back into the inbox after it was left out, as from spam. An old
 * message that is put back into the inbox is not news.
 */
function isOfInterestLater(
  { arrived, gained }: Candidate,
  leftOut: boolean,
  { labelIds }: ResolvedFilter,
): boolean {
  if (labelIds?.some((label) => gained.includes(label))) return true;
  return (arrived || leftOut) && gained.includes('INBOX');
}
