import { found, type Finding } from '#contracts/diagnosis';
import { failureSeen, inGooglesWords, isAnswered, type Seen } from '#google/look';
import { pubsubProblemOf } from '#google/pubsub-failure';
import { problem, type Problem } from '#problems/problem';
import { gmailPublisher, lastSegment, publisherRole } from '../topic/names.js';
import { ackDeadlineSeconds, type Wanted } from '../topic/plan-repairs.js';
import type { TopicState } from '../topic/topic.decider.js';

/** What Pub/Sub answered, question by question. */
export interface SeenPubSub {
  topic: Seen;
  policy: Seen;
  subscription: Seen;
}

export interface Expected extends Wanted {
  projectId: string;
}

/** What is at Google, held against what is expected and against what is recorded of the last attempt to make it. */
export function pubsubFindings(
  expected: Expected,
  seen: SeenPubSub,
  state: TopicState,
  now: Date,
): Finding[] {
  const refused = (what: Seen, action: string): Problem => {
    const { projectId, serviceAccountEmail: serviceAccount, endpoint } = expected;
    return pubsubProblemOf(failureSeen(what), { action, projectId, serviceAccount, endpoint }, now).problem;
  };
  return [
    topicFinding(expected, seen.topic, state, refused),
    publisherFinding(expected, seen.policy, state, refused),
    ...subscriptionFindings(expected, seen.subscription, state, refused),
  ];
}

type Refused = (what: Seen, action: string) => Problem;

function topicFinding(expected: Expected, seen: Seen, state: TopicState, refused: Refused): Finding {
  const check = 'pubsub.topic';
  const { topic, projectId } = expected;
  if (isAnswered(seen)) return found.pass(check, seen.asked, `HTTP ${seen.status}: it is there.`);
  if (seen.status !== 404 || saysProject(seen))
    return found.fail(check, seen.asked, inGooglesWords(seen), refused(seen, 'look at the topic'));
  return absent(check, seen, state, problem('gmail.topic-not-found', { topic, projectId }));
}

/** What is missing was never made, could not be made, or was taken away since. */
function absent(
  check: 'pubsub.topic' | 'pubsub.publisher' | 'pubsub.subscription',
  seen: Seen,
  state: TopicState,
  gone: Problem,
): Finding {
  const answered = isAnswered(seen) ? 'Gmail is not among those who may publish.' : inGooglesWords(seen);
  if (state.status === 'failing')
    return found.fail(
      check,
      seen.asked,
      `${answered} The last attempt to make it failed: ${state.failure.problem.code}.`,
      state.failure.problem,
    );
  return state.status === 'none'
    ? found.unknown(
        check,
        seen.asked,
        `${answered} The service makes it when the first mailbox is connected.`,
      )
    : found.fail(check, seen.asked, answered, gone);
}

function publisherFinding(expected: Expected, seen: Seen, state: TopicState, refused: Refused): Finding {
  const check = 'pubsub.publisher';
  const { topic, projectId } = expected;
  if (!isAnswered(seen) && (seen.status !== 404 || saysProject(seen)))
    return found.fail(check, seen.asked, inGooglesWords(seen), refused(seen, 'read who may publish'));
  if (isAnswered(seen) && letsGmailPublish(seen))
    return found.pass(check, seen.asked, `HTTP ${seen.status}: ${gmailPublisher} has ${publisherRole}.`);
  return absent(check, seen, state, problem('gmail.publisher-grant-missing', { topic, projectId }));
}

export function letsGmailPublish({ body }: Seen): boolean {
  const { bindings } = (body ?? {}) as { bindings?: unknown };
  return (Array.isArray(bindings) ? bindings : []).some(
    (binding: { role?: unknown; members?: unknown; condition?: unknown }) =>
      binding.role === publisherRole &&
      binding.condition === undefined &&
      Array.isArray(binding.members) &&
      binding.members.includes(gmailPublisher),
  );
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

function subscriptionFindings(
  expected: Expected,
  seen: Seen,
  state: TopicState,
  refused: Refused,
): Finding[] {
  const check = 'pubsub.subscription';
  const { projectId } = expected;
  const subscription = lastSegment(expected.subscription);
  if (!isAnswered(seen))
    return [
      seen.status === 404 && !saysProject(seen)
        ? absent(check, seen, state, problem('pubsub.subscription-missing', { subscription, projectId }))
        : found.fail(check, seen.asked, inGooglesWords(seen), refused(seen, 'look at the subscription')),
    ];
  const resource = (seen.body ?? {}) as SubscriptionResource;
  const about: Judging = {
    expected,
    asked: seen.asked,
    params: { subscription, projectId },
  };
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

/** Another topic that Gmail may publish to is the sign of another system: Gmail tells nobody who holds a mailbox's watch. */
export function rivalsFinding(
  projectId: string,
  listed: Seen,
  policies: readonly { topic: string; policy: Seen }[],
): Finding {
  const check = 'pubsub.rivals';
  if (!isAnswered(listed))
    return found.unknown(check, listed.asked, `${inGooglesWords(listed)} Other topics cannot be seen.`);
  const rivals = policies.filter(({ policy }) => isAnswered(policy) && letsGmailPublish(policy));
  const topics = rivals.map(({ topic }) => lastSegment(topic)).join(', ');
  return rivals.length === 0
    ? found.pass(check, listed.asked, 'No other topic that Gmail may publish to was seen.')
    : found.warn(
        check,
        listed.asked,
        `Gmail may also publish to ${topics}.`,
        problem('gmail.watch-rivals', { topics, projectId }),
      );
}

const saysProject = (seen: Seen): boolean => /project/i.test(failureSeen(seen).message);

/** Somebody else's address may carry a token of theirs. */
const withoutQuery = (address: string): string => address.replace(/[?#].*$/s, '');
