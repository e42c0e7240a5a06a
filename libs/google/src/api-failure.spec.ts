import type { Problem } from '#problems/problem';
import { failureOfAnswer, failureOfHttpError, failureOfRpcError } from './api-failure.js';
import { gmailProblemOf } from './gmail-failure.js';
import { pubsubProblemOf } from './pubsub-failure.js';

const now = new Date('2026-03-01T08:00:00.000Z');

interface Wire {
  status: number;
  message: string;
  reason?: string;
  details?: Record<string, unknown>[];
}

const envelope = ({ status, message, reason, details }: Wire): unknown => ({
  error: {
    code: status,
    message,
    ...(reason && { errors: [{ message, domain: 'global', reason }] }),
    ...(details && { details }),
  },
});

const errorInfo = (reason: string, metadata: Record<string, string> = {}) => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
  metadata,
});

const topic = 'projects/acme/topics/gmail-notifications-t1';
const disabled =
  'Gmail API has not been used in project 123456789012 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/gmail.googleapis.com/overview?project=123456789012 then retry.';

const gmailRows: [string, Wire, Problem][] = [
  [
    'a topic in another project',
    {
      status: 400,
      message: 'Invalid topicName does not match projects/acme-mail/topics/*',
      reason: 'invalidArgument',
    },
    { code: 'gmail.topic-in-other-project', params: { expectedProject: 'acme-mail' } },
  ],
  [
    'a topic that Gmail may not publish to',
    {
      status: 403,
      message: `Error sending test message to Cloud PubSub ${topic} : User not authorized to perform this action.`,
      reason: 'forbidden',
    },
    { code: 'gmail.publisher-grant-missing', params: { topic } },
  ],
  [
    'a topic that is not there',
    {
      status: 404,
      message: `Error sending test message to Cloud PubSub ${topic} : Resource not found (resource=gmail-notifications-t1).`,
      reason: 'notFound',
    },
    { code: 'gmail.topic-not-found', params: { topic } },
  ],
  [
    'a watch with another topic',
    {
      status: 400,
      message: 'Only one user push notification client allowed per developer (call /stop then try again)',
      reason: 'failedPrecondition',
    },
    { code: 'gmail.watch-held-elsewhere' },
  ],
  [
    'an account without Gmail',
    { status: 400, message: 'Mail service not enabled', reason: 'failedPrecondition' },
    { code: 'gmail.not-enabled' },
  ],
  [
    'a failed precondition',
    { status: 400, message: 'Precondition check failed.', reason: 'failedPrecondition' },
    { code: 'gmail.not-enabled' },
  ],
  [
    'an unknown label',
    { status: 400, message: 'Invalid label: Label_7', reason: 'invalidArgument' },
    { code: 'mailbox.label-unknown', params: { labels: 'Label_7' } },
  ],
  [
    'an invalid id',
    { status: 400, message: 'Invalid id value', reason: 'invalidArgument' },
    { code: 'gmail.refused', params: { detail: 'Invalid id value' } },
  ],
  [
    'a refused token',
    { status: 401, message: 'Invalid Credentials', reason: 'authError' },
    { code: 'gmail.unauthorized' },
  ],
  [
    'missing scopes, the older way',
    {
      status: 403,
      message: 'Request had insufficient authentication scopes.',
      reason: 'insufficientPermissions',
    },
    { code: 'gmail.scope-insufficient' },
  ],
  [
    'missing scopes, the newer way',
    {
      status: 403,
      message: 'Request had insufficient authentication scopes.',
      details: [errorInfo('ACCESS_TOKEN_SCOPE_INSUFFICIENT')],
    },
    { code: 'gmail.scope-insufficient' },
  ],
  [
    'a disabled API, by its sentence',
    { status: 403, message: disabled, reason: 'accessNotConfigured' },
    { code: 'gmail.api-disabled', params: { projectId: '123456789012' } },
  ],
  [
    'a disabled API, by its details',
    {
      status: 403,
      message: 'Disabled.',
      details: [errorInfo('SERVICE_DISABLED', { consumer: 'projects/987' })],
    },
    { code: 'gmail.api-disabled', params: { projectId: '987' } },
  ],
  [
    'too many requests of a project',
    { status: 403, message: 'Rate Limit Exceeded', reason: 'rateLimitExceeded' },
    { code: 'gmail.rate-limited' },
  ],
  [
    'too many requests of a user',
    { status: 403, message: 'User Rate Limit Exceeded', reason: 'userRateLimitExceeded' },
    { code: 'gmail.rate-limited' },
  ],
  [
    'too many requests, plainly',
    { status: 429, message: 'Resource exhausted', reason: 'rateLimitExceeded' },
    { code: 'gmail.rate-limited' },
  ],
  [
    'the daily limit',
    { status: 403, message: 'Daily Limit Exceeded', reason: 'dailyLimitExceeded' },
    { code: 'gmail.daily-limit' },
  ],
  [
    'the domain’s policy',
    { status: 403, message: 'The domain administrators have disabled Gmail apps.', reason: 'domainPolicy' },
    { code: 'gmail.domain-policy' },
  ],
  [
    'a foreign mailbox',
    { status: 403, message: 'Delegation denied for support@acme.example', reason: 'forbidden' },
    { code: 'gmail.delegation-denied', params: { address: 'support@acme.example' } },
  ],
  [
    'something gone',
    { status: 404, message: 'Requested entity was not found.', reason: 'notFound' },
    { code: 'gmail.not-found' },
  ],
  [
    'a backend error',
    { status: 503, message: 'Backend Error', reason: 'backendError' },
    { code: 'gmail.unavailable', params: { detail: 'Backend Error' } },
  ],
];

