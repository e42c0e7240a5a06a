import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { mailboxEvents, topicEvents } from '#contracts/gmail';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projection, UnknownEventType } from '#processors/processor';
import { dueChanges } from './due-changes.js';

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

const known = { ...mailboxEvents, ...topicEvents };

/** What is due when. A row without a time is kept, so that an event that is delivered late cannot bring back what is over. */
export const dueWork = projection({
  id: 'maintenance.due-work',
  categories: ['mailbox', 'topic'],
  tables: ['due_work'],
  async project(events, manager) {
    for (const event of events) await apply(event, manager);
  },
});

async function apply(event: RecordedEvent, manager: EntityManager): Promise<void> {
  if (!Object.hasOwn(known, event.type)) throw new UnknownEventType(event.type);
  const { tenantId, id = '' } = parseStreamName(event.stream);
  for (const change of dueChanges(event as unknown as Parameters<typeof dueChanges>[0])) {
    if (change.command === 'all') {
      await manager.query(
        `UPDATE due_work SET due_at = NULL, every_ms = NULL, revision = $3
          WHERE tenant_id = $1 AND provider_id = $2 AND revision < $3`,
        [tenantId, id, event.revision],
      );
      continue;
    }
    const everyMs = 'everyMs' in change ? change.everyMs : null;
    const { id: eventId, correlationId } = event.metadata;
    await manager.query(
      `INSERT INTO due_work (tenant_id, provider_id, command, due_at, every_ms, cause, revision)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id, provider_id, command) DO UPDATE
         SET due_at = EXCLUDED.due_at, every_ms = EXCLUDED.every_ms, attempts = 0, cause = EXCLUDED.cause, revision = EXCLUDED.revision
       WHERE due_work.revision < EXCLUDED.revision`,
      [tenantId, id, change.command, change.dueAt, everyMs, { id: eventId, correlationId }, event.revision],
    );
  }
}
