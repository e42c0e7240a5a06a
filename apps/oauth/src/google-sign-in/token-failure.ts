import { problem, type Problem } from '#problems/problem';

/** What was asked of Google's token endpoint. */
export type TokenRequest = 'code' | 'refresh' | 'service-account';

/** An answer that is no token. `status` is null when there was none; `body` is whatever came, parsed when it was JSON. */
export interface TokenRefusal {
  status: number | null;
  body: unknown;
}

/**
 * What a refusal of the token endpoint means. Only what Google says in so many words ends a permission or blames the tenant's settings:
 * all else, such as a proxy's page, is a disturbance that passes.
 */
export function tokenFailure(asked: TokenRequest, { status, body }: TokenRefusal): Problem {
  const { error, description, subtype } = spokenBy(body);
  if (status === null) return unavailable('no answer');
  if (status === 429 || status === 408 || status >= 500) return unavailable(`HTTP ${status}`);
  switch (error) {
    case 'invalid_grant':
      if (subtype === 'invalid_rapt' || description.includes('invalid_rapt'))
        return problem('authorization.session-control');
      return invalidGrant(asked, description);
    case 'deleted_client':
      return problem('oauth-client.deleted');
    case 'disabled_client':
      return problem('oauth-client.disabled');
    case 'invalid_client':
      return problem('oauth-client.secret-refused');
    case 'unauthorized_client':
      return problem(
        asked === 'service-account' ? 'service-account.key-refused' : 'oauth-client.unauthorized',
      );
    case 'redirect_uri_mismatch':
      return problem('oauth-client.redirect-mismatch');
    case 'admin_policy_enforced':
      return problem('authorization.admin-policy');
    default:
      return asked === 'code' && error !== ''
        ? problem('authorization.google-error', { error: wordOf(error) })
        : unavailable(error === '' ? `HTTP ${status}` : wordOf(error));
  }
}

function invalidGrant(asked: TokenRequest, description: string): Problem {
  switch (asked) {
    case 'code':
      return problem('authorization.code-refused');
    case 'refresh':
      return problem('authorization.revoked');
    case 'service-account':
      if (/account not found/i.test(description)) return problem('service-account.deleted');
      if (/robot is disabled/i.test(description)) return problem('service-account.disabled');
      if (/short-lived token|reasonable timeframe|\biat\b/i.test(description))
        return problem('service-account.clock-off');
      return problem('service-account.key-refused');
  }
}

const unavailable = (detail: string): Problem => problem('google.sign-in-unavailable', { detail });

/** An error's name as it may be shown: never more than a word, whatever somebody answers in Google's place. */
export const wordOf = (error: string): string => (/^[a-z_]{1,40}$/i.test(error) ? error : 'an unknown error');

function spokenBy(body: unknown): { error: string; description: string; subtype: string } {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    error: text(fields['error']),
    description: text(fields['error_description']),
    subtype: text(fields['error_subtype']),
  };
}
