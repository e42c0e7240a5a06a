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
  /** What the search of the present gap has brought so far, or of the last one until its end is told. */
  search: { recovered: number; since: Date | null; complete: boolean | null };
}

/** A transaction's manager, or the pool itself. */
export type Queryable = Pick<EntityManager, 'query'>;

/**
 * Where reading begins for a mailbox that has no cursor yet. A cursor that is there stays: what lies between it and a
 * new watch was not read.
 */
export async function initialiseCursor(
  manager: Queryable,
  start: MailboxId & { historyId: string; at: Date },
): Promise<void> {
  await manager.query(
    `INSERT INTO mailbox_cursors (tenant_id, provider_id, history_id, synced_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [start.tenantId, start.providerId, start.historyId, start.at],
  );
}

export async function readCursor(database: Queryable, mailbox: MailboxId): Promise<Cursor | null> {
  const rows: CursorRow[] = await database.query(
    `SELECT history_id, synced_at, recovered, searched_since, searched_all FROM mailbox_cursors
      WHERE tenant_id = $1 AND provider_id = $2`,
    [mailbox.tenantId, mailbox.providerId],
  );
  const row = rows[0];
  if (!row) return null;
  const search = { recovered: row.recovered, since: row.searched_since, complete: row.searched_all };
  return { historyId: row.history_id, syncedAt: row.synced_at, search };
}

interface CursorRow {
  history_id: string;
  synced_at: Date;
  recovered: number;
  searched_since: Date | null;
  searched_all: boolean | null;
}

/** Somebody else moved the cursor since it was read: nothing of this piece of work may be kept. */
export class CursorMoved extends Error {
  override readonly name = 'CursorMoved';

  constructor({ tenantId, providerId }: MailboxId) {
    super(`The cursor of ${tenantId}/${providerId} was moved by somebody else`);
  }
}

export interface CursorMove {
  from: string;
  to: string;
  /** Only when the mailbox was read to its end. */
  syncedAt?: Date;
  /** Only at the end of a gap: how far its search went. */
  searched?: { since: Date; complete: boolean };
}

/** Together with what it stands for, or not at all. @throws CursorMoved */
export async function moveCursor(manager: Queryable, mailbox: MailboxId, move: CursorMove): Promise<void> {
  const { from, to, syncedAt = null, searched } = move;
  const [, moved]: [unknown, number] = await manager.query(
    `UPDATE mailbox_cursors
        SET history_id = $4, synced_at = coalesce($5, synced_at), searched_since = $6, searched_all = $7
      WHERE tenant_id = $1 AND provider_id = $2 AND history_id = $3`,
    [
      mailbox.tenantId,
      mailbox.providerId,
      from,
      to,
      syncedAt,
      searched?.since ?? null,
      searched?.complete ?? null,
    ],
  );
  if (moved === 0) throw new CursorMoved(mailbox);
}

export async function countRecovered(
  manager: Queryable,
  mailbox: MailboxId,
  messages: number,
): Promise<void> {
  await manager.query(
    'UPDATE mailbox_cursors SET recovered = recovered + $3 WHERE tenant_id = $1 AND provider_id = $2',
    [mailbox.tenantId, mailbox.providerId, messages],
  );
}

/** Once the end of the gap was told. */
export async function forgetSearch(manager: Queryable, mailbox: MailboxId): Promise<void> {
  await manager.query(
    `UPDATE mailbox_cursors SET recovered = 0, searched_since = NULL, searched_all = NULL
      WHERE tenant_id = $1 AND provider_id = $2`,
    [mailbox.tenantId, mailbox.providerId],
  );
}
