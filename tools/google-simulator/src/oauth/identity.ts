import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authenticate, bearerToken, identify } from '../bearer.js';
import { OAuthError } from '../google-error.js';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import { EMAIL_SCOPE, isSignInScope, PROFILE_SCOPE } from './scopes.js';

/** Who a token stands for: userinfo and tokeninfo. */
export function registerIdentity(app: FastifyInstance, world: World): void {
  for (const path of ['/v1/userinfo', '/oauth2/v3/userinfo']) {
    app.get(path, async (request) => {
      const caller = identify(world, request);
      if (caller?.kind !== 'user' || ![...caller.scopes].some(isSignInScope)) {
        throw new OAuthError(401, 'invalid_request', 'Invalid Credentials');
      }
      const { user, scopes } = caller;
      return { sub: user.sub, ...profile(user, scopes), ...email(user, scopes, 'email_verified') };
    });
  }

  app.get('/oauth2/v2/userinfo', async (request) => {
    const caller = authenticate(world, request);
    if (caller.kind !== 'user' || ![...caller.scopes].some(isSignInScope)) {
      throw new OAuthError(401, 'invalid_request', 'Invalid Credentials');
    }
    const { user, scopes } = caller;
    return { id: user.sub, ...email(user, scopes, 'verified_email'), ...profile(user, scopes) };
  });

  for (const path of ['/tokeninfo', '/oauth2/v3/tokeninfo']) {
    app.route({ method: ['GET', 'POST'], url: path, handler: async (request) => tokenInfo(world, request) });
  }
}

function tokenInfo(world: World, request: FastifyRequest) {
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
  const token = bearerToken(request) ?? form.get('access_token') ?? '';
  const caller = world.oauth.callerOf(token);
  const access = world.oauth.accessToken(token);
  if (!caller || !access) throw new OAuthError(400, 'invalid_token', 'Invalid Value');
  const subject =
    caller.kind === 'user'
      ? {
          azp: caller.client.clientId,
          aud: caller.client.clientId,
          sub: caller.user.sub,
          ...(caller.scopes.has(EMAIL_SCOPE) && { email: caller.user.email, email_verified: 'true' }),
        }
      : { azp: caller.account.uniqueId, aud: caller.account.uniqueId };
  const expiry = Math.floor(access.expiresAt.getTime() / 1_000);
  return {
    ...subject,
    scope: access.scopes.join(' '),
    exp: String(expiry),
    expires_in: String(expiry - world.epochSeconds()),
    access_type: 'offline',
  };
}

function profile(user: GoogleUser, scopes: ReadonlySet<string>) {
  return scopes.has(PROFILE_SCOPE)
    ? { name: user.name, picture: 'https://lh3.googleusercontent.com/a/default-user=s96-c' }
    : {};
}

function email(user: GoogleUser, scopes: ReadonlySet<string>, verified: 'email_verified' | 'verified_email') {
  return scopes.has(EMAIL_SCOPE)
    ? {
        email: user.email,
        [verified]: true,
        ...(user.workspaceDomain && { hd: user.workspaceDomain }),
      }
    : {};
}
