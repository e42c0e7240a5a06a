import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { MailboxFacet } from './mailbox-facet.js';
import type { AppFacet, GrantFacet, TopicFacet } from './tenant-facets.js';

/** One provider: what its own streams say, each with the revision up to which it was read, and what it did lately. */
export interface ProviderStatusRow {
  tenantId: string;
  providerId: string;
  mailbox: MailboxFacet | null;
  mailboxRevision: number;
  grantState: GrantFacet | null;
  grantRevision: number;
}

export const providerStatuses = new EntitySchema<ProviderStatusRow>({
  name: 'ProviderStatus',
  tableName: 'provider_statuses',
  columns: {
    tenantId: { type: 'text', name: 'tenant_id', primary: true },
    providerId: { type: 'text', name: 'provider_id', primary: true },
    mailbox: { type: 'jsonb', nullable: true },
    mailboxRevision: { type: 'integer', name: 'mailbox_revision' },
    grantState: { type: 'jsonb', name: 'grant_state', nullable: true },
    grantRevision: { type: 'integer', name: 'grant_revision' },
  },
});

/** What all providers of a tenant share. */
export interface TenantStatusRow {
  tenantId: string;
  app: AppFacet | null;
  appRevision: number;
  topic: TopicFacet | null;
  topicRevision: number;
}

export const tenantStatuses = new EntitySchema<TenantStatusRow>({
  name: 'TenantStatus',
  tableName: 'tenant_statuses',
  columns: {
    tenantId: { type: 'text', name: 'tenant_id', primary: true },
    app: { type: 'jsonb', nullable: true },
    appRevision: { type: 'integer', name: 'app_revision' },
    topic: { type: 'jsonb', nullable: true },
    topicRevision: { type: 'integer', name: 'topic_revision' },
  },
});

export class StatusTables1760000200001 implements MigrationInterface {
  readonly name = 'StatusTables1760000200001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provider_statuses (
        tenant_id text,
        provider_id text,
        mailbox jsonb,
        mailbox_revision integer NOT NULL DEFAULT -1,
        grant_state jsonb,
        grant_revision integer NOT NULL DEFAULT -1,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
    await runner.query(`
      CREATE TABLE tenant_statuses (
        tenant_id text PRIMARY KEY,
        app jsonb,
        app_revision integer NOT NULL DEFAULT -1,
        topic jsonb,
        topic_revision integer NOT NULL DEFAULT -1
      )`);
    // Apart from the rows that events make: a rebuild must not forget what no event tells.
    await runner.query(`
      CREATE TABLE provider_activity (
        tenant_id text,
        provider_id text,
        last_push_at timestamptz,
        last_sync_at timestamptz,
        parked integer NOT NULL,
        sequence bigint NOT NULL,
        PRIMARY KEY (tenant_id, provider_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE provider_statuses, tenant_statuses, provider_activity');
  }
}
