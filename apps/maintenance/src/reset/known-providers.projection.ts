import type { EntityManager, MigrationInterface, QueryRunner } from 'typeorm';
import { calendarEvents } from '#contracts/calendar';
import { mailboxEvents } from '#contracts/gmail';
import { tenantResetEvents } from '#contracts/maintenance';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { parseStreamName } from '#event-sourcing/stream-name';
import { projectByType, projection } from '#processors/processor';

export class KnownProviders1764300000000 implements MigrationInterface {
  readonly name = 'KnownProviders1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE known_providers (
        tenant_id text NOT NULL,
        product text NOT NULL,
        provider_id text NOT NULL,
        present boolean NOT NULL,
        revision integer NOT NULL,
        PRIMARY KEY (tenant_id, product, provider_id)
      )`);
    await runner.query(`
      CREATE TABLE seen_tenant_resets (
        tenant_id text PRIMARY KEY,
        revision integer NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE seen_tenant_resets, known_providers');
  }
}

const passing = (contracts: object): Record<string, 'pass'> =>
  Object.fromEntries(Object.keys(contracts).map((type) => [type, 'pass']));

/** Which providers a tenant has; and up to which of its resets they are all known. */
export const knownProviders = projection({
  id: 'maintenance.known-providers',
  categories: ['mailbox', 'calendar', 'tenantReset'],
  tables: ['known_providers', 'seen_tenant_resets'],
  project: projectByType({
    ...passing(mailboxEvents),
    ...passing(calendarEvents),
    ...passing(tenantResetEvents),
    MailboxAdded: (event, manager) => note(event, manager, { present: true }),
    CalendarProviderAdded: (event, manager) => note(event, manager, { present: true }),
    Removed: (event, manager) => note(event, manager, { present: false }),
    TenantResetRequested: ({ stream, revision }, manager) =>
      manager.query(
        `INSERT INTO seen_tenant_resets AS seen (tenant_id, revision) VALUES ($1, $2)
         ON CONFLICT (tenant_id) DO UPDATE SET revision = greatest(seen.revision, $2)`,
        [parseStreamName(stream).tenantId, revision],
      ),
  }),
});

async function note(
  { stream, revision }: RecordedEvent,
  manager: EntityManager,
  { present }: { present: boolean },
): Promise<void> {
  const { category, tenantId, id } = parseStreamName(stream);
  const product = category === 'mailbox' ? 'gmail' : 'calendar';
  await manager.query(
    `INSERT INTO known_providers AS known (tenant_id, product, provider_id, present, revision)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, product, provider_id) DO UPDATE SET present = $4, revision = $5
       WHERE known.revision < $5`,
    [tenantId, product, id, present, revision],
  );
}
