import type { Seen } from '#google/look';
import { actAsFinding, apiFinding, needed, numberFinding, permissionFindings } from './project-verdicts.js';

const seen = (status: number | null, body?: unknown): Seen => ({ status, body, asked: 'GET somewhere' });
const refusal = seen(403, { error: { code: 403, message: 'Permission denied to get service.' } });
const inShort = (finding: ReturnType<typeof apiFinding>) =>
  'problem' in finding ? `${finding.result} ${finding.problem.code}` : finding.result;

it.each([
  ['on', seen(200, { state: 'ENABLED' }), 'pass'],
  ['off', seen(200, { state: 'DISABLED' }), 'fail gmail.api-disabled'],
  ['of another state', seen(200, { state: 'STATE_UNSPECIFIED' }), 'unknown'],
  ['hidden from the account', refusal, 'unknown'],
  ['not told in time', seen(null), 'warn gmail.unavailable'],
  ['not told because of trouble', seen(502), 'warn gmail.unavailable'],
])('an API that is %s', (_, answer, said) => {
  expect(inShort(apiFinding('gmail.googleapis.com', answer, 'acme-psa'))).toBe(said);
});

it.each([
  ['123-abc.apps.googleusercontent.com', [seen(200, { parent: 'projects/123' })], 'pass'],
  ['123-abc.apps.googleusercontent.com', [refusal, seen(200, { parent: 'projects/123' })], 'pass'],
  [
    '999-abc.apps.googleusercontent.com',
    [seen(200, { parent: 'projects/123' })],
    'fail oauth-client.other-project',
  ],
  ['999-abc.apps.googleusercontent.com', [refusal, seen(null)], 'unknown'],
  ['old-style', [seen(200, { parent: 'projects/123' })], 'unknown'],
  [null, [seen(200, { parent: 'projects/123' })], 'unneeded'],
])('compares the number in %s with the project’s', (clientId, answers, said) => {
  expect(inShort(numberFinding(clientId, answers, 'acme-psa'))).toBe(said);
});

it('says which permissions are missing, and for what', () => {
  const held = [...needed.create, 'pubsub.topics.getIamPolicy'];
  const [create, grant] = permissionFindings(seen(200, { permissions: held }), 'acme-psa');
  expect(create!.result).toBe('pass');
  expect(grant).toMatchObject({
    result: 'fail',
    problem: { code: 'pubsub.may-not-grant', params: { permissions: 'pubsub.topics.setIamPolicy' } },
  });
  expect(permissionFindings(seen(200, {}), 'acme-psa').map(({ result }) => result)).toEqual(['fail', 'fail']);
  expect(permissionFindings(refusal, 'acme-psa').map(({ result }) => result)).toEqual(['unknown', 'unknown']);
});

it('tells whether the account may sign as itself', () => {
  const account = { projectId: 'acme-psa', serviceAccount: 'x@acme-psa.iam.gserviceaccount.com' };
  const judged = (answer: Seen) => inShort(actAsFinding(answer, account));
  expect(judged(seen(200, { permissions: ['iam.serviceAccounts.actAs'] }))).toBe('pass');
  expect(judged(seen(200, {}))).toBe('fail pubsub.act-as-missing');
  expect(judged(refusal)).toBe('unknown');
  expect(judged(seen(null))).toBe('warn pubsub.unavailable');
});
