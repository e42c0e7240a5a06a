import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows are added, and deleted when their time is over; never changed. */
export class AuditTrail1764400000000 implements MigrationInterface {
  readonly name = 'AuditTrail1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_trail (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        tenant_id text NOT NULL,
        provider_id text,
        kind text NOT NULL,
        service text,
        by text NOT NULL,
        correlation_id text,
        detail jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX audit_trail_of_tenant ON audit_trail (tenant_id, id)');
    await runner.query('CREATE INDEX audit_trail_at ON audit_trail (at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_trail');
  }
}
