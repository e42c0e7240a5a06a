import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PushBindingsTable1760000200000 implements MigrationInterface {
  readonly name = 'PushBindingsTable1760000200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE push_bindings (
        tenant_id text PRIMARY KEY,
        subscription text NOT NULL,
        audience text NOT NULL,
        service_account_email text NOT NULL,
        revision integer NOT NULL
      )`);
    await runner.query('CREATE INDEX push_bindings_of_subscription ON push_bindings (subscription)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE push_bindings');
  }
}
