import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { calendarEvents } from '#contracts/calendar';
import { mailboxEvents, topicEvents } from '#contracts/gmail';
import { googleAppEvents, grantEvents, type GoogleAppEvent } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projection, UnknownEventType } from '#processors/processor';
import { calendarDueChanges } from './due-calendar-changes.js';
import { dueChanges } from './due-changes.js';
import { googleAppDueChanges } from './due-google-app-changes.js';
import { grantDueChanges } from './due-grant-changes.js';
import { holdOrRelease, keepHeld, ofThePermission } from './held-work.js';

export class DueWork1764100000000 implements MigrationInterface {
  readonly name = 'DueWork1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE due_work (
        tenant_id text NOT NULL,
        provider_id text NOT NULL DEFAULT '',
        command text NOT NULL,
        due_at timestamptz,
        every_ms bigint,
        attempts integer NOT NULL DEFAULT 0,
        cause jsonb NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (tenant_id, provider_id, command)
      )`);
    await runner.query('CREATE INDEX due_work_due_at ON due_work (due_at) WHERE due_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE due_work');
  }
}

/** Work of a single calendar lies beside work of its provider. */
export class DueWorkSubject1764200000000 implements MigrationInterface {
  readonly name = 'DueWorkSubject1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE due_work
        ADD COLUMN subject text NOT NULL DEFAULT '',
        DROP CONSTRAINT due_work_pkey,
        ADD PRIMARY KEY (tenant_id, provider_id, command, subject)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM due_work WHERE subject <> ''`);
    await runner.query(`
      ALTER TABLE due_work
        DROP CONSTRAINT due_work_pkey,
        ADD PRIMARY KEY (tenant_id, provider_id, command),
        DROP COLUMN subject`);
  }
}

/** When what the work protects is lost: a watch or a channel that ends. Each tenant's lines are found by what is urgent in them. */
export class DueDeadlines1764550000000 implements MigrationInterface {
  readonly name = 'DueDeadlines1764550000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE due_work ADD COLUMN deadline timestamptz');
    await runner.query(`
      CREATE INDEX due_work_protecting ON due_work (tenant_id, due_at)
        WHERE due_at IS NOT NULL AND deadline IS NOT NULL`);
    await runner.query(`
      CREATE INDEX due_work_other ON due_work (tenant_id, due_at) WHERE due_at IS NOT NULL AND deadline IS NULL`);
    await runner.query('CREATE INDEX due_work_ending ON due_work (deadline) WHERE due_at IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE due_work DROP COLUMN deadline');
  }
}

/** By category: events of different categories may share a name. */
const changesIn: Record<string, (event: RecordedEvent) => Change[]> = {
  mailbox: (event) => changesOfGmail(mailboxEvents, event),
  topic: (event) => changesOfGmail(topicEvents, event),
  calendar: (event) => {
    if (!Object.hasOwn(calendarEvents, event.type)) throw new UnknownEventType(event.type);
    return calendarDueChanges(event as unknown as Parameters<typeof calendarDueChanges>[0]).map((change) =>
      change.command === 'all' ? change : { subject: change.calendarId, ...change },
    );
  },
  googleApp: (event) => {
    if (!Object.hasOwn(googleAppEvents, event.type)) throw new UnknownEventType(event.type);
    return googleAppDueChanges(event as unknown as GoogleAppEvent);
  },
  grant: (event) => {
    if (!Object.hasOwn(grantEvents, event.type)) throw new UnknownEventType(event.type);
    return grantDueChanges(event as unknown as Parameters<typeof grantDueChanges>[0]);
  },
};

type Change =
  | { command: string; subject?: string; dueAt: Date | null; everyMs?: number; deadline?: Date }
  | { command: 'all'; exceptCalendars?: string[]; dueAt: null };

function changesOfGmail(known: object, event: RecordedEvent): Change[] {
  if (!Object.hasOwn(known, event.type)) throw new UnknownEventType(event.type);
  return dueChanges(event as unknown as Parameters<typeof dueChanges>[0]);
}

/** What is due when. A row without a time is kept, so that an event that is delivered late cannot bring back what is over. */
export const dueWork = projection({
  id: 'maintenance.due-work',
  categories: Object.keys(changesIn),
  tables: ['due_work', 'due_holds'],
  // Whoever asks for the work moves them on.
  columnsOfOthers: { due_work: ['due_at', 'held_due_at', 'attempts'] },
  async project(events, manager) {
    for (const event of events) await apply(event, manager);
  },
});

async function apply(event: RecordedEvent, manager: EntityManager): Promise<void> {
  const { category, tenantId, id = '' } = parseStreamName(event.stream);
  for (const change of changesIn[category]!(event)) {
    if (change.command === 'all') {
      const except = ('exceptCalendars' in change && change.exceptCalendars) || [];
      await manager.query(
        `UPDATE due_work SET due_at = NULL, held_due_at = NULL, every_ms = NULL, deadline = NULL, revision = $3
          WHERE tenant_id = $1 AND provider_id = $2 AND revision < $3 AND subject <> ALL ($4) AND command <> ALL ($5)`,
        [tenantId, id, event.revision, except, ofThePermission],
      );
      continue;
    }
    const subject = ('subject' in change && change.subject) || '';
    const everyMs = 'everyMs' in change ? change.everyMs : null;
    const deadline = 'deadline' in change ? change.deadline : null;
    const { id: eventId, correlationId } = event.metadata;
    const cause = { id: eventId, correlationId };
    await manager.query(
      `INSERT INTO due_work (tenant_id, provider_id, command, subject, due_at, every_ms, cause, revision, deadline)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (tenant_id, provider_id, command, subject) DO UPDATE
         SET due_at = EXCLUDED.due_at, held_due_at = NULL, every_ms = EXCLUDED.every_ms, attempts = 0, cause = EXCLUDED.cause, revision = EXCLUDED.revision,
             deadline = CASE WHEN EXCLUDED.due_at IS NOT NULL THEN coalesce(EXCLUDED.deadline, due_work.deadline) END
       WHERE due_work.revision < EXCLUDED.revision`,
      [tenantId, id, change.command, subject, change.dueAt, everyMs, cause, event.revision, deadline],
    );
  }
  if (category === 'grant') await holdOrRelease(event, manager);
  else await keepHeld(tenantId, id, manager);
}
