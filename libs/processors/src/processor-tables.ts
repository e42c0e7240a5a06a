import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For the list of migrations of every service that has processors. */
export class ProcessorTables1760000000000 implements MigrationInterface {
  readonly name = 'ProcessorTables1760000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE checkpoints (
        processor text PRIMARY KEY,
        position text
      )`);
    await runner.query(`
      CREATE TABLE parked_events (
        tenant_id text NOT NULL,
        processor text NOT NULL,
        stream text NOT NULL,
        revision integer NOT NULL,
        id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
        event_id uuid NOT NULL,
        type text NOT NULL,
        status text NOT NULL CHECK (status IN ('retrying', 'parked', 'held')),
        reason text NOT NULL,
        attempts integer NOT NULL,
        since timestamptz NOT NULL,
        due_at timestamptz CHECK ((due_at IS NULL) = (status = 'held')),
        PRIMARY KEY (tenant_id, processor, stream, revision)
      )`);
    await runner.query(
      'CREATE INDEX parked_events_due ON parked_events (processor, due_at) WHERE due_at IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE parked_events, checkpoints');
  }
}
