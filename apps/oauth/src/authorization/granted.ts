import type { GrantEvent } from '#contracts/oauth';
import { problem, type Problem } from '#problems/problem';
import { days } from '#time/clock';
import { wordOf } from '../google-sign-in/token-failure.js';
import type { GrantedTokens } from '../google-sign-in/sign-in.js';
import type { Attempt } from './attempts.js';

type Authorized = Extract<GrantEvent, { type: 'Authorized' }>['data'];

const issuer = 'https://accounts.google.com';

/** What Google's redirect brought, held against the attempt before anything is asked of Google. */
export function refusedByRedirect(
  attempt: Attempt,
  brought: {
    product: string;
    code?: string | undefined;
    error?: string | undefined;
    issuer?: string | undefined;
  },
  now: Date,
): Problem | null {
  if (brought.product !== attempt.product || now >= attempt.expiresAt)
    return problem('authorization.state-unknown');
  // Another authorization server's answer in Google's name (RFC 9207).
  if (brought.issuer !== undefined && brought.issuer !== issuer)
    return problem('authorization.google-error', { error: 'an issuer that is not Google' });
  switch (brought.error) {
    case undefined:
      return brought.code ? null : problem('authorization.google-error', { error: 'no code' });
    case 'access_denied':
      return problem('authorization.denied', { expectedAccount: attempt.expectedAccount });
    case 'admin_policy_enforced':
      return problem('authorization.admin-policy');
    default:
      return problem('authorization.google-error', { error: wordOf(brought.error) });
  }
}

const userinfo = 'https://www.googleapis.com/auth/userinfo.';
const fullNames: Record<string, string> = { email: `${userinfo}email`, profile: `${userinfo}profile` };
const fullName = (scope: string): string => fullNames[scope] ?? scope;

/** The scopes that were asked for and not ticked. Google answers some by another name, and in any order. */
export function missingScopes(asked: string[], granted: string[]): string[] {
  const given = new Set(granted.map(fullName));
  return asked.filter((scope) => !given.has(fullName(scope)));
}

const shortestTestingMs = days(6);
const longestTestingMs = days(7);

/** When the permission ends by itself, and why: Google says how long only, and gives apps in Testing seven days. */
export function limitOf(
  { refreshTokenExpiresInSeconds: lifetime }: GrantedTokens,
  now: Date,
): { expiresAt: string | null; limitedBy: NonNullable<Authorized['limitedBy']> | null } {
  if (lifetime === null) return { expiresAt: null, limitedBy: null };
  const milliseconds = lifetime * 1_000;
  const testing = milliseconds > shortestTestingMs && milliseconds <= longestTestingMs;
  const expiresAt = new Date(now.getTime() + milliseconds).toISOString();
  return { expiresAt, limitedBy: testing ? 'testing' : 'person' };
}

/** What somebody should know although it worked. */
export function noticeOf({ expiresAt, limitedBy, projectId }: Authorized): Problem | null {
  if (expiresAt === null) return null;
  return limitedBy === 'person'
    ? problem('authorization.time-limited', { expiresAt })
    : problem('authorization.testing-mode', { expiresAt, projectId });
}
