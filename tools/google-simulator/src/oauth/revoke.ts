import type { FastifyInstance } from 'fastify';
import { OAuthError } from '../google-error.js';
import type { World } from '../world.js';

/** Revoking one token ends everything that the user granted to the project, for all of its clients. */
export function registerRevoke(app: FastifyInstance, world: World): void {
  app.post('/revoke', async (request) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const token = form.get('token') ?? (request.query as Record<string, string | undefined>)['token'] ?? '';
    const refresh = world.oauth.refreshToken(token);
    if (refresh && !refresh.revoked) {
      world.oauth.removeAccess(refresh.sub, refresh.projectId);
      return {};
    }
    const caller = world.oauth.callerOf(token);
    if (!caller) throw new OAuthError(400, 'invalid_token', 'Token expired or revoked');
    if (caller.kind === 'user') world.oauth.removeAccess(caller.user.sub, caller.project.id);
    else world.oauth.dropAccessToken(token);
    return {};
  });
}
