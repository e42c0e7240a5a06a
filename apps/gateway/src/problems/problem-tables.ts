import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Not made from events alone, so a rebuild of the statuses leaves them as they are. */
export class ProblemTables1764300100000 implements MigrationInterface {
  readonly name = 'ProblemTables1764300100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provider_looks (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        look_at timestamptz,
        product text,
        status text,
        settled boolean NOT NULL DEFAULT false,
        ends_at timestamptz,
        revisions integer[] NOT NULL DEFAULT '{}',
        PRIMARY KEY (tenant_id, provider_id)
      )`);
    await runner.query(
      'CREATE INDEX provider_looks_due ON provider_looks (look_at) WHERE look_at IS NOT NULL',
    );
    await runner.query(`
      CREATE TABLE told_problems (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL DEFAULT '',
        code text NOT NULL,
        severity text NOT NULL,
        problem_id uuid NOT NULL,
        problem jsonb NOT NULL,
        raised_at timestamptz NOT NULL,
        absent_since timestamptz,
        cleared_at timestamptz,
        returns integer NOT NULL,
        PRIMARY KEY (tenant_id, provider_id, calendar_id, code, severity)
      )`);
    await runner.query(`
      INSERT INTO provider_looks (tenant_id, provider_id, look_at)
      SELECT tenant_id, provider_id, '-infinity' FROM provider_statuses`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE told_problems, provider_looks');
  }
}
