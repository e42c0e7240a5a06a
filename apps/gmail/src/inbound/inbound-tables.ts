import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InboundTables1760000300000 implements MigrationInterface {
  readonly name = 'InboundTables1760000300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE mailbox_cursors (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        history_id numeric(20) NOT NULL,
        synced_at timestamptz NOT NULL,
        recovered integer NOT NULL DEFAULT 0,
        searched_since timestamptz,
        searched_all boolean,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
    await runner.query(`
      CREATE TABLE seen_messages (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        gmail_id text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('delivered', 'left-out', 'gone')),
        history_id numeric(20) NOT NULL,
        seen_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, provider_id, gmail_id)
      )`);
    await runner.query('CREATE INDEX seen_messages_by_age ON seen_messages (seen_at)');
    await runner.query(`
      CREATE TABLE wanted_syncs (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        wish bigint NOT NULL,
        due_at timestamptz NOT NULL,
        pushed_history_id numeric(20),
        asked boolean NOT NULL,
        failures integer NOT NULL DEFAULT 0,
        looks integer NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
    await runner.query('CREATE INDEX wanted_syncs_due ON wanted_syncs (due_at)');
    await runner.query(`
      CREATE TABLE parked_messages (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        gmail_id text NOT NULL,
        reason text NOT NULL,
        attempts integer NOT NULL,
        parked_at timestamptz NOT NULL,
        next_attempt_at timestamptz,
        PRIMARY KEY (tenant_id, provider_id, gmail_id)
      )`);
    await runner.query('CREATE INDEX parked_messages_due ON parked_messages (next_attempt_at)');
    await runner.query(`
      CREATE TABLE mailbox_activities (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        last_push_at timestamptz,
        last_sync_at timestamptz,
        last_message_at timestamptz,
        delivered bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE mailbox_activities, parked_messages, wanted_syncs, seen_messages, mailbox_cursors',
    );
  }
}
