import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CalendarStatusTables1760000200003 implements MigrationInterface {
  readonly name = 'CalendarStatusTables1760000200003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE provider_statuses
        ADD COLUMN calendar jsonb,
        ADD COLUMN calendar_revision integer NOT NULL DEFAULT -1`);
    // Apart from the rows that events make: a rebuild must not forget what no event tells.
    await runner.query(`
      CREATE TABLE calendar_activity (
        tenant_id text,
        provider_id text,
        calendar_id text,
        last_notification_at timestamptz,
        last_sync_at timestamptz,
        sequence bigint NOT NULL,
        PRIMARY KEY (tenant_id, provider_id, calendar_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE calendar_activity');
    await runner.query('ALTER TABLE provider_statuses DROP COLUMN calendar, DROP COLUMN calendar_revision');
  }
}
