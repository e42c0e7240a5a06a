import type { Seen } from '#google/look';
import { problem } from '#problems/problem';
import type { TopicState } from '../topic/topic.decider.js';
import { pubsubFindings, rivalsFinding } from './pubsub-verdicts.js';

const expected = {
  projectId: 'acme-psa',
  topic: 'projects/acme-psa/topics/gmail-notifications-t1',
  subscription: 'projects/acme-psa/subscriptions/gmail-webhook-t1',
  endpoint: 'https://psa.example.com/api/email/webhooks/google',
  serviceAccountEmail: 'psa@acme-psa.iam.gserviceaccount.com',
};
const { endpoint, serviceAccountEmail } = expected;
const provisioned: TopicState = {
  status: 'provisioned',
  provisioned: { ...expected, audience: endpoint, mode: 'key', repaired: [] },
};
const failing = (code: Parameters<typeof problem>[0]): TopicState => ({
  status: 'failing',
  failure: { problem: problem(code), attempt: 1 },
  before: null,
});
const seen = (status: number | null, body?: unknown): Seen => ({ status, body, asked: 'GET somewhere' });
const gone = (name: string) => seen(404, { error: { message: `Resource not found (resource=${name}).` } });
const gmail = 'serviceAccount:gmail-api-push@system.gserviceaccount.com';
const policy = seen(200, { bindings: [{ role: 'roles/pubsub.publisher', members: [gmail] }] });
const subscription = {
  topic: expected.topic,
  state: 'ACTIVE',
  ackDeadlineSeconds: 60,
  expirationPolicy: {},
  pushConfig: { pushEndpoint: endpoint, oidcToken: { serviceAccountEmail, audience: endpoint } },
};
const right = { topic: seen(200, {}), policy, subscription: seen(200, subscription) };
const wrong = (there: Partial<typeof right>, state: TopicState = provisioned) =>
  Object.fromEntries(
    pubsubFindings(expected, { ...right, ...there }, state, new Date()).flatMap((finding) =>
      finding.result === 'pass'
        ? []
        : [[finding.check, 'problem' in finding ? finding.problem.code : finding.result]],
    ),
  );

it('finds nothing wrong with what provisioning makes', () => {
  expect(wrong({})).toEqual({});
});

it('takes an audience that is left out for the push address, as Google does', () => {
  const pushConfig = { pushEndpoint: endpoint, oidcToken: { serviceAccountEmail } };
  expect(wrong({ subscription: seen(200, { ...subscription, pushConfig }) })).toEqual({});
});

const nothing = { topic: gone('t'), policy: gone('t'), subscription: gone('s') };

it('blames nobody for what was never made', () => {
  expect(wrong(nothing, { status: 'none' })).toEqual({
    'pubsub.topic': 'unknown',
    'pubsub.publisher': 'unknown',
    'pubsub.subscription': 'unknown',
  });
});

it('tells why it could not be made', () => {
  expect(wrong(nothing, failing('pubsub.permission-denied'))['pubsub.topic']).toBe(
    'pubsub.permission-denied',
  );
  const ungranted = { policy: seen(200, {}), subscription: gone('s') };
  expect(wrong(ungranted, failing('pubsub.domain-restricted'))['pubsub.publisher']).toBe(
    'pubsub.domain-restricted',
  );
});

it('tells what was taken away since', () => {
  expect(wrong(nothing)).toEqual({
    'pubsub.topic': 'gmail.topic-not-found',
    'pubsub.publisher': 'gmail.publisher-grant-missing',
    'pubsub.subscription': 'pubsub.subscription-missing',
  });
});

it('takes a project that is not there for no missing topic', () => {
  const message = 'Requested project not found or user does not have access to it (project=acme-psa).';
  expect(wrong({ topic: seen(404, { error: { message } }) })['pubsub.topic']).toBe(
    'pubsub.project-not-found',
  );
});

it('counts only a grant without a condition', () => {
  const bindings = [{ role: 'roles/pubsub.publisher', members: [gmail], condition: { expression: 'false' } }];
  expect(wrong({ policy: seen(200, { bindings }) })['pubsub.publisher']).toBe(
    'gmail.publisher-grant-missing',
  );
});

it('shows nothing of another address but where it leads', () => {
  const pushConfig = { pushEndpoint: 'https://old.example.com/hook?token=canary' };
  const findings = pubsubFindings(
    expected,
    { ...right, subscription: seen(200, { ...subscription, pushConfig }) },
    provisioned,
    new Date(),
  );
  expect(JSON.stringify(findings)).toContain('https://old.example.com/hook');
  expect(JSON.stringify(findings)).not.toContain('canary');
});

it('warns of another topic only when Gmail may publish there', () => {
  const other = (there: Seen) =>
    rivalsFinding('acme-psa', seen(200, {}), [{ topic: 'a/b/crm', policy: there }]);
  expect(other(policy)).toMatchObject({ result: 'warn', problem: { params: { topics: 'crm' } } });
  expect(other(seen(200, {})).result).toBe('pass');
  expect(other(seen(403)).result).toBe('pass');
  expect(rivalsFinding('acme-psa', seen(403), []).result).toBe('unknown');
});
