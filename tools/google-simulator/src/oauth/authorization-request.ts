import type { OAuthClient, Project } from '../projects.js';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import type { CodeChallenge } from './pkce.js';
import { isKnownScope, parseScopes } from './scopes.js';

/** An authorization request that Google will show to a person. */
export interface AuthorizationRequest {
  readonly client: OAuthClient;
  readonly project: Project;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state?: string;
  readonly nonce?: string;
  readonly loginHint?: string;
  readonly challenge?: CodeChallenge;
  readonly prompts: ReadonlySet<string>;
  readonly offline: boolean;
  readonly includeGrantedScopes: boolean;
}

/** Shown to the person by Google; the app never hears of it. */
export interface ErrorPage {
  readonly page: string;
  readonly status: 400 | 401 | 403;
  readonly text: string;
}

const EMBEDDED_BROWSER = /; wv\)|FBA[NV]\/|Instagram|Electron\//;
const PROMPTS = new Set(['none', 'consent', 'select_account']);

const malformed = (text: string): ErrorPage => ({ page: 'invalid_request', status: 400, text });

export function parseAuthorizationRequest(
  world: World,
  query: URLSearchParams,
  userAgent: string,
): AuthorizationRequest | ErrorPage {
  const clientId = query.get('client_id');
  if (!clientId) return malformed('Missing required parameter: client_id');
  world.oauth.retireUnused(clientId);
  const owner = world.client(clientId);
  if (!owner) return { page: 'invalid_client', status: 401, text: 'The OAuth client was not found.' };
  const { client, project } = owner;
  if (client.state === 'deleted')
    return { page: 'deleted_client', status: 401, text: 'The OAuth client was deleted.' };
  if (client.state === 'disabled')
    return { page: 'disabled_client', status: 401, text: 'The OAuth client was disabled.' };
  if (EMBEDDED_BROWSER.test(userAgent)) {
    return {
      page: 'disallowed_useragent',
      status: 403,
      text: 'This request does not comply with Google’s “Use secure browsers” policy.',
    };
  }
  const redirectUri = query.get('redirect_uri');
  if (!redirectUri) return malformed('Missing required parameter: redirect_uri');
  if (!client.redirectUris.includes(redirectUri)) {
    return {
      page: 'redirect_uri_mismatch',
      status: 400,
      text: `If you’re the app developer, register the redirect URI in the Google Cloud Console. Request details: redirect_uri=${redirectUri}`,
    };
  }
  return parseWishes(query, { client, project, redirectUri });
}

function parseWishes(
  query: URLSearchParams,
  base: Pick<AuthorizationRequest, 'client' | 'project' | 'redirectUri'>,
): AuthorizationRequest | ErrorPage {
  if (query.get('response_type') !== 'code') {
    return malformed(
      query.has('response_type')
        ? `Invalid response_type: ${query.get('response_type')}`
        : 'Required parameter is missing: response_type',
    );
  }
  const scopes = parseScopes(query.get('scope') ?? '');
  if (scopes.length === 0) return malformed('Missing required parameter: scope');
  const unknown = scopes.filter((scope) => !isKnownScope(scope));
  if (unknown.length > 0) {
    return {
      page: 'invalid_scope',
      status: 400,
      text: `Some requested scopes were invalid. {invalid=[${unknown.join(', ')}]}`,
    };
  }
  const prompts = new Set((query.get('prompt') ?? '').split(/\s+/).filter((word) => word !== ''));
  for (const prompt of prompts) {
    if (!PROMPTS.has(prompt))
      return malformed(`Invalid parameter value for prompt: Invalid prompt: ${prompt}`);
  }
  if (prompts.has('none') && prompts.size > 1) {
    return malformed('Invalid parameter value for prompt: none must stand alone');
  }
  const accessType = query.get('access_type') ?? 'online';
  if (accessType !== 'online' && accessType !== 'offline') {
    return malformed(`Invalid access_type: ${accessType}`);
  }
  const challenge = query.get('code_challenge');
  const method = query.get('code_challenge_method') ?? 'plain';
  if (method !== 'S256' && method !== 'plain') return malformed(`Invalid code_challenge_method: ${method}`);
  if (challenge === null && query.has('code_challenge_method')) return malformed('Missing code_challenge.');
  const state = query.get('state');
  const nonce = query.get('nonce');
  const loginHint = query.get('login_hint');
  return {
    ...base,
    scopes,
    prompts,
    offline: accessType === 'offline',
    includeGrantedScopes: query.get('include_granted_scopes') === 'true',
    ...(challenge !== null && { challenge: { challenge, method } }),
    ...(state !== null && { state }),
    ...(nonce !== null && { nonce }),
    ...(loginHint !== null && { loginHint }),
  };
}

/** Why Google refuses this account for this app, or undefined when it may go on. */
export function accountRefusal(
  world: World,
  { client, project }: AuthorizationRequest,
  user: GoogleUser,
): ErrorPage | undefined {
  if (project.userType === 'internal' && user.workspaceDomain !== project.organization?.domain) {
    return {
      page: 'org_internal',
      status: 403,
      text: `${client.name} can only be used within its organization.`,
    };
  }
  const { userType, publishingStatus, testUsers } = project;
  if (userType === 'external' && publishingStatus === 'testing' && !testUsers.has(user.email)) {
    return {
      page: 'access_denied',
      status: 403,
      text: `${client.name} has not completed the Google verification process. The app is currently being tested, and can only be accessed by developer-approved testers.`,
    };
  }
  if (world.workspaces.get(user.workspaceDomain ?? '')?.blockedClientIds.has(client.clientId)) {
    return {
      page: 'admin_policy_enforced',
      status: 400,
      text: 'Access blocked: your institution’s admin needs to review this app.',
    };
  }
  return undefined;
}
