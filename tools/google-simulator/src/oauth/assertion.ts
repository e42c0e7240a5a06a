import { createPublicKey, verify } from 'node:crypto';
import { OAuthError } from '../google-error.js';
import type { ServiceAccount } from '../projects.js';
import type { World } from '../world.js';
import { ACCESS_TOKEN_SECONDS } from './oauth-state.js';
import { isKnownScope, parseScopes } from './scopes.js';

const LONGEST_SECONDS = 3_600;
const CLOCK_TOLERANCE_SECONDS = 300;
const AUDIENCES = ['https://oauth2.googleapis.com/token', 'https://www.googleapis.com/oauth2/v4/token'];

interface Assertion {
  readonly header: { readonly alg?: string; readonly kid?: string };
  readonly claims: {
    readonly iss?: string;
    readonly aud?: string;
    readonly scope?: string;
    readonly sub?: string;
    readonly iat?: number;
    readonly exp?: number;
  };
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const refused = (description: string): OAuthError => new OAuthError(400, 'invalid_grant', description);

/** The service account's grant: a JWT that it signed with one of its keys, for an access token. */
export function grantServiceAccount(world: World, form: URLSearchParams) {
  const assertion = parse(form.get('assertion') ?? '');
  if (!assertion) throw refused('Bad Request');
  const { header, claims } = assertion;
  const account = world.serviceAccount(claims.iss ?? '')?.account;
  if (!account || account.deleted) throw refused('Invalid grant: account not found');
  if (account.disabled) throw refused('Robot is disabled.');
  if (header.alg !== 'RS256' || !isSignedBy(account, assertion)) throw refused('Invalid JWT Signature.');
  if (!claims.aud || ![...AUDIENCES, `${world.url}/token`, `${world.publicUrl}/token`].includes(claims.aud)) {
    throw refused(
      'Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token',
    );
  }
  if (!isTimely(claims, world.epochSeconds())) {
    throw refused(
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
    );
  }
  const scopes = parseScopes(claims.scope ?? '');
  if (scopes.length === 0 || !scopes.every(isKnownScope)) {
    throw new OAuthError(400, 'invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
  }
  if (claims.sub !== undefined && claims.sub !== account.email) {
    throw new OAuthError(
      401,
      'unauthorized_client',
      'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
    );
  }
  const access = world.oauth.issueAccessToken({ kind: 'service-account', email: account.email }, scopes);
  return { access_token: access.token, expires_in: ACCESS_TOKEN_SECONDS, token_type: 'Bearer' };
}

function parse(jwt: string): Assertion | undefined {
  const [header, claims, signature, ...rest] = jwt.split('.');
  if (!header || !claims || !signature || rest.length > 0) return undefined;
  try {
    return {
      header: JSON.parse(Buffer.from(header, 'base64url').toString()) as Assertion['header'],
      claims: JSON.parse(Buffer.from(claims, 'base64url').toString()) as Assertion['claims'],
      signed: Buffer.from(`${header}.${claims}`),
      signature: Buffer.from(signature, 'base64url'),
    };
  } catch {
    return undefined;
  }
}

function isSignedBy(account: ServiceAccount, { header, signed, signature }: Assertion): boolean {
  return account.keys
    .filter(({ id }) => header.kid === undefined || header.kid === id)
    .some(({ publicKeyPem }) => verify('RSA-SHA256', signed, createPublicKey(publicKeyPem), signature));
}

function isTimely({ iat, exp }: Assertion['claims'], now: number): boolean {
  if (typeof iat !== 'number' || typeof exp !== 'number') return false;
  const alive = exp > now - CLOCK_TOLERANCE_SECONDS && iat < now + CLOCK_TOLERANCE_SECONDS;
  return alive && exp > iat && exp - iat <= LONGEST_SECONDS;
}
