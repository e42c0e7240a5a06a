import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { authenticate, requireApi, requireScope, type Caller } from '../bearer.js';
import { mayActAs, projectGrants, type Project } from '../projects.js';
import { invalidArgument, permissionDenied } from '../pubsub/refusals.js';
import { verbCall } from '../pubsub/verb-call.js';
import type { World } from '../world.js';

const everything = 'https://www.googleapis.com/auth/cloud-platform';
const readOnly = `${everything}.read-only`;
const permissionsAsked = z.looseObject({ permissions: z.array(z.string()).min(1) });

/** What a project is asked about itself: Service Usage, Resource Manager and IAM, as far as it is only looked at. */
export function registerCloud(app: FastifyInstance, world: World): void {
  // On in every project: Google turns Service Usage on with the project itself.
  app.get('/v1/projects/:project/services/:service', (request) => {
    const { project: name, service } = request.params as { project: string; service: string };
    const caller = authenticate(world, request);
    requireScope(caller, everything, readOnly);
    const project = [...world.projects.values()].find(({ id, number }) => id === name || number === name);
    if (!project || !may(caller, 'serviceusage.services.get', project))
      throw permissionDenied('Permission denied to get service.');
    const on = (project.enabledApis as ReadonlySet<string>).has(service);
    return {
      name: `projects/${project.number}/services/${service}`,
      config: { name: service },
      state: on ? 'ENABLED' : 'DISABLED',
      parent: `projects/${project.number}`,
    };
  });

  app.post('/v3/projects/:project', (request, reply) => {
    const { resource, verb } = verbCall((request.params as { project: string }).project);
    if (verb !== 'testIamPermissions') return reply.callNotFound();
    const caller = authenticate(world, request);
    requireScope(caller, everything, readOnly);
    requireApi(caller.project, 'cloudresourcemanager.googleapis.com');
    const project = world.projects.get(resource);
    if (!project) throw permissionDenied('The caller does not have permission');
    return held(request, (permission) => may(caller, permission, project));
  });

  app.post('/v1/projects/-/serviceAccounts/:account', (request, reply) => {
    const { resource: email, verb } = verbCall((request.params as { account: string }).account);
    if (verb !== 'testIamPermissions') return reply.callNotFound();
    const caller = authenticate(world, request);
    requireScope(caller, everything);
    requireApi(caller.project, 'iam.googleapis.com');
    const found = world.serviceAccount(email);
    if (!found || found.account.deleted) throw permissionDenied();
    return held(
      request,
      (permission) =>
        permission === 'iam.serviceAccounts.actAs' &&
        (caller.kind === 'user'
          ? found.project.owners.has(caller.user.email)
          : mayActAs(caller.account, email)),
    );
  });
}

function may(caller: Caller, permission: string, project: Project): boolean {
  return caller.kind === 'user'
    ? project.owners.has(caller.user.email)
    : caller.project.id === project.id && projectGrants(caller.account, permission);
}

function held(request: FastifyRequest, holds: (permission: string) => boolean) {
  const asked = permissionsAsked.safeParse(request.body ?? {});
  if (!asked.success) throw invalidArgument('Invalid permissions.');
  const permissions = asked.data.permissions.filter(holds);
  return permissions.length > 0 ? { permissions } : {};
}
