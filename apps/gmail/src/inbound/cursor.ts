import type { EntityManager } from 'typeorm';

export interface MailboxId {
  tenantId: string;
  providerId: string;
}

export interface Cursor {
  /** Everything up to here was recorded. A decimal string. */
  historyId: string;
  /** When the mailbox was last read to its end. */
  syncedAt: Date;
  /** How many messages the search of an open gap has brought so far. */
  recovered: number;
}

/**
 * Where reading begins for a mailbox that has no cursor yet. A cursor that is there stays: what lies between it and a
 * new watch was not read.
 */
export async function initialiseCursor(
  manager: EntityManager,
  start: MailboxId & { historyId: string; at: Date },
): Promise<void> {
  await manager.query(
    `INSERT INTO mailbox_cursors (tenant_id, provider_id, history_id, synced_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [start.tenantId, start.providerId, start.historyId, start.at],
  );
}

export async function readCursor(manager: EntityManager, mailbox: MailboxId): Promise<Cursor | null> {
  const rows: { history_id: string; synced_at: Date; recovered: number }[] = await manager.query(
    'SELECT history_id, synced_at, recovered FROM mailbox_cursors WHERE tenant_id = $1 AND provider_id = $2',
    [mailbox.tenantId, mailbox.providerId],
  );
  const row = rows[0];
  return row ? { historyId: row.history_id, syncedAt: row.synced_at, recovered: row.recovered } : null;
}

/** Somebody else moved the cursor since it was read: nothing of this piece of work may be kept. */
export class CursorMoved extends Error {
  override readonly name = 'CursorMoved';

  constructor({ tenantId, providerId }: MailboxId) {
    super(`The cursor of ${tenantId}/${providerId} was moved by somebody else`);
  }
}

/** Together with what it stands for, or not at all. @throws CursorMoved */
export async function moveCursor(
  manager: EntityManager,
  mailbox: MailboxId,
  { from, to, syncedAt }: { from: string; to: string; syncedAt: Date },
): Promise<void> {
  const [, moved]: [unknown, number] = await manager.query(
    `UPDATE mailbox_cursors SET history_id = $4, synced_at = $5, recovered = 0
      WHERE tenant_id = $1 AND provider_id = $2 AND history_id = $3`,
    [mailbox.tenantId, mailbox.providerId, from, to, syncedAt],
  );
  if (moved === 0) throw new CursorMoved(mailbox);
}
