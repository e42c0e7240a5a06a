import { googleEndpoints } from '#google/endpoints';
import { readAuthorizeAnswer, type AuthorizeAnswer } from './authorize-page.js';
import { clientFindings, redirectFinding } from './client-verdicts.js';

const redirectUri = 'https://psa.example.com/api/auth/google/callback';
const client = { product: 'gmail' as const, maskedClientId: '123-…wxyz', projectId: 'acme-psa', redirectUri };
const inShort = (findings: ReturnType<typeof clientFindings>) =>
  Object.fromEntries(
    findings.map((finding) => [
      finding.check,
      'problem' in finding ? `${finding.result} ${finding.problem.code}` : finding.result,
    ]),
  );

describe('a code that never was, at the token endpoint', () => {
  const answered = (status: number | null, error?: string, error_description?: string) =>
    inShort(clientFindings(client, { status, body: error && { error, error_description } }));

  it('shows that client and secret are right when only the code is refused', () => {
    const right = { 'gmail-client.id': 'pass', 'gmail-client.secret': 'pass' };
    expect(answered(400, 'invalid_grant', 'Malformed auth code.')).toEqual(right);
    expect(answered(400, 'redirect_uri_mismatch', 'Bad Request')).toEqual(right);
  });

  it('tells an unknown client from a wrong secret', () => {
    expect(answered(401, 'invalid_client', 'The OAuth client was not found.')).toEqual({
      'gmail-client.id': 'fail oauth-client.unknown',
    });
    expect(answered(401, 'invalid_client', 'Unauthorized')).toEqual({
      'gmail-client.id': 'pass',
      'gmail-client.secret': 'fail oauth-client.secret-refused',
    });
  });

  it.each([
    ['deleted_client', 'fail oauth-client.deleted'],
    ['disabled_client', 'fail oauth-client.disabled'],
  ])('knows %s', (error, said) => {
    expect(answered(401, error)).toEqual({ 'gmail-client.id': said });
  });

  it.each([[null], [500], [503], [429]])('blames nobody for a bad moment (%s)', (status) => {
    expect(answered(status)).toEqual({ 'gmail-client.id': 'warn google.sign-in-unavailable' });
  });

  it('says nothing of the client when Google says something else', () => {
    expect(answered(400, 'invalid_request', 'Whatever')).toEqual({ 'gmail-client.id': 'unknown' });
  });
});

describe('the consent address, asked without a sign-in', () => {
  const verdict = (answer: Partial<AuthorizeAnswer>) => {
    const whole = { status: 302, location: null, body: '', ...answer };
    return inShort([redirectFinding(client, readAuthorizeAnswer(whole, googleEndpoints(), redirectUri))]);
  };
  const packed = (text: string) => {
    const authError = encodeURIComponent(Buffer.from(text, 'latin1').toString('base64'));
    return `https://accounts.google.com/signin/oauth/error?authError=${authError}&client_id=123`;
  };
  const check = 'gmail-client.redirect';

  it('shows that the address is registered when Google comes back to it, whatever it says there', () => {
    const location = `${redirectUri}?error=interaction_required&state=verification`;
    expect(verdict({ location })).toEqual({ [check]: 'pass' });
  });

  it('takes Google’s way to its sign-in page for the same', () => {
    const location = 'https://accounts.google.com/v3/signin/identifier?continue=whatever';
    expect(verdict({ location })).toEqual({ [check]: 'pass' });
  });

  it('reads the error that Google packs into the address of its error page', () => {
    const location = packed('\n\x15redirect_uri_mismatch\x12\xb0\x01You can’t sign in to this app');
    expect(verdict({ location })).toEqual({ [check]: 'fail oauth-client.redirect-mismatch' });
    expect(verdict({ location: packed('\n\x0einvalid_client\x12\x1fnot found') })).toEqual({
      [check]: 'unknown',
    });
  });

  it('reads the error of a page that comes at once', () => {
    const body = '<span>redirect_uri_mismatch</span>';
    expect(verdict({ status: 400, body })).toEqual({ [check]: 'fail oauth-client.redirect-mismatch' });
  });

  it('does not take a neighbour of the address for it', () => {
    expect(verdict({ location: `${redirectUri}/more?error=x` })).toEqual({ [check]: 'unknown' });
  });

  it('blames nobody for a bad moment, and admits what it cannot tell', () => {
    expect(verdict({ status: null })).toEqual({ [check]: 'warn google.sign-in-unavailable' });
    expect(verdict({ status: 503 })).toEqual({ [check]: 'warn google.sign-in-unavailable' });
    expect(verdict({ status: 200, body: 'Use another browser' })).toEqual({ [check]: 'unknown' });
  });
});
