import { createHash } from 'node:crypto';
import { GetProvisioningToken } from '#contracts/oauth';
import type { ApiFailure } from '#google/api-failure';
import { pubsubProblemOf } from '#google/pubsub-failure';
import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { openPubSub, type PubSubCalls, type PubSubResult } from './pubsub-calls.js';
import { type Found, inWords, planRepairs, type Repair, type Wanted } from './plan-repairs.js';
import type { Provision, Provisioning } from './topic.decider.js';

type Asked<Value> = { ok: true; value: Value } | { ok: false; action: string; failure: ApiFailure };
type Mended = Asked<string[]> | (Provisioning & { ok: false });

const during = <Value>(action: string, result: PubSubResult<Value>): Asked<Value> =>
  result.ok ? result : { ok: false, action, failure: result.failure };

const isFailure = (asked: Mended): asked is { ok: false; action: string; failure: ApiFailure } =>
  !asked.ok && 'failure' in asked;

/** Looks at what Google has and mends what differs, as the tenant's service account. */
export async function provisionAtGoogle(
  means: Pick<Means, 'ask' | 'clock' | 'configuration'>,
  wanted: Provision,
  origin: Origin,
): Promise<Provisioning> {
  let refusedTokenHash: string | undefined;
  for (;;) {
    const reply = await means.ask(GetProvisioningToken, refusedTokenHash ? { refusedTokenHash } : {}, origin);
    if (!reply.ok) return reply;
    const { accessToken, serviceAccountEmail } = reply.value;
    const exact = { ...wanted, serviceAccountEmail };
    const pubsub = await openPubSub(means.configuration, wanted.projectId, accessToken);
    const mended = await mend(pubsub, exact).finally(() => pubsub.close());
    if (mended.ok) return { ok: true, repaired: mended.value, serviceAccountEmail };
    if (!isFailure(mended)) return mended;
    if (mended.failure.status === 401 && refusedTokenHash === undefined) {
      refusedTokenHash = createHash('sha256').update(accessToken).digest('hex');
      continue;
    }
    const { projectId, endpoint } = wanted;
    const attempt = { action: mended.action, projectId, serviceAccount: serviceAccountEmail, endpoint };
    return { ok: false, ...pubsubProblemOf(mended.failure, attempt, means.clock.now()) };
  }
}

/** Others may provision the same at the same time, a former installation for example: what changed under us is looked at again. */
const looks = 3;

async function mend(pubsub: PubSubCalls, wanted: Wanted): Promise<Mended> {
  const repaired: string[] = [];
  for (let look = 1; ; look++) {
    const found = await lookAt(pubsub, wanted);
    if (!found.ok) return found;
    const plan = planRepairs(wanted, found.value);
    if ('problem' in plan) return { ok: false, problem: plan.problem };
    const failed = await repairAll(pubsub, wanted, plan.repairs, repaired);
    if (failed === null) return { ok: true, value: repaired };
    if (failed.failure.status !== 409 || look === looks) return failed;
  }
}

async function lookAt(pubsub: PubSubCalls, { topic, subscription }: Wanted): Promise<Asked<Found>> {
  const exists = during('look at the topic', await pubsub.topicExists(topic));
  if (!exists.ok) return exists;
  const granted = exists.value
    ? during('read who may publish', await pubsub.publisherGranted(topic))
    : { ok: true as const, value: false };
  if (!granted.ok) return granted;
  const found = during('look at the subscription', await pubsub.subscription(subscription));
  if (!found.ok) return found;
  return {
    ok: true,
    value: {
      topic: exists.value ? { publisherGranted: granted.value } : null,
      subscription: found.value,
    },
  };
}

async function repairAll(
  pubsub: PubSubCalls,
  wanted: Wanted,
  repairs: Repair[],
  repaired: string[],
): Promise<(Asked<void> & { ok: false }) | null> {
  for (const repair of repairs) {
    const done = await carryOut(pubsub, wanted, repair);
    if (!done.ok) return done;
    repaired.push(inWords(repair));
  }
  return null;
}

async function carryOut(pubsub: PubSubCalls, wanted: Wanted, repair: Repair): Promise<Asked<void>> {
  const { topic, subscription } = wanted;
  switch (repair.do) {
    case 'make-topic':
      return during('create the topic', await pubsub.makeTopic(topic));
    case 'grant-publisher':
      return during('let Gmail publish to the topic', await pubsub.grantPublisher(topic));
    case 'make-subscription':
      return during('create the push subscription', await pubsub.makeSubscription(wanted));
    case 'mend-subscription':
      return during('change the push subscription', await pubsub.mendSubscription(wanted, repair.fields));
    case 'remake-subscription': {
      const deleted = during('delete the push subscription', await pubsub.deleteSubscription(subscription));
      return deleted.ok
        ? during('create the push subscription', await pubsub.makeSubscription(wanted))
        : deleted;
    }
  }
}
