import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import type { GrantEvent } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { minutes } from '#time/clock';
import { permissionAfter, type GrantDueCommand } from './due-grant-changes.js';

/** Events of a permission and of its mailbox or calendars have revisions of their own, so that the former cannot clear rows of the latter: they hold them. */
export class HeldWork1764300000000 implements MigrationInterface {
  readonly name = 'HeldWork1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE due_work ADD COLUMN held_due_at timestamptz');
    await runner.query(`
      CREATE TABLE due_holds (
        tenant_id text,
        provider_id text,
        held boolean NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
    // The list is made anew from all events: permissions that were given before this version have to be proven, too.
    await runner.query('DELETE FROM due_work');
    await runner.query(`DELETE FROM parked_events WHERE processor = 'maintenance.due-work'`);
    await runner.query(`UPDATE checkpoints SET position = NULL WHERE processor = 'maintenance.due-work'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE due_holds');
    await runner.query('ALTER TABLE due_work DROP COLUMN held_due_at');
  }
}

/** What concerns the permission itself, and so neither waits for it nor ends with the mailbox's or calendars' own work. */
export const ofThePermission: GrantDueCommand[] = ['CheckGrant', 'FindCause'];

/** Watches and channels are begun anew by whoever follows a permission: what they do not set anew follows then. */
const followsAfter = minutes(5);

/** A permission that ended holds all other work of its provider; the next one lets it go on. */
export async function holdOrRelease(event: RecordedEvent, manager: EntityManager): Promise<void> {
  const permission = permissionAfter(event as unknown as GrantEvent);
  if (permission === undefined) return;
  const { tenantId, id } = parseStreamName(event.stream);
  const changed: unknown[] = await manager.query(
    `INSERT INTO due_holds (tenant_id, provider_id, held, revision) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, provider_id) DO UPDATE SET held = EXCLUDED.held, revision = EXCLUDED.revision
     WHERE due_holds.revision < EXCLUDED.revision RETURNING held`,
    [tenantId, id, permission === 'gone', event.revision],
  );
  if (changed.length === 0) return;
  if (permission === 'gone') await keepHeld(tenantId, id!, manager);
  else
    await manager.query(
      `UPDATE due_work SET due_at = greatest(held_due_at, $3), held_due_at = NULL, attempts = 0
        WHERE tenant_id = $1 AND provider_id = $2 AND held_due_at IS NOT NULL`,
      [tenantId, id, new Date(Date.parse(event.metadata.at) + followsAfter)],
    );
}

/** Also what an event brings that crossed with the end of the permission. */
export async function keepHeld(tenantId: string, providerId: string, manager: EntityManager): Promise<void> {
  await manager.query(
    `UPDATE due_work SET held_due_at = due_at, due_at = NULL
      WHERE tenant_id = $1 AND provider_id = $2 AND due_at IS NOT NULL AND command <> ALL ($3)
        AND EXISTS (SELECT FROM due_holds AS hold WHERE hold.tenant_id = $1 AND hold.provider_id = $2 AND held)`,
    [tenantId, providerId, ofThePermission],
  );
}
