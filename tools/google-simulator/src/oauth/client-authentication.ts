import type { FastifyRequest } from 'fastify';
import { OAuthError } from '../google-error.js';
import type { OAuthClient, Project } from '../projects.js';
import type { World } from '../world.js';

/** OAuth client credentials from a Basic header, if there is one. */
export function basicCredentials(
  request: FastifyRequest,
): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
  return { clientId, clientSecret: secret.join(':') };
}

/** @throws OAuthError when the client is unknown, gone, or its secret is not one of the enabled ones. */
export function authenticateClient(
  world: World,
  request: FastifyRequest,
  form: URLSearchParams,
): { client: OAuthClient; project: Project } {
  const basic = basicCredentials(request);
  const clientId = basic?.clientId ?? form.get('client_id');
  const secret = basic?.clientSecret ?? form.get('client_secret');
  if (!clientId) throw new OAuthError(400, 'invalid_request', 'Could not determine client ID from request.');
  world.oauth.retireUnused(clientId);
  const owner = world.client(clientId);
  if (!owner) throw new OAuthError(401, 'invalid_client', 'The OAuth client was not found.');
  const { client } = owner;
  if (client.state === 'deleted') {
    throw new OAuthError(401, 'deleted_client', 'The OAuth client was deleted.');
  }
  if (client.state === 'disabled') {
    throw new OAuthError(401, 'disabled_client', 'The OAuth client was disabled.');
  }
  if (!secret) throw new OAuthError(400, 'invalid_request', 'client_secret is missing.');
  const now = world.now();
  const accepted = client.secrets.some(
    ({ value, enabled, acceptedFrom }) =>
      enabled && value === secret && (acceptedFrom === undefined || acceptedFrom <= now),
  );
  if (!accepted) {
    throw new OAuthError(401, 'invalid_client', 'Unauthorized');
  }
  client.lastActiveAt = now;
  return owner;
}
