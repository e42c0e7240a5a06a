import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ChannelBindingsTable1760000200002 implements MigrationInterface {
  readonly name = 'ChannelBindingsTable1760000200002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE channel_bindings (
        channel_id text PRIMARY KEY,
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL,
        token_hash text NOT NULL,
        resource_id text
      )`);
    await runner.query(
      'CREATE INDEX channel_bindings_of_provider ON channel_bindings (tenant_id, provider_id)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE channel_bindings');
  }
}
