import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OutboxTable1760000200000 implements MigrationInterface {
  readonly name = 'OutboxTable1760000200000';

  async up(runner: QueryRunner): Promise<void> {
    // The payload is text, because jsonb cannot hold every string that a message may have in it.
    await runner.query(`
      CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant_id text NOT NULL,
        in_order_of text NOT NULL,
        delivery_id text NOT NULL,
        subject text NOT NULL,
        payload text NOT NULL,
        written_at timestamptz NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox');
  }
}

/** When the notification came that something is delivered because of, so that the way from there can be measured. */
export class OutboxPushTime1764300200000 implements MigrationInterface {
  readonly name = 'OutboxPushTime1764300200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox ADD COLUMN pushed_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE outbox DROP COLUMN pushed_at');
  }
}

/** For the list of migrations of every service that delivers. */
export const outboxMigrations = [OutboxTable1760000200000, OutboxPushTime1764300200000];
