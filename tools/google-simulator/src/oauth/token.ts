import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OAuthError } from '../google-error.js';
import type { World } from '../world.js';
import { grantServiceAccount } from './assertion.js';
import { authenticateClient } from './client-authentication.js';
import { idToken } from './id-token.js';
import { ACCESS_TOKEN_SECONDS } from './oauth-state.js';
import { verifierProblem } from './pkce.js';
import { refreshRefusal } from './refresh-death.js';
import type { RefreshToken } from './refresh-death.js';
import { isSignInScope, parseScopes } from './scopes.js';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export function registerToken(app: FastifyInstance, world: World): void {
  app.post('/token', async (request, reply) => {
    reply.header('cache-control', 'no-cache, no-store, max-age=0, must-revalidate');
    if (!(request.body instanceof URLSearchParams)) {
      throw new OAuthError(400, 'invalid_request', 'The request must be form encoded.');
    }
    const form = request.body;
    const grantType = form.get('grant_type');
    if (!grantType) throw new OAuthError(400, 'invalid_request', 'Missing required parameter: grant_type');
    if (grantType === 'authorization_code') return exchangeCode(world, request, form);
    if (grantType === 'refresh_token') return refresh(world, request, form);
    if (grantType === JWT_BEARER) return grantServiceAccount(world, form);
    throw new OAuthError(400, 'unsupported_grant_type', `Invalid grant_type: ${grantType}`);
  });
}

function exchangeCode(world: World, request: FastifyRequest, form: URLSearchParams) {
  const { client } = authenticateClient(world, request, form);
  const code = world.oauth.code(required(form, 'code'));
  if (!code) throw new OAuthError(400, 'invalid_grant', 'Malformed auth code.');
  const usable =
    !code.used && code.expiresAt > world.now() && code.request.client.clientId === client.clientId;
  const user = world.userBySub(code.sub);
  if (!usable || !user) throw new OAuthError(400, 'invalid_grant', 'Bad Request');
  if (form.get('redirect_uri') !== code.request.redirectUri) {
    throw new OAuthError(400, 'redirect_uri_mismatch', 'Bad Request');
  }
  const problem = verifierProblem(code.request.challenge, form.get('code_verifier'));
  if (problem) throw new OAuthError(400, 'invalid_grant', problem);
  code.used = true;
  const refreshToken =
    code.request.offline && code.consentShown ? world.oauth.issueRefreshToken(user, code) : undefined;
  return {
    ...tokens(world, code.sub, client.clientId, code.scopes, code.request.nonce),
    ...(refreshToken && { refresh_token: refreshToken.token, ...lifetime(world, refreshToken) }),
  };
}

function refresh(world: World, request: FastifyRequest, form: URLSearchParams) {
  const { client } = authenticateClient(world, request, form);
  const token = world.oauth.refreshToken(required(form, 'refresh_token'));
  if (!token) throw new OAuthError(400, 'invalid_grant', 'Bad Request');
  if (token.clientId !== client.clientId) throw new OAuthError(401, 'unauthorized_client', 'Unauthorized');
  const user = world.userBySub(token.sub);
  const workspace = world.workspaces.get(user?.workspaceDomain ?? '');
  const refusal = refreshRefusal(token, user, workspace, world.now());
  if (refusal) throw new OAuthError(400, refusal.error, refusal.description, refusal.extra);
  const narrowed = parseScopes(form.get('scope') ?? '');
  if (!narrowed.every((scope) => token.scopes.includes(scope))) {
    throw new OAuthError(400, 'invalid_scope', 'Some requested scopes were not granted.');
  }
  token.lastUsedAt = world.now();
  const scopes = narrowed.length > 0 ? narrowed : token.scopes;
  return { ...tokens(world, token.sub, client.clientId, scopes), ...lifetime(world, token) };
}

function tokens(world: World, sub: string, clientId: string, scopes: readonly string[], nonce?: string) {
  const access = world.oauth.issueAccessToken({ kind: 'user', sub, clientId }, scopes);
  return {
    access_token: access.token,
    expires_in: ACCESS_TOKEN_SECONDS,
    scope: scopes.join(' '),
    token_type: 'Bearer',
    ...(scopes.some(isSignInScope) && { id_token: idToken(world, access, nonce) }),
  };
}

/** Seconds that a limited refresh token has left, one short of the limit at first, as Google counts. */
function lifetime(world: World, { expiresAt }: RefreshToken) {
  if (!expiresAt) return {};
  const left = Math.ceil((expiresAt.getTime() - world.now().getTime()) / 1_000);
  return { refresh_token_expires_in: left - 1 };
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value) throw new OAuthError(400, 'invalid_request', `Missing required parameter: ${name}`);
  return value;
}
