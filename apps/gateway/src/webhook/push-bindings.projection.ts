import type { EntityManager } from 'typeorm';
import { topicEvents } from '#contracts/gmail';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { projection, projectByType } from '#processors/processor';

/** Whose pushes are believed: what was arranged with Google when the topic was provisioned, never the settings of today. */
export const pushBindings = projection({
  id: 'gateway.push-bindings',
  categories: ['topic'],
  tables: ['push_bindings'],
  project: projectByType({ TopicProvisioned: bind, TopicProvisioningFailed: 'pass', TopicLeft: 'pass' }),
});

async function bind({ data, metadata, revision }: RecordedEvent, manager: EntityManager): Promise<void> {
  const { subscription, audience, serviceAccountEmail } = topicEvents.TopicProvisioned.data.parse(data);
  await manager.query(
    `INSERT INTO push_bindings (tenant_id, subscription, audience, service_account_email, revision)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id) DO UPDATE
       SET subscription = $2, audience = $3, service_account_email = $4, revision = $5
       WHERE push_bindings.revision < $5`,
    [metadata.tenantId, subscription, audience, serviceAccountEmail, revision],
  );
}
