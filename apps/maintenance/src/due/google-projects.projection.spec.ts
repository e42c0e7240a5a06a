import { projectionScenario } from '#processors/projection-scenario';
import { ProcessorTables1760000000000 } from '#processors/processor-tables';
import { googleProjects, GoogleProjects1764560000000 } from './google-projects.projection.js';

describe('the projects of the tenants', () => {
  const scenario = projectionScenario(googleProjects, {
    schema: 'maintenance',
    entities: [],
    migrations: [ProcessorTables1760000000000, GoogleProjects1764560000000],
  });
  const stream = 'googleApp-t1';
  const stored = (projectId: string | null) => ({ stream, type: 'ConfigStored', data: { projectId } });
  const projectAfter = async (events: Parameters<typeof scenario.rowsAfter>[0]): Promise<unknown> =>
    (await scenario.rowsAfter(events))['google_projects']![0]!['project_id'];

  it('are those that were stored last', async () => {
    expect(await projectAfter([stored('acme-old'), stored('acme')])).toBe('acme');
    expect(await projectAfter([stored(null)])).toBeNull();
  });

  it('are forgotten with the Google app', async () => {
    expect(await projectAfter([stored('acme'), { stream, type: 'ConfigCleared' }])).toBeNull();
  });
});
