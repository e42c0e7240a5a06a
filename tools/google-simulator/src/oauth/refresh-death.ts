import { days } from '#time/clock';
import type { Project } from '../projects.js';
import type { GoogleUser, Workspace } from '../users.js';
import { isCloudScope, isGmailScope, isSignInScope } from './scopes.js';

const UNUSED_LIFETIME_MS = days(183);
const TESTING_LIFETIME_MS = days(7);

export interface RefreshToken {
  readonly token: string;
  readonly sub: string;
  readonly clientId: string;
  readonly projectId: string;
  readonly scopes: readonly string[];
  readonly issuedAt: Date;
  readonly passwordEpoch: number;
  /** Set when the token lives for a limited time: Testing apps, and access that the user limited. */
  readonly expiresAt?: Date;
  lastUsedAt: Date;
  revoked: boolean;
}

export interface RefreshRefusal {
  readonly error: 'invalid_grant' | 'admin_policy_enforced';
  readonly description: string;
  readonly extra?: { readonly error_subtype: 'invalid_rapt' };
}

const EXPIRED_OR_REVOKED: RefreshRefusal = {
  error: 'invalid_grant',
  description: 'Token has been expired or revoked.',
};

/** How long a grant lasts at most, or undefined when it has no end. `accessMs` is what the user limited it to. */
export function grantLifetime(
  { userType, publishingStatus }: Project,
  scopes: readonly string[],
  accessMs: number | undefined,
): number | undefined {
  if (accessMs !== undefined) return accessMs;
  const testing = userType === 'external' && publishingStatus === 'testing';
  return testing && !scopes.every(isSignInScope) ? TESTING_LIFETIME_MS : undefined;
}

/** Why a refresh token no longer works, or undefined while it lives. */
export function refreshRefusal(
  token: RefreshToken,
  user: GoogleUser | undefined,
  workspace: Workspace | undefined,
  now: Date,
): RefreshRefusal | undefined {
  if (token.revoked || !user) return EXPIRED_OR_REVOKED;
  if (workspace?.blockedClientIds.has(token.clientId)) {
    return {
      error: 'admin_policy_enforced',
      description: 'Access to this app is blocked by your administrator.',
    };
  }
  if (token.expiresAt && token.expiresAt <= now) return EXPIRED_OR_REVOKED;
  if (now.getTime() - token.lastUsedAt.getTime() >= UNUSED_LIFETIME_MS) return EXPIRED_OR_REVOKED;
  if (token.passwordEpoch !== user.passwordEpoch && token.scopes.some(isGmailScope))
    return EXPIRED_OR_REVOKED;
  const session = workspace?.cloudSessionMs;
  const age = now.getTime() - token.issuedAt.getTime();
  if (session !== undefined && age >= session && token.scopes.some(isCloudScope)) {
    return {
      error: 'invalid_grant',
      description: 'reauth related error (invalid_rapt)',
      extra: { error_subtype: 'invalid_rapt' },
    };
  }
  return undefined;
}
