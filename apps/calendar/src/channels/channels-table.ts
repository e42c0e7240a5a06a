import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ChannelsTable1760000400000 implements MigrationInterface {
  readonly name = 'ChannelsTable1760000400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE channels (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL,
        address text,
        revision integer NOT NULL,
        PRIMARY KEY (tenant_id, provider_id, calendar_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE channels');
  }
}
