import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MailboxTables1760000100000 implements MigrationInterface {
  readonly name = 'MailboxTables1760000100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE mailbox_addresses (
        tenant_id text NOT NULL,
        address text NOT NULL,
        provider_id text NOT NULL,
        PRIMARY KEY (tenant_id, address)
      )`);
    await runner.query(`
      CREATE TABLE mailboxes (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        name text NOT NULL,
        address text NOT NULL,
        status text NOT NULL CHECK (status IN ('unwatched', 'watched', 'disconnected')),
        authorized_at timestamptz,
        disconnected_at timestamptz,
        paused text,
        labels text[] NOT NULL,
        include text[] NOT NULL,
        label_ids text[],
        watch_expires_at timestamptz,
        proven boolean NOT NULL DEFAULT false,
        mailbox_revision integer NOT NULL,
        grant_revision integer NOT NULL DEFAULT -1,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
    await runner.query('CREATE INDEX mailboxes_by_address ON mailboxes (tenant_id, address)');
    await runner.query(`
      CREATE TABLE topics (
        tenant_id text PRIMARY KEY,
        endpoint text NOT NULL,
        revision integer NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE topics, mailboxes, mailbox_addresses');
  }
}
