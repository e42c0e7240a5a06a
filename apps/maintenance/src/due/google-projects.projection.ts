import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { GoogleAppEvent } from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { projectByType, projection } from '#processors/processor';

export class GoogleProjects1764560000000 implements MigrationInterface {
  readonly name = 'GoogleProjects1764560000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE google_projects (
        tenant_id text PRIMARY KEY,
        project_id text,
        revision integer NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE google_projects');
  }
}

type Stored = Extract<GoogleAppEvent, { type: 'ConfigStored' }>['data'];

/** In whose quota a tenant's work counts: Google's limits are per project, and tenants may share one. */
export const googleProjects = projection({
  id: 'maintenance.google-projects',
  categories: ['googleApp'],
  tables: ['google_projects'],
  project: projectByType({
    ConfigStored: (event, manager) =>
      manager.query(...known(event, (event.data as unknown as Stored).projectId)),
    ConfigCleared: (event, manager) => manager.query(...known(event, null)),
    ClientSecretAccepted: 'pass',
    FormerSecretForgotten: 'pass',
    RemovalBegun: 'pass',
  } satisfies Record<GoogleAppEvent['type'], Parameters<typeof projectByType>[0][string]>),
});

const known = ({ metadata, revision }: RecordedEvent, projectId: string | null): [string, unknown[]] => [
  `INSERT INTO google_projects (tenant_id, project_id, revision) VALUES ($1, $2, $3)
   ON CONFLICT (tenant_id) DO UPDATE SET project_id = EXCLUDED.project_id, revision = EXCLUDED.revision
   WHERE google_projects.revision < EXCLUDED.revision`,
  [metadata.tenantId, projectId, revision],
];