describe('a failure of Gmail', () => {
  it.each(gmailRows)('names %s', (_name, wire, expected) => {
    expect(gmailProblemOf(failureOfAnswer({ status: wire.status, body: envelope(wire) }), now)).toEqual({
      problem: expected,
    });
  });

  it('is an unavailable Gmail when a gateway answers with a page', () => {
    const failure = failureOfAnswer({ status: 502, body: '<html><h1>502</h1> That’s an error.</html>' });
    expect(gmailProblemOf(failure, now).problem).toEqual({
      code: 'gmail.unavailable',
      params: { detail: 'HTTP 502' },
    });
  });

  it.each([
    ['in its sentence', 'User-rate limit exceeded.  Retry after 2026-03-01T08:02:30.500Z', null, 150_500],
    ['as a number of seconds', 'Slow down', '40', 40_000],
    ['as a date', 'Slow down', 'Sun, 01 Mar 2026 08:01:00 GMT', 60_000],
    ['in the past', 'Slow down', 'Sun, 01 Mar 2026 07:00:00 GMT', 0],
  ])('says how long to wait %s', (_name, message, retryAfter, expected) => {
    const body = envelope({ status: 429, message, reason: 'rateLimitExceeded' });
    expect(gmailProblemOf(failureOfAnswer({ status: 429, body, retryAfter }), now).retryAfterMs).toBe(
      expected,
    );
  });

  it('says nothing of waiting when Google does not, or not in a readable way', () => {
    const body = envelope({ status: 429, message: 'Slow down' });
    expect(gmailProblemOf(failureOfAnswer({ status: 429, body, retryAfter: 'soon' }), now)).toEqual({
      problem: { code: 'gmail.rate-limited' },
    });
  });
});

describe('an error of the Gmail client', () => {
  it('loses its request and the token in it', () => {
    const error = Object.assign(new Error('with ya29.secret'), {
      config: { headers: { authorization: 'Bearer ya29.secret' } },
      response: {
        status: 400,
        headers: new Headers({ 'retry-after': '7' }),
        data: envelope({ status: 400, message: 'Bad ya29.secret-token_1 here' }),
      },
    });
    const failure = failureOfHttpError(error);
    expect(failure).toMatchObject({ status: 400, message: 'Bad (token) here', retryAfter: '7' });
    expect(JSON.stringify(failure)).not.toContain('ya29');
  });

  it('is without an answer when the connection broke', () => {
    const failure = failureOfHttpError(
      Object.assign(new Error('request to … failed'), { code: 'ECONNRESET' }),
    );
    expect(gmailProblemOf(failure, now).problem).toEqual({
      code: 'gmail.unavailable',
      params: { detail: 'ECONNRESET' },
    });
  });
});

