import { createHash } from 'node:crypto';
import type { World } from '../world.js';
import { ISSUER } from './authorize.js';
import type { AccessToken } from './oauth-state.js';
import { EMAIL_SCOPE, PROFILE_SCOPE } from './scopes.js';

const ID_TOKEN_SECONDS = 3_600;

/** The id_token that comes with a user's access token. */
export function idToken(world: World, access: AccessToken, nonce: string | undefined): string | undefined {
  const user = access.holder.kind === 'user' ? world.userBySub(access.holder.sub) : undefined;
  if (access.holder.kind !== 'user' || !user) return undefined;
  const issuedAt = world.epochSeconds();
  const half = createHash('sha256').update(access.token).digest().subarray(0, 16);
  return world.keys.signIdToken({
    iss: ISSUER,
    azp: access.holder.clientId,
    aud: access.holder.clientId,
    sub: user.sub,
    ...(user.workspaceDomain && { hd: user.workspaceDomain }),
    ...(access.scopes.includes(EMAIL_SCOPE) && { email: user.email, email_verified: true }),
    at_hash: half.toString('base64url'),
    ...(nonce !== undefined && { nonce }),
    ...(access.scopes.includes(PROFILE_SCOPE) && { name: user.name }),
    iat: issuedAt,
    exp: issuedAt + ID_TOKEN_SECONDS,
  });
}
