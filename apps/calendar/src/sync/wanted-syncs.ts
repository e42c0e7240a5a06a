import type { DataSource } from 'typeorm';
import { Bell } from '#event-sourcing/bell';
import type { Clock } from '#time/clock';
import { idOf, keysOf, type CalendarKey, type CalendarRow } from './calendar-key.js';

/** A calendar that is to be read, and what is known about that. */
export interface WantedSync extends CalendarKey {
  /** Rises with every wish: what is wanted while the calendar is being read is wanted again. */
  wish: string;
  /** A notification is among the reasons. */
  notified: boolean;
  /** Attempts in a row that failed. */
  failures: number;
}

/** Which calendars are to be read, when: kept in the database, so that every wish outlives every process. */
export class WantedSyncs {
  readonly bell = new Bell();

  constructor(
    private readonly database: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Reads the calendar as soon as possible, whatever failed before. */
  async ask(calendar: CalendarKey): Promise<void> {
    await this.database.query(
      `INSERT INTO wanted_syncs AS wanted (tenant_id, provider_id, calendar_id, wish, due_at, asked, notified)
       VALUES ($1, $2, $3, 1, $4, true, false)
       ON CONFLICT (tenant_id, provider_id, calendar_id)
         DO UPDATE SET wish = wanted.wish + 1, due_at = $4, asked = true`,
      [...keysOf(calendar), this.clock.now()],
    );
    this.bell.ring();
  }

  /** A notification came. While the calendar fails, notifications do not make it be tried any sooner. */
  async notified(calendar: CalendarKey, { receivedAt }: { receivedAt: Date }): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query(
        `INSERT INTO wanted_syncs AS wanted (tenant_id, provider_id, calendar_id, wish, due_at, asked, notified, pushed_at)
         VALUES ($1, $2, $3, 1, $4, false, true, $5)
         ON CONFLICT (tenant_id, provider_id, calendar_id) DO UPDATE SET wish = wanted.wish + 1, notified = true,
           pushed_at = coalesce(wanted.pushed_at, excluded.pushed_at),
           due_at = CASE WHEN wanted.failures > 0 THEN wanted.due_at ELSE least(wanted.due_at, $4) END`,
        [...keysOf(calendar), this.clock.now(), receivedAt],
      );
      await manager.query(
        `INSERT INTO calendar_activities AS known (tenant_id, provider_id, calendar_id, last_notification_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, provider_id, calendar_id)
           DO UPDATE SET last_notification_at = greatest(known.last_notification_at, $4)`,
        [...keysOf(calendar), receivedAt],
      );
    });
    this.bell.ring();
  }

  /** Calendars to read, the longest due first; none of these, and none of these tenants'. */
  async due(limit: number, except: CalendarKey[], exceptTenants: string[] = []): Promise<CalendarKey[]> {
    const rows: CalendarRow[] = await this.database.query(
      `SELECT tenant_id, provider_id, calendar_id FROM wanted_syncs
        WHERE due_at <= $1
          AND (tenant_id, provider_id, calendar_id) NOT IN (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]))
          AND tenant_id <> ALL ($6::text[])
        ORDER BY due_at LIMIT $5`,
      [
        this.clock.now(),
        except.map(({ tenantId }) => tenantId),
        except.map(({ providerId }) => providerId),
        except.map(({ calendarId }) => calendarId),
        limit,
        exceptTenants,
      ],
    );
    return rows.map(idOf);
  }

  async read(calendar: CalendarKey): Promise<WantedSync | null> {
    const rows: { wish: string; notified: boolean; failures: number }[] = await this.database.query(
      `SELECT wish, notified, failures FROM wanted_syncs
        WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3 AND due_at <= $4`,
      [...keysOf(calendar), this.clock.now()],
    );
    const row = rows[0];
    return row ? { ...calendar, ...row } : null;
  }

  /** What was wanted is done; what came to be wanted meanwhile stays. */
  async fulfil(wanted: WantedSync): Promise<void> {
    await this.database.query(
      `DELETE FROM wanted_syncs WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3 AND wish = $4`,
      [...keysOf(wanted), wanted.wish],
    );
    await this.database.query(
      // A notification that came meanwhile is as old as this turn at most.
      `UPDATE wanted_syncs SET failures = 0, due_at = least(due_at, $4),
              pushed_at = CASE WHEN pushed_at IS NOT NULL THEN $4 END
        WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3`,
      [...keysOf(wanted), this.clock.now()],
    );
  }

  /** Not done yet: again in so many milliseconds, unless somebody has asked for it meanwhile. */
  async postpone(wanted: WantedSync, { byMs, failures }: { byMs: number; failures: number }): Promise<Date> {
    const dueAt = new Date(this.clock.now().getTime() + byMs);
    await this.database.query(
      `UPDATE wanted_syncs SET failures = $5, due_at = CASE WHEN wish > $4 AND asked THEN due_at ELSE $6 END
        WHERE tenant_id = $1 AND provider_id = $2 AND calendar_id = $3`,
      [...keysOf(wanted), wanted.wish, failures, dueAt],
    );
    return dueAt;
  }
}
