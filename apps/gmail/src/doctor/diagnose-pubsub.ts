import type { z } from 'zod';
import { checkIds } from '#contracts/checks';
import { type DiagnosePubSub, found, type Finding } from '#contracts/diagnosis';
import { GetGoogleAppStatus, GetProvisioningToken } from '#contracts/oauth';
import { googleEndpoints } from '#google/endpoints';
import { isAnswered, look, type Seen } from '#google/look';
import type { Means } from '#hosting/service';
import { accepted, type Origin, type Reply } from '#messaging/envelope';
import { seconds } from '#time/clock';
import { endpointOf, subscriptionOf, topicOf } from '../topic/names.js';
import { topicStateOf } from '../topic/provision-topic.js';
import { pubsubFindings, rivalsFinding } from './pubsub-verdicts.js';

type Answer = z.infer<(typeof DiagnosePubSub)['answer']>;

const oauthPatience = seconds(3);
/** Whoever provisions at this moment is waited for: a look in between would find faults that are being mended. */
const provisioningPatience = seconds(1);
const mostRivals = 10;

/** Looks at the tenant's topic and subscription as its service account. Nothing is mended. */
export async function diagnosePubSub(
  means: Pick<Means, 'ask' | 'clock' | 'configuration' | 'locks' | 'store'>,
  origin: Origin,
): Promise<Reply<Answer>> {
  const how = { timeoutMs: oauthPatience };
  const [app, token] = await Promise.all([
    means.ask(GetGoogleAppStatus, {}, origin, how),
    means.ask(GetProvisioningToken, {}, origin, how),
  ]);
  if (!app.ok) return app;
  if (app.value.provisioning === 'manual')
    return accepted({
      findings: unneeded(
        'Made by hand, where this service may not look. The first notification of a mailbox proves it.',
      ),
    });
  if (!app.value.serviceAccountKeyStored)
    return accepted({ findings: unneeded('Gmail is not used, and only Gmail needs Pub/Sub.') });
  if (!token.ok) return token;
  const seeing = (): Promise<Finding[]> => lookAround(means, origin.tenantId, token.value);
  const alone = await means.locks.exclusively(`topic:${origin.tenantId}`, seeing, {
    wait: provisioningPatience,
  });
  return accepted({ findings: alone.acquired ? alone.value : await seeing() });
}

async function lookAround(
  { clock, configuration, store }: Pick<Means, 'clock' | 'configuration' | 'store'>,
  tenantId: string,
  { accessToken, projectId, serviceAccountEmail }: z.infer<(typeof GetProvisioningToken)['answer']>,
): Promise<Finding[]> {
  const { pubsub } = googleEndpoints(configuration.google.simulatorUrl);
  const expected = {
    projectId,
    topic: topicOf(projectId, tenantId),
    subscription: subscriptionOf(projectId, tenantId),
    endpoint: endpointOf(configuration),
    serviceAccountEmail,
  };
  const at = (resource: string): Promise<Seen> => look(`${pubsub}/v1/${resource}`, { accessToken });
  const policyOf = (topic: string): Promise<Seen> =>
    at(`${topic}:getIamPolicy?options.requestedPolicyVersion=3`);
  const [topic, policy, subscription, listed] = await Promise.all([
    at(expected.topic),
    policyOf(expected.topic),
    at(expected.subscription),
    at(`projects/${projectId}/topics?pageSize=200`),
  ]);
  const others = topicsIn(listed).filter((name) => name !== expected.topic);
  const policies = await Promise.all(
    others.slice(0, mostRivals).map(async (name) => ({ topic: name, policy: await policyOf(name) })),
  );
  const state = await topicStateOf({ store }, tenantId);
  return [
    ...pubsubFindings(expected, { topic, policy, subscription }, state, clock.now()),
    rivalsFinding(projectId, listed, policies),
  ];
}

function topicsIn(listed: Seen): string[] {
  const { topics } = (isAnswered(listed) ? (listed.body ?? {}) : {}) as { topics?: { name?: unknown }[] };
  return (Array.isArray(topics) ? topics : []).flatMap(({ name }) => (typeof name === 'string' ? name : []));
}

const unneeded = (because: string): Finding[] =>
  checkIds.filter((id) => id.startsWith('pubsub.')).map((check) => found.unneeded(check, because));
