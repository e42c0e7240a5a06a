import { found, type Finding } from '#contracts/diagnosis';
import type { Seen } from '#google/look';
import { problem } from '#problems/problem';
import { lastSegment } from '../topic/names.js';
import { ackDeadlineSeconds, type Wanted } from '../topic/plan-repairs.js';

export interface Expected extends Wanted {
  projectId: string;
}

/** A subscription as Pub/Sub's REST reference describes it, as far as it matters. */
interface SubscriptionResource {
  topic?: string;
  detached?: boolean;
  state?: string;
  filter?: string;
  ackDeadlineSeconds?: number;
  expirationPolicy?: { ttl?: string };
  deadLetterPolicy?: unknown;
  messageTransforms?: unknown[];
  pushConfig?: {
    pushEndpoint?: string;
    noWrapper?: unknown;
    oidcToken?: { serviceAccountEmail?: string; audience?: string };
  };
}

/** A subscription that is there, held against what is expected. */
export function subscriptionFindings(expected: Expected, { asked, body }: Seen): Finding[] {
  const resource = (body ?? {}) as SubscriptionResource;
  const subscription = lastSegment(expected.subscription);
  const about: Judging = { expected, asked, params: { subscription, projectId: expected.projectId } };
  return [
    ownTopicFinding(about, resource),
    stateFinding(about, resource),
    ...pushFindings(about, resource),
    contentFinding(about, resource),
    expiryFinding(about, resource),
    deadlineFinding(about, resource),
  ];
}

interface Judging {
  expected: Expected;
  asked: string;
  params: { subscription: string; projectId: string };
}

function ownTopicFinding(
  { expected, asked, params }: Judging,
  { topic = '' }: SubscriptionResource,
): Finding {
  const check = 'pubsub.subscription';
  if (topic === expected.topic) return found.pass(check, asked, `It belongs to ${topic}.`);
  const answered = `It belongs to ${topic}.`;
  return topic === '_deleted-topic_'
    ? found.fail(check, asked, answered, problem('pubsub.subscription-without-topic', params))
    : found.fail(
        check,
        asked,
        answered,
        problem('pubsub.subscription-of-other-topic', { ...params, otherTopic: topic }),
      );
}

function stateFinding({ asked, params }: Judging, { detached, state }: SubscriptionResource): Finding {
  const check = 'pubsub.state';
  if (detached)
    return found.fail(check, asked, 'detached: true', problem('pubsub.subscription-detached', params));
  return state === undefined || state === 'ACTIVE' || state === 'STATE_UNSPECIFIED'
    ? found.pass(check, asked, `state: ${state ?? 'not named'}`)
    : found.fail(
        check,
        asked,
        `state: ${state}`,
        problem('pubsub.subscription-inactive', { ...params, state }),
      );
}

function pushFindings(
  { expected, asked, params }: Judging,
  { pushConfig = {} }: SubscriptionResource,
): Finding[] {
  const { endpoint, serviceAccountEmail } = expected;
  const { pushEndpoint, oidcToken } = pushConfig;
  if (!pushEndpoint)
    return [
      found.fail(
        'pubsub.endpoint',
        asked,
        'It has no push endpoint.',
        problem('pubsub.subscription-is-pull', params),
      ),
    ];
  const pushesTo = `It pushes to ${withoutQuery(pushEndpoint)}.`;
  const endpointFinding =
    pushEndpoint === endpoint
      ? found.pass('pubsub.endpoint', asked, pushesTo)
      : found.fail(
          'pubsub.endpoint',
          asked,
          pushesTo,
          problem('pubsub.endpoint-differs', { ...params, endpoint, found: withoutQuery(pushEndpoint) }),
        );
  if (!oidcToken)
    return [
      endpointFinding,
      found.fail('pubsub.audience', asked, 'It sends no token.', problem('pubsub.push-unsigned', params)),
    ];
  // Left out, it is the push address itself.
  const audience = oidcToken.audience || pushEndpoint;
  const signer = oidcToken.serviceAccountEmail ?? '';
  return [
    endpointFinding,
    audience === endpoint
      ? found.pass('pubsub.audience', asked, 'Byte for byte the push address.')
      : found.fail(
          'pubsub.audience',
          asked,
          `Its audience is ${withoutQuery(audience)}.`,
          problem('pubsub.audience-differs', { ...params, endpoint }),
        ),
    signer === serviceAccountEmail
      ? found.pass('pubsub.identity', asked, `It signs as ${signer}.`)
      : found.fail(
          'pubsub.identity',
          asked,
          `It signs as ${signer}.`,
          problem('pubsub.identity-differs', {
            ...params,
            found: signer,
            serviceAccount: serviceAccountEmail,
          }),
        ),
  ];
}

function contentFinding({ asked, params }: Judging, resource: SubscriptionResource): Finding {
  const check = 'pubsub.content';
  const { filter = '', pushConfig, messageTransforms = [], deadLetterPolicy } = resource;
  const changed = (how: string): Finding =>
    found.fail(check, asked, how, problem('pubsub.content-changed', { ...params, how }));
  if (filter !== '') return found.fail(check, asked, 'It has a filter.', problem('pubsub.filtered', params));
  if (pushConfig?.noWrapper) return changed('without Pub/Sub’s envelope');
  if (messageTransforms.length > 0) return changed('message transforms');
  return deadLetterPolicy
    ? found.warn(check, asked, 'It has a dead-letter policy.', problem('pubsub.dead-lettered', params))
    : found.pass(check, asked, 'No filter, no transform, with the envelope.');
}

const defaultLifetimeSeconds = 31 * 86_400;

function expiryFinding({ asked, params }: Judging, { expirationPolicy }: SubscriptionResource): Finding {
  const check = 'pubsub.expiry';
  if (expirationPolicy && expirationPolicy.ttl === undefined) return found.pass(check, asked, 'Never.');
  const lifetime = parseInt(expirationPolicy?.ttl ?? '', 10) || defaultLifetimeSeconds;
  const days = String(Math.round(lifetime / 86_400));
  return found.warn(
    check,
    asked,
    `After ${lifetime} seconds without activity.`,
    problem('pubsub.subscription-expires', { ...params, days }),
  );
}

function deadlineFinding(
  { asked, params }: Judging,
  { ackDeadlineSeconds: has = 10 }: SubscriptionResource,
): Finding {
  const check = 'pubsub.deadline';
  return has >= ackDeadlineSeconds
    ? found.pass(check, asked, `${has} seconds.`)
    : found.warn(
        check,
        asked,
        `${has} seconds.`,
        problem('pubsub.deadline-short', {
          ...params,
          seconds: String(has),
          advised: String(ackDeadlineSeconds),
        }),
      );
}

/** Somebody else's address may carry a token of theirs. */
const withoutQuery = (address: string): string => address.replace(/[?#].*$/s, '');
