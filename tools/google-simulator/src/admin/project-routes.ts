import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { SimulatorClient } from '../client.js';
import { GoogleError } from '../google-error.js';
import { GOOGLE_APIS } from '../projects.js';
import type { Organization, Project } from '../projects.js';
import type { World } from '../world.js';
import { found, parseBody } from './request-body.js';
import { projectChange, projectSeed, tenantProjectSeed } from './schemas.js';
import { seedTenantProject } from './tenant-project.js';

const PROJECT_ID = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;

export function registerProjects(app: FastifyInstance, world: World): void {
  app.get('/simulator/projects', () => [...world.projects.values()].map(described));

  app.get<{ Params: { id: string } }>('/simulator/projects/:id', ({ params }) =>
    described(found(world.projects.get(params.id), 'project')),
  );

  app.put<{ Params: { id: string } }>('/simulator/projects/:id', (request) => {
    const { id } = request.params;
    const { number = world.nextId(12), ...settings } = parseBody(projectSeed, request);
    if (!PROJECT_ID.test(id)) {
      throw new GoogleError({ code: 400, message: `Not a project id: ${id}`, status: 'INVALID_ARGUMENT' });
    }
    const project: Project = {
      id,
      number,
      enabledApis: new Set(GOOGLE_APIS),
      userType: 'external',
      publishingStatus: 'production',
      verified: false,
      testUsers: new Set(),
      owners: new Set(),
      clients: [],
      serviceAccounts: [],
    };
    change(world, project, settings);
    world.projects.set(id, project);
    return described(project);
  });

  app.post('/simulator/tenant-projects', (request) =>
    seedTenantProject(new SimulatorClient(world.url), parseBody(tenantProjectSeed, request)),
  );

  app.patch<{ Params: { id: string } }>('/simulator/projects/:id', (request) => {
    const project = found(world.projects.get(request.params.id), 'project');
    change(world, project, parseBody(projectChange, request));
    return described(project);
  });
}

function change(world: World, project: Project, to: z.output<typeof projectChange>): void {
  if (to.enabledApis) project.enabledApis = new Set(to.enabledApis);
  if (to.organization) project.organization = organization(world, to.organization);
  if (to.organization === null) delete project.organization;
  if (to.userType) project.userType = to.userType;
  if (to.publishingStatus) project.publishingStatus = to.publishingStatus;
  if (to.verified !== undefined) project.verified = to.verified;
  if (to.testUsers) project.testUsers = lowerCased(to.testUsers);
  if (to.owners) project.owners = lowerCased(to.owners);
}

function organization(
  world: World,
  wanted: NonNullable<z.output<typeof projectChange>['organization']>,
): Organization {
  const { id = world.nextId(12), customerId = `C0${world.nextId(7)}`, ...rest } = wanted;
  return { id, customerId, ...rest };
}

const lowerCased = (emails: string[]): Set<string> => new Set(emails.map((email) => email.toLowerCase()));

/** The project as JSON, without its secrets. */
function described(project: Project) {
  return {
    ...project,
    enabledApis: [...project.enabledApis],
    testUsers: [...project.testUsers],
    owners: [...project.owners],
    clients: project.clients.map((client) => ({
      ...client,
      secrets: client.secrets.map(({ id, value, enabled }) => ({ id, lastFour: value.slice(-4), enabled })),
    })),
    serviceAccounts: project.serviceAccounts.map((account) => ({
      ...account,
      keys: account.keys.map(({ id }) => id),
      roles: [...account.roles],
      permissions: [...account.permissions],
      canActAs: [...account.canActAs],
    })),
  };
}

export type DescribedProject = ReturnType<typeof described>;
