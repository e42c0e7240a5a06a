import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import { found, parseBody } from './request-body.js';
import { userSeed, workspacePolicy } from './schemas.js';

interface OfUser {
  Params: { email: string };
}

const appToRemove = z.strictObject({ projectId: z.string() });

export function registerUsers(app: FastifyInstance, world: World): void {
  const userOf = (email: string): GoogleUser => found(world.user(email), 'user');

  app.get('/simulator/users', () => [...world.users.values()]);

  app.put<OfUser>('/simulator/users/:email', (request) => {
    const email = request.params.email.toLowerCase();
    const { sub, name, workspaceDomain, ...services } = parseBody(userSeed, request);
    const before = world.user(email);
    const user: GoogleUser = {
      sub: sub ?? before?.sub ?? world.nextId(21),
      email,
      name: name ?? email.split('@')[0] ?? email,
      ...services,
      ...(workspaceDomain !== undefined && { workspaceDomain }),
      passwordEpoch: before?.passwordEpoch ?? 0,
    };
    world.users.set(email, user);
    return user;
  });

  app.delete<OfUser>('/simulator/users/:email', ({ params }) => {
    world.users.delete(userOf(params.email).email);
    return {};
  });

  app.post<OfUser>('/simulator/users/:email/change-password', ({ params }) => {
    world.oauth.changePassword(userOf(params.email));
    return {};
  });

  app.post<OfUser>('/simulator/users/:email/remove-app', (request) => {
    const { projectId } = parseBody(appToRemove, request);
    world.oauth.removeAccess(userOf(request.params.email).sub, projectId);
    return {};
  });

  app.get<{ Params: { email: string; clientId: string } }>(
    '/simulator/users/:email/clients/:clientId/refresh-tokens',
    ({ params }) => ({ live: world.oauth.liveRefreshTokens(userOf(params.email), params.clientId).length }),
  );

  app.put<{ Params: { domain: string } }>('/simulator/workspaces/:domain', (request) => {
    const { domain } = request.params;
    const { blockedClientIds, trustedClientIds, cloudSessionMs } = parseBody(workspacePolicy, request);
    world.workspaces.set(domain, {
      domain,
      blockedClientIds: new Set(blockedClientIds),
      trustedClientIds: new Set(trustedClientIds),
      ...(cloudSessionMs !== undefined && { cloudSessionMs }),
    });
    return {};
  });
}
