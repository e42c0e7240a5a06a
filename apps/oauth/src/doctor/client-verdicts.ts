import { found, type Finding } from '#contracts/diagnosis';
import type { Product } from '#contracts/oauth';
import { problem } from '#problems/problem';
import type { AuthorizeVerdict } from './authorize-page.js';
import { tokenFailure, wordOf, type TokenRefusal } from '../google-sign-in/token-failure.js';

export interface AskedClient {
  product: Product;
  maskedClientId: string;
  projectId: string | null;
  redirectUri: string;
}

/** What the answer to a code that never was says about a client and its secret. */
export function clientFindings(
  { product, maskedClientId, projectId }: AskedClient,
  answer: TokenRefusal,
): Finding[] {
  const [id, secret] = [`${product}-client.id`, `${product}-client.secret`] as const;
  const asked = `POST /token for ${maskedClientId} with a code that never was`;
  const { error, description } = spokenBy(answer.body);
  const said = answer.status === null ? 'No answer came in time.' : `HTTP ${answer.status}: ${wordOf(error)}`;
  const inProject = projectId === null ? {} : { projectId };
  switch (error) {
    // Whoever is asked about the code was let in.
    case 'invalid_grant':
    case 'redirect_uri_mismatch':
      return [
        found.pass(id, asked, `${said}: the client is known, only the code is not.`),
        found.pass(secret, asked, `${said}: the secret was accepted, only the code was not.`),
      ];
    case 'deleted_client':
      return [found.fail(id, asked, said, problem('oauth-client.deleted', inProject))];
    case 'disabled_client':
      return [found.fail(id, asked, said, problem('oauth-client.disabled', inProject))];
    case 'invalid_client':
      return /not found/i.test(description)
        ? [found.fail(id, asked, `${said}, “not found”`, problem('oauth-client.unknown', inProject))]
        : [
            found.pass(id, asked, `${said}: the client is known, its secret was refused.`),
            found.fail(secret, asked, said, problem('oauth-client.secret-refused', inProject)),
          ];
    default: {
      const failure = tokenFailure('code', answer);
      return failure.code === 'google.sign-in-unavailable'
        ? [found.fail(id, asked, said, failure)]
        : [found.unknown(id, asked, `${said}: this says nothing about the client.`)];
    }
  }
}

/** What Google's consent address says about a redirect URI. */
export function redirectFinding(
  { product, maskedClientId, projectId, redirectUri }: AskedClient,
  verdict: AuthorizeVerdict,
): Finding {
  const check = `${product}-client.redirect` as const;
  const asked = `GET /o/oauth2/v2/auth for ${maskedClientId}, back to ${redirectUri}, without a sign-in`;
  const params = projectId === null ? { redirectUri } : { redirectUri, projectId };
  switch (verdict.is) {
    case 'registered':
      return found.pass(check, asked, 'Google would come back to this address.');
    case 'disturbed':
      return found.fail(
        check,
        asked,
        'No proper answer came in time.',
        problem('google.sign-in-unavailable', { detail: 'the consent page could not be asked' }),
      );
    case 'error':
      return verdict.error === 'redirect_uri_mismatch'
        ? found.fail(
            check,
            asked,
            'Google’s error page redirect_uri_mismatch. Right after a change it may be shown for five minutes to a few hours.',
            problem('oauth-client.redirect-mismatch', params),
          )
        : found.unknown(
            check,
            asked,
            `Google’s error page ${verdict.error}, which says nothing about the redirect URI.`,
          );
    case 'unclear':
      return found.unknown(
        check,
        asked,
        'An answer from which this cannot be told. The first sign-in shows it.',
      );
  }
}

function spokenBy(body: unknown): { error: string; description: string } {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { error: text(fields['error']), description: text(fields['error_description']) };
}
