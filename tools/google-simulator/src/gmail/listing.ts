import { invalidArgument } from './gmail-refusals.js';
import type { ChangeType, HistoryRecord, Mailbox, StoredMessage } from './mailbox.js';
import { subjectOf } from './mailbox.js';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken?: string;
}

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 500;

/**
 * One page of `all`, which rises by position. Tokens name a position, so that pages neither shift nor break when items
 * come or go between two of them.
 */
export function pageOf<T>(
  all: readonly T[],
  positionOf: (item: T) => bigint,
  {
    maxResults = DEFAULT_PAGE,
    pageToken,
  }: { maxResults?: number | undefined; pageToken?: string | undefined },
): Page<T> {
  const last = pageToken === undefined ? undefined : positionIn(pageToken);
  const rest = last === undefined ? all : all.filter((item) => positionOf(item) > last);
  const items = rest.slice(0, Math.min(Math.max(1, maxResults), LARGEST_PAGE));
  const end = items.at(-1);
  const more = items.length < rest.length && end !== undefined;
  return { items, ...(more && { nextPageToken: Buffer.from(`${positionOf(end)}`).toString('base64url') }) };
}

function positionIn(pageToken: string): bigint {
  const text = Buffer.from(pageToken, 'base64url').toString();
  if (!/^-?\d+$/.test(text)) throw invalidArgument('Invalid pageToken');
  return BigInt(text);
}

const typedKey = {
  messageAdded: 'messagesAdded',
  messageDeleted: 'messagesDeleted',
  labelAdded: 'labelsAdded',
  labelRemoved: 'labelsRemoved',
} as const satisfies Record<ChangeType, string>;

export const isChangeType = (value: string): value is ChangeType => value in typedKey;

export function historyResource(record: HistoryRecord) {
  const { messageId: id, threadId, labelIds, changedLabelIds } = record;
  const change = {
    message: { id, threadId, ...(labelIds.length > 0 && { labelIds }) },
    ...(changedLabelIds.length > 0 && { labelIds: changedLabelIds }),
  };
  return { id: record.id.toString(), messages: [{ id, threadId }], [typedKey[record.type]]: [change] };
}

export interface MessageSearch {
  readonly q: string;
  readonly labelIds: readonly string[];
  readonly includeSpamTrash: boolean;
}

/** Matching messages, newest first. */
export function searchMessages(mailbox: Mailbox, search: MessageSearch, now: Date): StoredMessage[] {
  const terms = search.q.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const tests = terms.map((term) => termTest(term, mailbox, now));
  const hidden = ['SPAM', 'TRASH'].filter(
    (id) =>
      !search.includeSpamTrash &&
      !search.labelIds.includes(id) &&
      !terms.some((term) => [`in:${id}`, `label:${id}`, 'in:anywhere'].some((one) => equal(one, term))),
  );
  return [...mailbox.messages.values()]
    .filter((message) => search.labelIds.every((id) => message.labelIds.includes(id)))
    .filter((message) => !hidden.some((id) => message.labelIds.includes(id)))
    .filter((message) => tests.every((test) => test(message)))
    .sort((a, b) => b.arrival - a.arrival);
}

const equal = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const UNIT_MS = { h: 3_600_000, d: 86_400_000, m: 30 * 86_400_000, y: 365 * 86_400_000 } as const;

function termTest(term: string, mailbox: Mailbox, now: Date): (message: StoredMessage) => boolean {
  const [, operator = '', quoted = ''] = /^(\w+):(.+)$/.exec(term) ?? [];
  const value = quoted.replaceAll('"', '');
  switch (operator.toLowerCase()) {
    case 'after':
      return (message) => message.internalDate.getTime() >= instantOf(value);
    case 'before':
      return (message) => message.internalDate.getTime() < instantOf(value);
    case 'newer_than': {
      const since = now.getTime() - ageOf(value);
      return (message) => message.internalDate.getTime() >= since;
    }
    case 'older_than': {
      const until = now.getTime() - ageOf(value);
      return (message) => message.internalDate.getTime() < until;
    }
    case 'rfc822msgid':
      return (message) => message.rfc822MessageId?.replace(/[<>]/g, '') === value.replace(/[<>]/g, '');
    case 'subject':
      return (message) => subjectOf(message).toLowerCase().includes(value.toLowerCase());
    case 'in':
    case 'label': {
      if (equal(value, 'anywhere')) return () => true;
      const label = mailbox.labels.find(({ id, name }) => equal(id, value) || equal(name, value));
      return (message) => label !== undefined && message.labelIds.includes(label.id);
    }
    default:
      throw invalidArgument(`The simulator does not know the search term ${term}`);
  }
}

/** `after:` takes epoch seconds or a date, which begins at midnight. */
function instantOf(value: string): number {
  if (/^\d{5,}$/.test(value)) return Number(value) * 1_000;
  const instant = Date.parse(`${value.replaceAll('/', '-')}T00:00:00Z`);
  if (Number.isNaN(instant)) throw invalidArgument(`Invalid date in query: ${value}`);
  return instant;
}

function ageOf(value: string): number {
  const [, count, unit] = /^(\d+)([hdmy])$/.exec(value) ?? [];
  if (!count || !unit) throw invalidArgument(`Invalid age in query: ${value}`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
