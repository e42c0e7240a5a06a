import type { FastifyInstance } from 'fastify';
import type { OAuthClient, ServiceAccount } from '../projects.js';
import type { World } from '../world.js';
import { addSecret, createClient, createKey, requireRoomForSecret } from './console.js';
import { found, parseBody } from './request-body.js';
import {
  clientChange,
  clientSeed,
  secretChange,
  secretSeed,
  serviceAccountChange,
  serviceAccountSeed,
} from './schemas.js';

interface Named {
  Params: { id: string };
}
interface NamedPart {
  Params: { id: string; part: string };
}

export function registerClients(app: FastifyInstance, world: World): void {
  const clientOf = (id: string): OAuthClient => found(world.client(id)?.client, 'client');

  app.post<Named>('/simulator/projects/:id/clients', (request) => {
    const project = found(world.projects.get(request.params.id), 'project');
    const client = createClient(world, project, parseBody(clientSeed, request));
    return { clientId: client.clientId, clientSecret: client.secrets[0]?.value };
  });

  app.patch<Named>('/simulator/clients/:id', (request) => {
    const client = clientOf(request.params.id);
    const { name, redirectUris, state } = parseBody(clientChange, request);
    if (name !== undefined) client.name = name;
    if (redirectUris) client.redirectUris = redirectUris;
    if (state) client.state = state;
    client.lastActiveAt = world.now();
    return {};
  });

  app.post<Named>('/simulator/clients/:id/secrets', (request) => {
    const client = clientOf(request.params.id);
    const { acceptedAfterMs } = parseBody(secretSeed, request);
    const acceptedFrom =
      acceptedAfterMs === undefined ? undefined : new Date(world.now().getTime() + acceptedAfterMs);
    const { id, value } = addSecret(client, acceptedFrom);
    return { secretId: id, clientSecret: value };
  });

  app.patch<NamedPart>('/simulator/clients/:id/secrets/:part', (request) => {
    const client = clientOf(request.params.id);
    const secret = found(
      client.secrets.find(({ id }) => id === request.params.part),
      'secret',
    );
    const { enabled } = parseBody(secretChange, request);
    if (enabled && !secret.enabled) requireRoomForSecret(client);
    secret.enabled = enabled;
    return {};
  });

  app.delete<NamedPart>('/simulator/clients/:id/secrets/:part', ({ params }) => {
    const client = clientOf(params.id);
    client.secrets = client.secrets.filter(({ id }) => id !== params.part);
    return {};
  });
}

export function registerServiceAccounts(app: FastifyInstance, world: World): void {
  app.post<Named>('/simulator/projects/:id/service-accounts', (request) => {
    const project = found(world.projects.get(request.params.id), 'project');
    const wanted = parseBody(serviceAccountSeed, request);
    const email = `${wanted.name}@${project.id}.iam.gserviceaccount.com`;
    const account: ServiceAccount = {
      email,
      uniqueId: world.nextId(21),
      deleted: false,
      disabled: false,
      keys: [],
      roles: new Set(wanted.roles),
      permissions: new Set(wanted.permissions),
      canActAs: new Set(wanted.canActAs?.map((other) => (other === 'self' ? email : other))),
    };
    project.serviceAccounts.push(account);
    return { email, uniqueId: account.uniqueId };
  });

  app.patch<Named>('/simulator/service-accounts/:id', (request) => {
    const { account } = found(world.serviceAccount(request.params.id), 'service account');
    const { deleted, disabled, roles, permissions, canActAs } = parseBody(serviceAccountChange, request);
    if (deleted !== undefined) account.deleted = deleted;
    if (disabled !== undefined) account.disabled = disabled;
    if (roles) account.roles = new Set(roles);
    if (permissions) account.permissions = new Set(permissions);
    if (canActAs) account.canActAs = new Set(canActAs);
    return {};
  });

  app.post<Named>('/simulator/service-accounts/:id/keys', async (request, reply) => {
    const { account, project } = found(world.serviceAccount(request.params.id), 'service account');
    const key = await createKey(project, account);
    const file = `${project.id}-${key.private_key_id.slice(0, 12)}.json`;
    return reply.header('content-disposition', `attachment; filename="${file}"`).send(key);
  });

  app.delete<NamedPart>('/simulator/service-accounts/:id/keys/:part', ({ params }) => {
    const { account } = found(world.serviceAccount(params.id), 'service account');
    account.keys = account.keys.filter(({ id }) => id !== params.part);
    return {};
  });
}
