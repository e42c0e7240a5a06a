import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SyncTables1760000500000 implements MigrationInterface {
  readonly name = 'SyncTables1760000500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sync_states (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL,
        sync_token text,
        parameters text NOT NULL,
        window_start timestamptz NOT NULL,
        synced_at timestamptz,
        sequence bigint NOT NULL DEFAULT 0,
        gap_created integer NOT NULL DEFAULT 0,
        gap_updated integer NOT NULL DEFAULT 0,
        gap_deleted integer NOT NULL DEFAULT 0,
        gap_compared boolean NOT NULL DEFAULT false,
        revision bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, provider_id, calendar_id)
      )`);
    await runner.query(`
      CREATE TABLE seen_events (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL,
        event_id text NOT NULL,
        cancelled boolean NOT NULL,
        etag text,
        content_hash text,
        series_master_id text,
        original_start jsonb,
        recurring boolean NOT NULL,
        ends_at timestamptz,
        PRIMARY KEY (tenant_id, provider_id, calendar_id, event_id)
      )`);
    await runner.query(`
      CREATE INDEX seen_events_by_series ON seen_events (tenant_id, provider_id, calendar_id, series_master_id)
       WHERE series_master_id IS NOT NULL`);
    await runner.query(`
      CREATE TABLE wanted_syncs (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL,
        wish bigint NOT NULL,
        due_at timestamptz NOT NULL,
        asked boolean NOT NULL,
        notified boolean NOT NULL,
        failures integer NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, provider_id, calendar_id)
      )`);
    await runner.query('CREATE INDEX wanted_syncs_due ON wanted_syncs (due_at)');
    await runner.query(`
      CREATE TABLE calendar_activities (
        tenant_id text NOT NULL,
        provider_id text NOT NULL,
        calendar_id text NOT NULL,
        last_notification_at timestamptz,
        last_sync_at timestamptz,
        PRIMARY KEY (tenant_id, provider_id, calendar_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE calendar_activities, wanted_syncs, seen_events, sync_states');
  }
}