const attempt = {
  action: 'create the topic',
  projectId: 'acme',
  serviceAccount: 'push@acme.iam.gserviceaccount.com',
  endpoint: 'https://psa.example.com/api/email/webhooks/google',
};

const pubsubRows: [string, Record<string, unknown>, Problem][] = [
  [
    'a missing role',
    { code: 7, message: 'User not authorized to perform this action.' },
    { code: 'pubsub.permission-denied', params: { action: 'create the topic', projectId: 'acme' } },
  ],
  [
    'a missing right to act as the signer',
    { code: 7, message: "Permission 'iam.serviceAccounts.actAs' denied on resource (or it may not exist)" },
    { code: 'pubsub.act-as-missing', params: { serviceAccount: attempt.serviceAccount, projectId: 'acme' } },
  ],
  [
    'a disabled API',
    {
      code: 7,
      message: 'Cloud Pub/Sub API has not been used',
      reason: 'SERVICE_DISABLED',
      errorInfoMetadata: { consumer: 'projects/42' },
    },
    { code: 'pubsub.api-disabled', params: { projectId: '42' } },
  ],
  [
    'domain-restricted sharing, by its sentence',
    {
      code: 9,
      message:
        'One or more users named in the policy do not belong to a permitted customer, perhaps due to an organization policy.',
    },
    { code: 'pubsub.domain-restricted', params: { projectId: 'acme' } },
  ],
  [
    'domain-restricted sharing, by its older constraint',
    {
      code: 9,
      message: 'Precondition failed',
      statusDetails: [{ violations: [{ type: 'constraints/iam.allowedPolicyMemberDomains' }] }],
    },
    { code: 'pubsub.domain-restricted', params: { projectId: 'acme' } },
  ],
  [
    'domain-restricted sharing, by its newer constraint',
    {
      code: 9,
      message: 'Precondition failed',
      statusDetails: [{ violations: [{ type: 'constraints/iam.managed.allowedPolicyMembers' }] }],
    },
    { code: 'pubsub.domain-restricted', params: { projectId: 'acme' } },
  ],
  [
    'a project that is not there',
    { code: 5, message: 'Requested project not found or user does not have access to it (project=acme).' },
    { code: 'pubsub.project-not-found', params: { projectId: 'acme' } },
  ],
  [
    'an address that Google does not push to',
    { code: 3, message: 'Invalid push endpoint given (endpoint=http://psa).' },
    { code: 'pubsub.url-not-public', params: { endpoint: attempt.endpoint } },
  ],
  [
    'a change by somebody else at the same time',
    { code: 10, message: 'There were concurrent policy changes.' },
    { code: 'pubsub.unavailable', params: { detail: 'There were concurrent policy changes.' } },
  ],
  [
    'too many requests',
    { code: 8, message: 'Quota exceeded' },
    { code: 'pubsub.unavailable', params: { detail: 'Quota exceeded' } },
  ],
  [
    'an unavailable Pub/Sub',
    { code: 14, message: '14 UNAVAILABLE: try later' },
    { code: 'pubsub.unavailable', params: { detail: 'try later' } },
  ],
  [
    'a broken connection',
    { code: 'ECONNREFUSED', message: 'connect' },
    { code: 'pubsub.unavailable', params: { detail: 'ECONNREFUSED' } },
  ],
  [
    'anything else',
    { code: 3, message: 'Invalid [topics] name' },
    {
      code: 'pubsub.refused',
      params: { action: 'create the topic', detail: 'Invalid [topics] name', projectId: 'acme' },
    },
  ],
];

describe('a failure of Pub/Sub', () => {
  it.each(pubsubRows)('names %s', (_name, error, expected) => {
    expect(pubsubProblemOf(failureOfRpcError(error), attempt, now)).toEqual({ problem: expected });
  });
});
