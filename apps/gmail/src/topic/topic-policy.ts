import type { OAuth2Client } from 'google-auth-library';
import { failureOfHttpError } from '#google/api-failure';
import { measureGoogleCall } from '#operating/meters';
import { seconds } from '#time/clock';
import { gmailPublisher, publisherRole } from './names.js';
import type { PubSubCalls, PubSubResult } from './pubsub-calls.js';

interface Policy {
  version?: number;
  etag?: string;
  bindings?: { role: string; members?: string[]; condition?: unknown }[];
}

/**
 * Who may publish to a topic. By REST itself: the client library reads policies with POST, and Pub/Sub documents only GET for it.
 * @param origin of Pub/Sub, without a trailing slash
 */
export function topicPolicy(
  client: OAuth2Client,
  origin: string,
): Pick<PubSubCalls, 'publisherGranted' | 'grantPublisher'> {
  const once = { timeout: seconds(20), retry: false };
  const read = async (topic: string): Promise<Policy> => {
    const url = `${origin}/v1/${topic}:getIamPolicy?options.requestedPolicyVersion=3`;
    return (await client.request<Policy>({ ...once, url })).data;
  };
  return {
    publisherGranted: (topic) => attempt(async () => grants(await read(topic))),
    grantPublisher: (topic) =>
      attempt(async () => {
        const policy = await read(topic);
        if (grants(policy)) return;
        const bindings = [...(policy.bindings ?? []), { role: publisherRole, members: [gmailPublisher] }];
        const url = `${origin}/v1/${topic}:setIamPolicy`;
        // The etag that was read goes along, so that a change made meanwhile is not overwritten.
        await client.request({ ...once, url, method: 'POST', data: { policy: { ...policy, bindings } } });
      }),
  };
}

const grants = ({ bindings }: Policy): boolean =>
  (bindings ?? []).some(
    ({ role, members, condition }) =>
      role === publisherRole && condition === undefined && members?.includes(gmailPublisher),
  );

async function attempt<Value>(work: () => Promise<Value>): Promise<PubSubResult<Value>> {
  try {
    return { ok: true, value: await measureGoogleCall('pubsub', work, failureOfHttpError) };
  } catch (error) {
    return { ok: false, failure: failureOfHttpError(error) };
  }
}
