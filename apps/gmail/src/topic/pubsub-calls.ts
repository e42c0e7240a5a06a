import type { protos, v1 } from '@google-cloud/pubsub';
import { failureOfRpcError, type ApiFailure } from '#google/api-failure';
import { googleEndpoints } from '#google/endpoints';
import { measureGoogleCall } from '#operating/meters';
import { seconds } from '#time/clock';
import type { Configuration } from '#configuration/configuration';
import type { Field, FoundSubscription, Wanted } from './plan-repairs.js';
import { ackDeadlineSeconds, retentionMs, retry } from './plan-repairs.js';
import { topicPolicy } from './topic-policy.js';

export type PubSubResult<Value> = { ok: true; value: Value } | { ok: false; failure: ApiFailure };

/** Pub/Sub of one project with one access token. Nothing is retried here; a failure is a value. */
export interface PubSubCalls {
  topicExists(topic: string): Promise<PubSubResult<boolean>>;
  /** Also when it exists already. */
  makeTopic(topic: string): Promise<PubSubResult<void>>;
  publisherGranted(topic: string): Promise<PubSubResult<boolean>>;
  /** Adds Gmail to what the policy holds; a failure with status 409 says that somebody else changed it meanwhile. */
  grantPublisher(topic: string): Promise<PubSubResult<void>>;
  subscription(name: string): Promise<PubSubResult<FoundSubscription | null>>;
  makeSubscription(wanted: Wanted): Promise<PubSubResult<void>>;
  mendSubscription(wanted: Wanted, fields: Field[]): Promise<PubSubResult<void>>;
  /** Also when there is none. */
  deleteSubscription(name: string): Promise<PubSubResult<void>>;
  close(): Promise<void>;
}

const once = { timeout: seconds(20), retry: null };

/** The client is heavy, and a process that provisions nothing does without it. */
export async function openPubSub(
  configuration: Configuration,
  projectId: string,
  accessToken: string,
): Promise<PubSubCalls> {
  const [{ v1 }, { OAuth2Client }] = await Promise.all([
    import('@google-cloud/pubsub'),
    import('google-auth-library'),
  ]);
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: accessToken });
  const address = googleEndpoints(configuration.google.simulatorUrl).pubsub;
  const { hostname, port, protocol } = new URL(address);
  const https = protocol === 'https:';
  const options = {
    fallback: true,
    protocol: https ? 'https' : 'http',
    apiEndpoint: hostname,
    port: port ? Number(port) : https ? 443 : 80,
    projectId,
    authClient,
  };
  const publisher = new v1.PublisherClient(options);
  const subscriber = new v1.SubscriberClient(options);
  return {
    ...topicCalls(publisher),
    ...topicPolicy(authClient, address),
    ...subscriptionCalls(subscriber),
    close: async () => {
      await Promise.all([publisher.close(), subscriber.close()]);
    },
  };
}

async function attempt<Value>(
  work: () => Promise<Value>,
  unless: Record<number, Value> = {},
): Promise<PubSubResult<Value>> {
  try {
    return { ok: true, value: await measureGoogleCall('pubsub', work, failureOfRpcError) };
  } catch (error) {
    const failure = failureOfRpcError(error);
    if (failure.status !== null && failure.status in unless && !/project/i.test(failure.message))
      return { ok: true, value: unless[failure.status]! };
    return { ok: false, failure };
  }
}

function topicCalls(publisher: v1.PublisherClient): Pick<PubSubCalls, 'topicExists' | 'makeTopic'> {
  return {
    topicExists: (topic) =>
      attempt(async () => Boolean((await publisher.getTopic({ topic }, once))[0].name), { 404: false }),
    makeTopic: (name) =>
      attempt<void>(async () => void (await publisher.createTopic({ name }, once)), { 409: undefined }),
  };
}

type SubscriptionMessage = NonNullable<Parameters<v1.SubscriberClient['createSubscription']>[0]>;

function subscriptionCalls(
  subscriber: v1.SubscriberClient,
): Pick<PubSubCalls, 'subscription' | 'makeSubscription' | 'mendSubscription' | 'deleteSubscription'> {
  return {
    subscription: (subscription) =>
      attempt<FoundSubscription | null>(
        async () => foundIn((await subscriber.getSubscription({ subscription }, once))[0]),
        { 404: null },
      ),
    makeSubscription: (wanted) =>
      attempt<void>(async () => void (await subscriber.createSubscription(asMessage(wanted), once))),
    mendSubscription: (wanted, fields) =>
      attempt<void>(async () => {
        const request = { subscription: asMessage(wanted), updateMask: { paths: fields as string[] } };
        await subscriber.updateSubscription(request, once);
      }),
    deleteSubscription: (subscription) =>
      attempt<void>(async () => void (await subscriber.deleteSubscription({ subscription }, once)), {
        404: undefined,
      }),
  };
}

const asMessage = ({ subscription, topic, endpoint, serviceAccountEmail }: Wanted): SubscriptionMessage => ({
  name: subscription,
  topic,
  pushConfig: { pushEndpoint: endpoint, oidcToken: { serviceAccountEmail, audience: endpoint } },
  ackDeadlineSeconds,
  messageRetentionDuration: { seconds: retentionMs / 1_000 },
  // Set and without a ttl: never deleted for lack of activity.
  expirationPolicy: {},
  retryPolicy: {
    minimumBackoff: { seconds: retry.minimumSeconds },
    maximumBackoff: { seconds: retry.maximumSeconds },
  },
});

type FoundMessage = protos.google.pubsub.v1.ISubscription;

const secondsOf = (duration: { seconds?: unknown } | null | undefined): number =>
  Number(String(duration?.seconds ?? 0));

function foundIn(message: FoundMessage): FoundSubscription {
  const { pushConfig, retryPolicy, expirationPolicy } = message;
  return {
    topic: message.topic ?? '',
    detached: message.detached ?? false,
    filter: message.filter ?? '',
    endpoint: pushConfig?.pushEndpoint ?? '',
    audience: pushConfig?.oidcToken?.audience ?? '',
    serviceAccountEmail: pushConfig?.oidcToken?.serviceAccountEmail ?? '',
    unwrapped: Boolean(pushConfig?.noWrapper),
    transformed: (message.messageTransforms?.length ?? 0) > 0,
    deadLettered: Boolean(message.deadLetterPolicy?.deadLetterTopic),
    ackDeadlineSeconds: message.ackDeadlineSeconds ?? 0,
    lastsForever: Boolean(expirationPolicy) && secondsOf(expirationPolicy?.ttl) === 0,
    retentionMs: secondsOf(message.messageRetentionDuration) * 1_000,
    retry: retryPolicy
      ? {
          minimumSeconds: secondsOf(retryPolicy.minimumBackoff),
          maximumSeconds: secondsOf(retryPolicy.maximumBackoff),
        }
      : null,
  };
}
