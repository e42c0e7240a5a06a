import type { FastifyRequest } from 'fastify';
import { GoogleError } from './google-error.js';
import type { GoogleApi, OAuthClient, Project, ServiceAccount } from './projects.js';
import type { GoogleUser } from './users.js';
import type { World } from './world.js';

export type Caller =
  | {
      readonly kind: 'user';
      readonly user: GoogleUser;
      readonly client: OAuthClient;
      readonly project: Project;
      readonly scopes: ReadonlySet<string>;
    }
  | {
      readonly kind: 'service-account';
      readonly account: ServiceAccount;
      readonly project: Project;
      readonly scopes: ReadonlySet<string>;
    };

const API_TITLES: Record<GoogleApi, string> = {
  'gmail.googleapis.com': 'Gmail API',
  'pubsub.googleapis.com': 'Cloud Pub/Sub API',
  'calendar-json.googleapis.com': 'Google Calendar API',
  'cloudresourcemanager.googleapis.com': 'Cloud Resource Manager API',
  'iam.googleapis.com': 'Identity and Access Management (IAM) API',
};

export function bearerToken(request: FastifyRequest): string | undefined {
  const header = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const query = (request.query as Record<string, unknown> | undefined)?.['access_token'];
  return header ?? (typeof query === 'string' ? query : undefined);
}

/** Who the request's access token stands for, or undefined when it has none that is alive. */
export function identify(world: World, request: FastifyRequest): Caller | undefined {
  const token = bearerToken(request);
  return token === undefined ? undefined : world.oauth.callerOf(token);
}

/** @throws GoogleError 401 `authError` when there is no access token that is alive. */
export function authenticate(world: World, request: FastifyRequest): Caller {
  const caller = identify(world, request);
  if (caller) return caller;
  const missing = bearerToken(request) === undefined;
  throw new GoogleError({
    code: 401,
    message: `Request ${
      missing ? 'is missing required authentication credential' : 'had invalid authentication credentials'
    }. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.`,
    reason: missing ? 'required' : 'authError',
    reasonMessage: missing ? 'Login Required.' : 'Invalid Credentials',
    location: { location: 'Authorization', locationType: 'header' },
    status: 'UNAUTHENTICATED',
  });
}

/** @throws GoogleError 403 `insufficientPermissions` unless the caller holds one of the scopes. */
export function requireScope(caller: Caller, ...anyOf: string[]): void {
  if (anyOf.some((scope) => caller.scopes.has(scope))) return;
  throw new GoogleError({
    code: 403,
    message: 'Request had insufficient authentication scopes.',
    reason: 'insufficientPermissions',
    reasonMessage: 'Insufficient Permission',
    status: 'PERMISSION_DENIED',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        domain: 'googleapis.com',
      },
    ],
  });
}

/** @throws GoogleError 403 `accessNotConfigured` with the activation link when the project has not enabled the API. */
export function requireApi(project: Project, api: GoogleApi): void {
  if (project.enabledApis.has(api)) return;
  const url = `https://console.developers.google.com/apis/api/${api}/overview?project=${project.number}`;
  throw new GoogleError({
    code: 403,
    message: `${API_TITLES[api]} has not been used in project ${project.number} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    reason: 'accessNotConfigured',
    domain: 'usageLimits',
    status: 'PERMISSION_DENIED',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'SERVICE_DISABLED',
        domain: 'googleapis.com',
        metadata: {
          service: api,
          consumer: `projects/${project.number}`,
          serviceTitle: API_TITLES[api],
          activationUrl: url,
        },
      },
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [{ description: 'Google developers console API activation', url }],
      },
    ],
  });
}
