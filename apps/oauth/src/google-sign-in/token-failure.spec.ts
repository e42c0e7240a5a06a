import { definitionOf } from '#problems/problem';
import { tokenFailure, type TokenRequest } from './token-failure.js';

const rows: [TokenRequest, number | null, unknown, string, string][] = [
  ['refresh', 400, ['invalid_grant', 'Token has been expired or revoked.'], 'authorization.revoked', 'dead'],
  ['code', 400, ['invalid_grant', 'Malformed auth code.'], 'authorization.code-refused', 'configuration'],
  ['code', 400, ['invalid_grant', 'Bad Request'], 'authorization.code-refused', 'configuration'],
  ['code', 400, ['invalid_grant', 'Invalid code verifier.'], 'authorization.code-refused', 'configuration'],
  [
    'code',
    400,
    ['invalid_grant', 'code_verifier or verifier is not needed.'],
    'authorization.code-refused',
    'configuration',
  ],
  [
    'refresh',
    400,
    ['invalid_grant', 'reauth related error (invalid_rapt)'],
    'authorization.session-control',
    'dead',
  ],
  [
    'refresh',
    401,
    ['invalid_client', 'The OAuth client was not found.'],
    'oauth-client.secret-refused',
    'configuration',
  ],
  ['refresh', 401, ['invalid_client', 'Unauthorized'], 'oauth-client.secret-refused', 'configuration'],
  ['refresh', 401, ['deleted_client', 'The OAuth client was deleted.'], 'oauth-client.deleted', 'dead'],
  [
    'refresh',
    401,
    ['disabled_client', 'The OAuth client was disabled.'],
    'oauth-client.disabled',
    'configuration',
  ],
  ['refresh', 401, ['unauthorized_client', 'Unauthorized'], 'oauth-client.unauthorized', 'configuration'],
  ['code', 400, ['redirect_uri_mismatch', 'Bad Request'], 'oauth-client.redirect-mismatch', 'configuration'],
  ['refresh', 400, ['admin_policy_enforced', 'Blocked.'], 'authorization.admin-policy', 'dead'],
  [
    'refresh',
    400,
    ['invalid_request', 'Missing required parameter: refresh_token'],
    'google.sign-in-unavailable',
    'transient',
  ],
  ['code', 400, ['invalid_request', 'Missing'], 'authorization.google-error', 'configuration'],
  [
    'refresh',
    400,
    ['unsupported_grant_type', 'Invalid grant_type: x'],
    'google.sign-in-unavailable',
    'transient',
  ],
  ['refresh', 403, ['rate_limit_exceeded', 'Slow down'], 'google.sign-in-unavailable', 'transient'],
  ['refresh', 429, ['invalid_grant', 'whatever'], 'google.sign-in-unavailable', 'transient'],
  ['refresh', 500, ['internal_failure', ''], 'google.sign-in-unavailable', 'transient'],
  ['refresh', 503, '<html>Bad gateway', 'google.sign-in-unavailable', 'transient'],
  ['refresh', null, undefined, 'google.sign-in-unavailable', 'transient'],
  ['refresh', 403, '<html>Proxy says no', 'google.sign-in-unavailable', 'transient'],
  ['refresh', 400, null, 'google.sign-in-unavailable', 'transient'],
  [
    'service-account',
    400,
    ['invalid_grant', 'Invalid JWT Signature.'],
    'service-account.key-refused',
    'configuration',
  ],
  [
    'service-account',
    400,
    [
      'invalid_grant',
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
    ],
    'service-account.clock-off',
    'configuration',
  ],
  [
    'service-account',
    400,
    ['invalid_grant', 'Invalid grant: account not found'],
    'service-account.deleted',
    'configuration',
  ],
  [
    'service-account',
    400,
    ['invalid_scope', 'Invalid OAuth scope.'],
    'google.sign-in-unavailable',
    'transient',
  ],
  [
    'service-account',
    401,
    ['unauthorized_client', 'Client is unauthorized'],
    'service-account.key-refused',
    'configuration',
  ],
  ['service-account', 503, ['internal_failure', ''], 'google.sign-in-unavailable', 'transient'],
];

const answered = (said: unknown): unknown =>
  Array.isArray(said) ? { error: said[0], error_description: said[1] } : said;

it.each(rows)('asked for a token by %s, %s %j means %s, which is %s', (asked, status, said, code, kind) => {
  const found = tokenFailure(asked, { status, body: answered(said) });
  expect(found.code).toBe(code);
  expect(definitionOf(found.code).kind).toBe(kind);
});

it('knows an ended Cloud session by its subtype', () => {
  const body = { error: 'invalid_grant', error_subtype: 'invalid_rapt' };
  expect(tokenFailure('refresh', { status: 400, body }).code).toBe('authorization.session-control');
});

it('shows nothing of an answer but a single word', () => {
  const body = { error: 'client_secret=GOCSPX-canary', error_description: 'refresh 1//canary' };
  for (const asked of ['code', 'refresh', 'service-account'] as const)
    expect(JSON.stringify(tokenFailure(asked, { status: 400, body }))).not.toContain('canary');
});
