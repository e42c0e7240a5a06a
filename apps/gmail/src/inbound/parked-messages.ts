import type { z } from 'zod';
import type { parkedMessage } from '#contracts/gmail';
import type { MailboxId, Queryable } from './cursor.js';

export async function listParkedMessages(
  database: Queryable,
  { tenantId, providerId }: MailboxId,
): Promise<z.infer<typeof parkedMessage>[]> {
  const rows: ParkedRow[] = await database.query(
    `SELECT gmail_id, reason, attempts, parked_at, next_attempt_at FROM parked_messages
      WHERE tenant_id = $1 AND provider_id = $2 ORDER BY parked_at DESC, gmail_id LIMIT 1000`,
    [tenantId, providerId],
  );
  return rows.map(({ gmail_id, reason, attempts, parked_at, next_attempt_at }) => ({
    gmailId: gmail_id,
    reason,
    attempts,
    parkedAt: parked_at.toISOString(),
    nextAttemptAt: next_attempt_at?.toISOString() ?? null,
  }));
}

interface ParkedRow {
  gmail_id: string;
  reason: string;
  attempts: number;
  parked_at: Date;
  next_attempt_at: Date | null;
}

export async function parkedAmong(
  database: Queryable,
  mailbox: MailboxId,
  gmailIds: string[],
): Promise<Set<string>> {
  const rows: { gmail_id: string }[] = await database.query(
    'SELECT gmail_id FROM parked_messages WHERE tenant_id = $1 AND provider_id = $2 AND gmail_id = ANY ($3)',
    [mailbox.tenantId, mailbox.providerId, gmailIds],
  );
  return new Set(rows.map(({ gmail_id }) => gmail_id));
}

export async function parkedDue(
  database: Queryable,
  mailbox: MailboxId,
  now: Date,
  limit: number,
): Promise<string[]> {
  const rows: { gmail_id: string }[] = await database.query(
    `SELECT gmail_id FROM parked_messages WHERE tenant_id = $1 AND provider_id = $2 AND next_attempt_at <= $3
      ORDER BY next_attempt_at LIMIT $4`,
    [mailbox.tenantId, mailbox.providerId, now, limit],
  );
  return rows.map(({ gmail_id }) => gmail_id);
}

/** The mailbox itself cannot be read: its parked messages are not to blame, and wait. */
export async function postponeParked(
  database: Queryable,
  mailbox: MailboxId,
  { now, byMs }: { now: Date; byMs: number },
): Promise<void> {
  await database.query(
    `UPDATE parked_messages SET next_attempt_at = $4
      WHERE tenant_id = $1 AND provider_id = $2 AND next_attempt_at <= $3`,
    [mailbox.tenantId, mailbox.providerId, now, new Date(now.getTime() + byMs)],
  );
}
