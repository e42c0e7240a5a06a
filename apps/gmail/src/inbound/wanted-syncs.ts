import { Bell } from '#event-sourcing/bell';
import type { Clock } from '#time/clock';
import type { DataSource } from 'typeorm';
import type { MailboxId, Queryable } from './cursor.js';

/** A mailbox that is to be read, and what is known about that. */
export interface WantedSync extends MailboxId {
  /** Rises with every wish: what is wanted while the mailbox is being read is wanted again. */
  wish: string;
  dueAt: Date;
  /** The furthest position that a notification has announced. */
  pushedHistoryId: string | null;
  /** Not only because of a notification: to be read even if nothing new was announced. */
  asked: boolean;
  /** Attempts in a row that failed. */
  failures: number;
  /** How often the history did not show yet what was announced. */
  looks: number;
}

/** Which mailboxes are to be read, when: kept in the database, so that every wish outlives every process. */
export class WantedSyncs {
  readonly bell = new Bell();

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Reads the mailbox as soon as possible, whatever failed before. */
  async ask({ tenantId, providerId }: MailboxId): Promise<void> {
    await this.database.query(
      `INSERT INTO wanted_syncs AS wanted (tenant_id, provider_id, wish, due_at, asked) VALUES ($1, $2, 1, $3, true)
       ON CONFLICT (tenant_id, provider_id) DO UPDATE SET wish = wanted.wish + 1, due_at = $3, asked = true`,
      [tenantId, providerId, this.clock.now()],
    );
    this.bell.ring();
  }

  /** A notification came. While the mailbox fails, notifications do not make it be tried any sooner. */
  async notified(
    mailbox: MailboxId,
    { historyId, pushedAt }: { historyId: string; pushedAt: Date },
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query(
        `INSERT INTO wanted_syncs AS wanted (tenant_id, provider_id, wish, due_at, pushed_history_id, asked, pushed_at)
         VALUES ($1, $2, 1, $3, $4, false, $5)
         ON CONFLICT (tenant_id, provider_id) DO UPDATE SET wish = wanted.wish + 1,
           pushed_history_id = greatest(wanted.pushed_history_id, excluded.pushed_history_id), looks = 0,
           pushed_at = coalesce(wanted.pushed_at, excluded.pushed_at),
           due_at = CASE WHEN wanted.failures > 0 THEN wanted.due_at ELSE least(wanted.due_at, $3) END`,
        [mailbox.tenantId, mailbox.providerId, this.clock.now(), historyId, pushedAt],
      );
      await manager.query(
        `INSERT INTO mailbox_activities AS known (tenant_id, provider_id, last_push_at) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, provider_id) DO UPDATE SET last_push_at = greatest(known.last_push_at, $3)`,
        [mailbox.tenantId, mailbox.providerId, pushedAt],
      );
    });
    this.bell.ring();
  }

  /** Mailboxes to read or with parked messages to try, the longest due first; none of these, and none of these tenants'. */
  async due(limit: number, except: MailboxId[], exceptTenants: string[] = []): Promise<MailboxId[]> {
    const rows: { tenant_id: string; provider_id: string }[] = await this.database.query(
      `SELECT tenant_id, provider_id FROM (
         SELECT tenant_id, provider_id, due_at FROM wanted_syncs WHERE due_at <= $1
         UNION ALL
         SELECT tenant_id, provider_id, next_attempt_at FROM parked_messages WHERE next_attempt_at <= $1
       ) AS due
       WHERE (tenant_id, provider_id) NOT IN (SELECT * FROM unnest($2::text[], $3::text[]))
         AND tenant_id <> ALL ($5::text[])
       GROUP BY tenant_id, provider_id ORDER BY min(due_at) LIMIT $4`,
      [
        this.clock.now(),
        except.map(({ tenantId }) => tenantId),
        except.map(({ providerId }) => providerId),
        limit,
        exceptTenants,
      ],
    );
    return rows.map(({ tenant_id, provider_id }) => ({ tenantId: tenant_id, providerId: provider_id }));
  }

  async read({ tenantId, providerId }: MailboxId): Promise<WantedSync | null> {
    const rows: WantedRow[] = await this.database.query(
      `SELECT wish, due_at, pushed_history_id, asked, failures, looks FROM wanted_syncs
        WHERE tenant_id = $1 AND provider_id = $2 AND due_at <= $3`,
      [tenantId, providerId, this.clock.now()],
    );
    const row = rows[0];
    if (!row) return null;
    const { wish, due_at: dueAt, pushed_history_id: pushedHistoryId, asked, failures, looks } = row;
    return { tenantId, providerId, wish, dueAt, pushedHistoryId, asked, failures, looks };
  }

  /** What was wanted is done; what came to be wanted meanwhile stays. */
  async fulfil(database: Queryable, { tenantId, providerId, wish }: WantedSync): Promise<void> {
    await database.query('DELETE FROM wanted_syncs WHERE tenant_id = $1 AND provider_id = $2 AND wish = $3', [
      tenantId,
      providerId,
      wish,
    ]);
    await database.query(
      // A notification that came meanwhile is as old as this turn at most.
      `UPDATE wanted_syncs SET failures = 0, looks = 0, due_at = least(due_at, $3),
              pushed_at = CASE WHEN pushed_at IS NOT NULL THEN $3 END
        WHERE tenant_id = $1 AND provider_id = $2`,
      [tenantId, providerId, this.clock.now()],
    );
  }

  /** Done, but read once more in so many milliseconds, unless a new wish is there anyway. */
  async lookBehind({ tenantId, providerId, wish }: WantedSync, byMs: number): Promise<void> {
    await this.database.query(
      `UPDATE wanted_syncs SET failures = 0, looks = 0, asked = true,
              pushed_at = CASE WHEN pushed_at IS NOT NULL AND wish <> $3 THEN $5::timestamptz END,
              due_at = CASE WHEN wish = $3 THEN $4 ELSE least(due_at, $5) END
        WHERE tenant_id = $1 AND provider_id = $2`,
      [tenantId, providerId, wish, new Date(this.clock.now().getTime() + byMs), this.clock.now()],
    );
  }

  /** Not done yet: again in so many milliseconds, unless somebody has asked for it meanwhile. */
  async postpone(
    { tenantId, providerId, dueAt }: WantedSync,
    { byMs, failures, looks }: { byMs: number; failures: number; looks: number },
  ): Promise<Date> {
    const again = new Date(this.clock.now().getTime() + byMs);
    // Whoever asks makes it due at once; a notification leaves it due as it was.
    await this.database.query(
      `UPDATE wanted_syncs SET failures = $4, looks = $5, due_at = CASE WHEN due_at > $3 THEN due_at ELSE $6 END
        WHERE tenant_id = $1 AND provider_id = $2`,
      [tenantId, providerId, dueAt, failures, looks, again],
    );
    return again;
  }
}

interface WantedRow {
  wish: string;
  due_at: Date;
  pushed_history_id: string | null;
  asked: boolean;
  failures: number;
  looks: number;
}
