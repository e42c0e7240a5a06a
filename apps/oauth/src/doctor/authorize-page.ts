import type { GoogleEndpoints } from '#google/endpoints';

/** What Google's consent address answered to somebody whom it does not know. */
export interface AuthorizeAnswer {
  /** Null: no answer came, or not in time. */
  status: number | null;
  location: string | null;
  body: string;
}

/** Asks for no page and no sign-in (`prompt=none`): Google looks at client and redirect URI, and sends nobody anywhere. */
export async function askAuthorizePage(
  { accounts }: GoogleEndpoints,
  { clientId, redirectUri, scopes }: { clientId: string; redirectUri: string; scopes: string[] },
  patience: number,
): Promise<AuthorizeAnswer> {
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: scopes.join(' '),
    prompt: 'none',
    state: 'verification',
  });
  try {
    const response = await fetch(`${accounts}/o/oauth2/v2/auth?${query}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    const body = await response.text();
    return { status: response.status, location: response.headers.get('location'), body };
  } catch {
    return { status: null, location: null, body: '' };
  }
}

/** Only the names of Google's error pages are taken from an answer; nobody promises the rest of it. */
const known = [
  'redirect_uri_mismatch',
  'deleted_client',
  'disabled_client',
  'invalid_client',
  'invalid_request',
  'invalid_scope',
  'org_internal',
  'admin_policy_enforced',
  'access_denied',
] as const;

export type AuthorizeVerdict =
  | { is: 'registered' }
  | { is: 'error'; error: (typeof known)[number] }
  /** Google had a bad moment. */
  | { is: 'disturbed' }
  | { is: 'unclear' };

/** What the answer says about the redirect URI. Google gives its error pages as such, or leads to one with the error packed into the address. */
export function readAuthorizeAnswer(
  { status, location, body }: AuthorizeAnswer,
  { accounts }: GoogleEndpoints,
  redirectUri: string,
): AuthorizeVerdict {
  if (status === null || status >= 500 || status === 429 || status === 408) return { is: 'disturbed' };
  const to = location === null ? null : URL.parse(location, accounts);
  if (to !== null) {
    // An error that comes back to us went to an address that Google accepts.
    if (`${to.origin}${to.pathname}` === redirectUri) return { is: 'registered' };
    const error = errorIn(`${packed(to.searchParams.get('authError'))} ${to.href}`);
    if (error) return { is: 'error', error };
    return to.origin === new URL(accounts).origin && /\/signin\//.test(to.pathname)
      ? { is: 'registered' }
      : { is: 'unclear' };
  }
  const error = status >= 400 ? errorIn(body) : undefined;
  return error ? { is: 'error', error } : { is: 'unclear' };
}

const errorIn = (text: string) => known.find((error) => text.includes(error));

const packed = (authError: string | null): string =>
  authError === null ? '' : Buffer.from(authError, 'base64').toString('latin1');
