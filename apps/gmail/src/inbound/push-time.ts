import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import type { MailboxId } from './cursor.js';

/** The first notification that a wish goes back to and that nothing was delivered of yet. */
export class WantedPushTime1764300300000 implements MigrationInterface {
  readonly name = 'WantedPushTime1764300300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE wanted_syncs ADD COLUMN pushed_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE wanted_syncs DROP COLUMN pushed_at');
  }
}

/** When the notification came that is being followed; null: nothing but the clock or a person asked. */
export async function pushTimeOf(
  manager: EntityManager,
  { tenantId, providerId }: MailboxId,
): Promise<Date | null> {
  const rows: { pushed_at: Date | null }[] = await manager.query(
    'SELECT pushed_at FROM wanted_syncs WHERE tenant_id = $1 AND provider_id = $2',
    [tenantId, providerId],
  );
  return rows[0]?.pushed_at ?? null;
}
