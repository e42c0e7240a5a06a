import { z } from 'zod';
import { invalid } from './calendar-refusals.js';

/** What a sync token stands for. It says nothing to callers, who must not look into it. */
const syncToken = z.object({
  /** The calendar's id, or `list` of the account's calendars. */
  of: z.string(),
  sub: z.string(),
  /** Everything up to this change is known to its holder. */
  upTo: z.number(),
  /** Epoch milliseconds. */
  issuedAt: z.number(),
  /** The parameters that have to stay the same. */
  fixed: z.string(),
});
export type SyncToken = z.output<typeof syncToken>;

const pageToken = z.object({
  /** The change that was the last when the first page was made: what the sync token at the end will stand for. */
  upTo: z.number(),
  /** The sort key of the last item that was shown. */
  position: z.string(),
  /** How many pages without items are still to come. */
  emptyPages: z.number(),
});
export type PageToken = z.output<typeof pageToken>;

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export const encodeSyncToken = (token: SyncToken): string => encode(token);
export const encodePageToken = (token: PageToken): string => encode(token);

/** @throws GoogleError 400 */
export const decodeSyncToken = (text: string): SyncToken =>
  decode(text, syncToken) ?? refuse('Invalid sync token value.', 'syncToken');
/** @throws GoogleError 400 */
export const decodePageToken = (text: string): PageToken =>
  decode(text, pageToken) ?? refuse('Invalid page token value.', 'pageToken');

function decode<Token>(text: string, schema: z.ZodType<Token>): Token | undefined {
  try {
    return schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

function refuse(message: string, parameter: string): never {
  throw invalid(message, parameter);
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Set when there may be more, even if there turns out to be nothing. */
  readonly next?: PageToken;
  readonly upTo: number;
}

/**
 * One page of `all`, which rises by key. Keys follow changes, so that what is changed between two pages is shown (again)
 * at the end and nothing shifts.
 */
export function pageOf<Item>(
  all: readonly Item[],
  keyOf: (item: Item) => string,
  size: number,
  present: { readonly upTo: number; readonly emptyPages: number },
  token?: PageToken,
): Page<Item> {
  const { upTo, position, emptyPages } = token ?? { ...present, position: '' };
  if (emptyPages > 0) return { items: [], upTo, next: { upTo, position, emptyPages: emptyPages - 1 } };
  const rest = all.filter((item) => keyOf(item) > position);
  const items = rest.slice(0, size);
  const last = items.at(-1);
  const more = items.length < rest.length && last !== undefined;
  return { items, upTo, ...(more && { next: { upTo, position: keyOf(last), emptyPages: 0 } }) };
}

/** Sorts like the number. */
export const sortable = (number: number): string => String(Math.max(0, number)).padStart(16, '0');
