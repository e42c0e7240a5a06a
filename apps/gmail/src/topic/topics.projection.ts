import type { TopicEvent } from '#contracts/gmail';
import { projectByType, projection } from '#processors/processor';

/** Where each tenant's notifications are sent at present. */
export const topicsProjection = projection({
  id: 'gmail.topics',
  categories: ['topic'],
  tables: ['topics'],
  project: projectByType({
    TopicProvisioned: ({ metadata, revision, data }, manager) =>
      manager.query(
        `INSERT INTO topics (tenant_id, endpoint, revision) VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id) DO UPDATE SET endpoint = excluded.endpoint, revision = excluded.revision
         WHERE topics.revision < excluded.revision`,
        [metadata.tenantId, (data as (TopicEvent & { type: 'TopicProvisioned' })['data']).endpoint, revision],
      ),
    TopicProvisioningFailed: 'pass',
    TopicLeft: 'pass',
  }),
});
