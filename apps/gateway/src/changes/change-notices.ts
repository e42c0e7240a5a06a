import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of the gateway's database; another installation has another database. */
export const changeChannel = 'gateway_changes';

/**
 * Whoever writes a row of the status tells its tenant and provider, once for each transaction and only if it is committed. A trigger, so that no
 * writer can forget it. Notices ride in these few transactions only, never in an append of events.
 */
export class ChangeNotices1760000200040 implements MigrationInterface {
  readonly name = 'ChangeNotices1760000200040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION tell_provider_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('${changeChannel}',
          json_build_object('tenantId', NEW.tenant_id, 'providerId', NEW.provider_id)::text);
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE FUNCTION tell_tenant_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('${changeChannel}', json_build_object('tenantId', NEW.tenant_id, 'providerId', NULL)::text);
        RETURN NULL;
      END $$`);
    for (const table of ['provider_statuses', 'provider_activity', 'calendar_activity'])
      await runner.query(
        `CREATE TRIGGER tell_change AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION tell_provider_change()`,
      );
    await runner.query(
      'CREATE TRIGGER tell_change AFTER INSERT OR UPDATE ON tenant_statuses FOR EACH ROW EXECUTE FUNCTION tell_tenant_change()',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION tell_provider_change, tell_tenant_change CASCADE');
  }
}
