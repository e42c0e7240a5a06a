import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';
import { ISSUER } from './authorize.js';

const CERTIFICATES_CACHE = 'public, max-age=22000, must-revalidate, no-transform';

/** Google's published keys and the OpenID configuration; the issuer stays Google's, the endpoints are the simulator's. */
export function registerDiscovery(app: FastifyInstance, world: World): void {
  app.get('/oauth2/v3/certs', (_request, reply) =>
    reply.header('cache-control', CERTIFICATES_CACHE).send(world.keys.jwks()),
  );
  app.get('/oauth2/v1/certs', (_request, reply) =>
    reply.header('cache-control', CERTIFICATES_CACHE).send(world.keys.pemCertificates()),
  );
  app.get('/.well-known/openid-configuration', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=3600').send({
      issuer: ISSUER,
      authorization_endpoint: `${world.publicUrl}/o/oauth2/v2/auth`,
      token_endpoint: `${world.publicUrl}/token`,
      userinfo_endpoint: `${world.publicUrl}/v1/userinfo`,
      revocation_endpoint: `${world.publicUrl}/revoke`,
      jwks_uri: `${world.publicUrl}/oauth2/v3/certs`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'email', 'profile'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      claims_supported: [
        'aud',
        'email',
        'email_verified',
        'exp',
        'hd',
        'iat',
        'iss',
        'name',
        'picture',
        'sub',
      ],
      code_challenge_methods_supported: ['plain', 'S256'],
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
      ],
      authorization_response_iss_parameter_supported: true,
    }),
  );
}
