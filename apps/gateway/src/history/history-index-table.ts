import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where each event of a tenant stands, in the order of all its streams. What the event says is read from the event store. */
export class HistoryIndex1764400000000 implements MigrationInterface {
  readonly name = 'HistoryIndex1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE history_index (
        tenant_id text,
        ordinal bigint,
        event_id text NOT NULL,
        stream text NOT NULL,
        revision integer NOT NULL,
        about text NOT NULL,
        provider_id text,
        type text NOT NULL,
        at timestamptz NOT NULL,
        by text NOT NULL,
        PRIMARY KEY (tenant_id, ordinal),
        UNIQUE (tenant_id, event_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE history_index');
  }
}
