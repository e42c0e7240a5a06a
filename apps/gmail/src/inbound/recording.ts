import type { Delivery, Outbox } from '#deliveries/outbox';
import type { MailboxId, Queryable } from './cursor.js';
import type { Mark } from './candidates.js';
import { countRecovered } from './cursor.js';
import { nextAttemptAfter } from './parking-backoff.js';
import { pushTimeOf } from './push-time.js';

/** What became of a message that was looked at. */
export type Looked = { gmailId: string } & (
  | { kind: 'delivered'; historyId: string; receivedAt: Date; delivery: Delivery }
  | { kind: 'left-out'; historyId: string }
  | { kind: 'gone'; historyId: string }
  | { kind: 'parked'; reason: string }
);

/** Records within a transaction what became of messages. A message that was delivered before is not delivered again. */
export async function record(
  manager: Parameters<Outbox['write']>[0],
  outbox: Outbox,
  mailbox: MailboxId,
  looked: Looked[],
  { now, inGap }: { now: Date; inGap: boolean },
): Promise<void> {
  const delivered = looked.filter((each) => each.kind === 'delivered');
  const passed = looked.filter((each) => each.kind === 'left-out' || each.kind === 'gone');
  const parked = looked.filter((each) => each.kind === 'parked');

  const marks = delivered.map(({ gmailId, historyId, kind }) => ({ gmailId, historyId, outcome: kind }));
  const fresh = new Set(await mark(manager, mailbox, marks, now));
  const news = delivered.filter(({ gmailId }) => fresh.has(gmailId));
  // What the search of a gap brings is late for other reasons.
  const pushedAt = news.length > 0 && !inGap ? await pushTimeOf(manager, mailbox) : null;
  await outbox.write(
    manager,
    news.map(({ delivery }) => delivery),
    { pushedAt },
  );
  await mark(
    manager,
    mailbox,
    passed.map(({ gmailId, historyId, kind }) => ({ gmailId, historyId, outcome: kind })),
    now,
  );
  await unpark(
    manager,
    mailbox,
    [...delivered, ...passed].map(({ gmailId }) => gmailId),
  );
  for (const { gmailId, reason } of parked) await park(manager, mailbox, { gmailId, reason, now });
  if (news.length === 0) return;
  if (inGap) await countRecovered(manager, mailbox, news.length);
  await manager.query(
    `INSERT INTO mailbox_activities AS known (tenant_id, provider_id, last_message_at, delivered) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, provider_id) DO UPDATE
       SET last_message_at = greatest(known.last_message_at, $3), delivered = known.delivered + $4`,
    [mailbox.tenantId, mailbox.providerId, latestOf(news), news.length],
  );
}

const latestOf = (news: { receivedAt: Date }[]): Date =>
  new Date(Math.max(...news.map(({ receivedAt }) => receivedAt.getTime())));

async function mark(
  manager: Queryable,
  { tenantId, providerId }: MailboxId,
  messages: ({ gmailId: string } & Mark)[],
  now: Date,
): Promise<string[]> {
  if (messages.length === 0) return [];
  const rows: { gmail_id: string }[] = await manager.query(
    `INSERT INTO seen_messages AS seen (tenant_id, provider_id, gmail_id, outcome, history_id, seen_at)
     SELECT $1, $2, given.gmail_id, given.outcome, given.history_id, $6
       FROM unnest($3::text[], $4::text[], $5::numeric[]) AS given (gmail_id, outcome, history_id)
     ON CONFLICT (tenant_id, provider_id, gmail_id) DO UPDATE
       SET outcome = excluded.outcome, history_id = excluded.history_id, seen_at = excluded.seen_at
       WHERE seen.outcome <> 'delivered'
     RETURNING gmail_id`,
    [
      tenantId,
      providerId,
      messages.map(({ gmailId }) => gmailId),
      messages.map(({ outcome }) => outcome),
      messages.map(({ historyId }) => historyId),
      now,
    ],
  );
  return rows.map(({ gmail_id }) => gmail_id);
}

async function park(
  manager: Queryable,
  { tenantId, providerId }: MailboxId,
  { gmailId, reason, now }: { gmailId: string; reason: string; now: Date },
): Promise<void> {
  const rows: { attempts: number }[] = await manager.query(
    `INSERT INTO parked_messages AS parked (tenant_id, provider_id, gmail_id, reason, attempts, parked_at)
     VALUES ($1, $2, $3, $4, 1, $5)
     ON CONFLICT (tenant_id, provider_id, gmail_id) DO UPDATE SET reason = $4, attempts = parked.attempts + 1
     RETURNING attempts`,
    [tenantId, providerId, gmailId, reason, now],
  );
  await manager.query(
    'UPDATE parked_messages SET next_attempt_at = $4 WHERE tenant_id = $1 AND provider_id = $2 AND gmail_id = $3',
    [tenantId, providerId, gmailId, nextAttemptAfter(rows[0]!.attempts, now)],
  );
}

async function unpark(
  manager: Queryable,
  { tenantId, providerId }: MailboxId,
  gmailIds: string[],
): Promise<void> {
  if (gmailIds.length === 0) return;
  await manager.query(
    'DELETE FROM parked_messages WHERE tenant_id = $1 AND provider_id = $2 AND gmail_id = ANY ($3)',
    [tenantId, providerId, gmailIds],
  );
}

/** What is known of these messages. */
export async function marksOf(
  database: Queryable,
  { tenantId, providerId }: MailboxId,
  gmailIds: string[],
): Promise<Map<string, Mark>> {
  const rows: { gmail_id: string; outcome: Mark['outcome']; history_id: string }[] = await database.query(
    `SELECT gmail_id, outcome, history_id FROM seen_messages
      WHERE tenant_id = $1 AND provider_id = $2 AND gmail_id = ANY ($3)`,
    [tenantId, providerId, gmailIds],
  );
  return new Map(
    rows.map(({ gmail_id, outcome, history_id }) => [gmail_id, { outcome, historyId: history_id }]),
  );
}
