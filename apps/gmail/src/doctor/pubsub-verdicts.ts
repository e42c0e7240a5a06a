import { found, type Finding } from '#contracts/diagnosis';
import { failureSeen, inGooglesWords, isAnswered, type Seen } from '#google/look';
import { pubsubProblemOf } from '#google/pubsub-failure';
import { problem, type Problem } from '#problems/problem';
import { gmailPublisher, lastSegment, publisherRole } from '../topic/names.js';
import type { TopicState } from '../topic/topic.decider.js';
import { type Expected, subscriptionFindings } from './subscription-verdicts.js';

/** What Pub/Sub answered, question by question. */
export interface SeenPubSub {
  topic: Seen;
  policy: Seen;
  subscription: Seen;
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
    ...ofSubscription(expected, seen.subscription, state, refused),
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

function ofSubscription(expected: Expected, seen: Seen, state: TopicState, refused: Refused): Finding[] {
  const check = 'pubsub.subscription';
  const { projectId } = expected;
  const subscription = lastSegment(expected.subscription);
  if (!isAnswered(seen))
    return [
      seen.status === 404 && !saysProject(seen)
        ? absent(check, seen, state, problem('pubsub.subscription-missing', { subscription, projectId }))
        : found.fail(check, seen.asked, inGooglesWords(seen), refused(seen, 'look at the subscription')),
    ];
  return subscriptionFindings(expected, seen);
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
