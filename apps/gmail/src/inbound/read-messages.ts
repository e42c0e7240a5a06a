import type { MailboxGmail } from '../gmail-api/mailbox-gmail.js';
import { problem, type Problem } from '#problems/problem';
import { lookAtMessage, type Look, type MailboxToRead } from './look-at-message.js';
import { cost } from './quota.js';
import type { ReadingMeans } from './reading-means.js';
import { record, type Looked } from './recording.js';

/** Why reading ended before its end. */
export type Stop =
  /** The mailbox's turn is over; it goes on after the others. */
  | { kind: 'more' }
  /** Gmail's quota, as we divide it. */
  | { kind: 'wait'; byMs: number }
  | { kind: 'failed'; problem: Problem; retryAfterMs?: number };

export interface ToRead {
  gmailId: string;
  /** The change because of which it is looked at. */
  historyId: string;
}

export interface TurnOf {
  mailbox: MailboxToRead;
  gmail: MailboxGmail;
  signal: AbortSignal;
  /** Failed attempts before this one. */
  failures: number;
  inGap: boolean;
}

/** Bounds what one mailbox may take before others have their turn. */
export const messagesPerTurn = 100;
const messagesPerTransaction = 20;
const sideBySide = 4;
/** So many in a row that cannot be had: it is Gmail, not the messages. */
const hopeless = 5;
/** Until then the messages behind it wait, so that a passing failure does not change their order. */
const parkStuckAfter = 3;

/**
 * Looks at messages in their order, and records them in transactions of a bounded size. What is left for the last one is
 * answered, so that the cursor moves with it.
 */
export async function readMessages(
  means: ReadingMeans,
  turn: TurnOf,
  messages: ToRead[],
): Promise<{ rest: Looked[]; stop: Stop | null }> {
  const stuck: Stuck[] = [];
  let rest: Looked[] = [];
  let stop: Stop | null = messages.length > messagesPerTurn ? { kind: 'more' } : null;
  let inARow = 0;
  const mayPark = turn.failures + 1 >= parkStuckAfter;

  for (const some of inGroups(messages.slice(0, messagesPerTurn), sideBySide)) {
    turn.signal.throwIfAborted();
    const short = means.quota.spend(keyOf(turn.mailbox), some.length * cost.message);
    if (short) {
      stop = { kind: 'wait', byMs: short.waitMs };
      break;
    }
    const looks = await Promise.all(some.map((message) => look(means, turn, message)));
    const troubleAt = looks.findIndex(({ kind }) => kind === 'trouble' || (kind === 'stuck' && !mayPark));
    // What follows the trouble is had again in the next turn, in its order.
    for (const each of troubleAt < 0 ? looks : looks.slice(0, troubleAt)) {
      inARow = each.kind === 'stuck' ? inARow + 1 : 0;
      if (each.kind === 'stuck') stuck.push(each);
      else if (each.kind !== 'trouble') rest.push(each);
    }
    const trouble = looks[troubleAt] ?? (inARow >= hopeless ? stuck.at(-1) : undefined);
    if (trouble) {
      stop = failedBy(trouble as Failure);
      break;
    }
    if (rest.length >= messagesPerTransaction) {
      await recordNow(means, turn, rest);
      rest = [];
    }
  }
  if (stuck.length > 0 && stop?.kind !== 'failed') {
    const parked = await parkStuck(turn, stuck);
    if (parked) rest.push(...parked);
    else stop = failedBy(stuck[0]!);
  }
  if (stop && rest.length > 0) {
    await recordNow(means, turn, rest);
    rest = [];
  }
  return { rest, stop };
}

type Stuck = Extract<Look, { kind: 'stuck' }>;
interface Failure {
  problem: Problem;
  retryAfterMs?: number;
}

const failedBy = ({ problem, retryAfterMs }: Failure): Stop => ({
  kind: 'failed',
  problem,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});

async function look(
  { messagesAtOnce, objects }: ReadingMeans,
  { gmail, mailbox }: TurnOf,
  { gmailId, historyId }: ToRead,
): Promise<Look> {
  const found = await messagesAtOnce.run(() => lookAtMessage({ gmail, objects }, mailbox, gmailId));
  // At least up to the change because of which it was looked at, or it would be looked at for ever.
  return found.kind === 'left-out' && BigInt(found.historyId) < BigInt(historyId)
    ? { ...found, historyId }
    : found;
}

async function recordNow(
  { database, outbox, clock }: ReadingMeans,
  { mailbox, inGap }: TurnOf,
  looked: Looked[],
): Promise<void> {
  const now = clock.now();
  await database.transaction((manager) => record(manager, outbox, mailbox, looked, { now, inGap }));
  outbox.ring();
}

function* inGroups<Item>(items: Item[], size: number): Generator<Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** A message that again and again cannot be had, while Gmail answers otherwise, waits apart from the others. */
async function parkStuck({ gmail }: TurnOf, stuck: Stuck[]): Promise<Looked[] | null> {
  const probe = await gmail.profile();
  if (!probe.ok) return null;
  return stuck.map(({ gmailId, problem: { params } }) => ({
    kind: 'parked' as const,
    gmailId,
    reason: `Gmail does not hand the message out (${params?.['detail'] ?? 'unavailable'}).`,
  }));
}

export const keyOf = ({ tenantId, providerId }: { tenantId: string; providerId: string }): string =>
  `${tenantId} ${providerId}`;

export const unexpected = (correlationId: string): Problem =>
  problem('service.failed', { service: 'gmail', correlationId });
