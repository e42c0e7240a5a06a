import type { z } from 'zod';
import type { ProvisionTopic as ProvisionTopicContract, TopicEvent } from '#contracts/gmail';
import type { GetProvisioningCommands } from '#contracts/gmail-provisioning';
import { GetGoogleAppStatus, type GoogleAppStatus } from '#contracts/oauth';
import { fold } from '#event-sourcing/decider';
import { handleCommand } from '#event-sourcing/handle-command';
import { streamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { problem, type Problem } from '#problems/problem';
import { seconds } from '#time/clock';
import { defaultServiceAccount, endpointOf, subscriptionOf, topicOf } from './names.js';
import { provisionAtGoogle } from './provision-at-google.js';
import { provisioningCommands } from './provisioning-commands.js';
import { type ProvisionTopic, topicDecider, type TopicState } from './topic.decider.js';

type Answer = z.infer<(typeof ProvisionTopicContract)['answer']>;

export async function topicStateOf({ store }: Pick<Means, 'store'>, tenantId: string): Promise<TopicState> {
  const history = await store.readStream(streamName('topic', tenantId));
  return fold(
    topicDecider,
    history.map(({ type, data }) => ({ type, data }) as TopicEvent),
  );
}

/** Makes or mends the tenant's topic; one at a time for a tenant. What failed is recorded, and so an answer and no refusal. */
export async function provisionTopic(means: Means, origin: Origin): Promise<Reply<Answer>> {
  const { tenantId } = origin;
  const alone = await means.locks.exclusively(`topic:${tenantId}`, () => provision(means, origin), {
    wait: seconds(20),
  });
  return alone.acquired
    ? alone.value
    : refused(problem('stream.busy', { stream: streamName('topic', tenantId) }));
}

async function provision(means: Means, origin: Origin): Promise<Reply<Answer>> {
  const { store, clock } = means;
  const { tenantId } = origin;
  const app = await means.ask(GetGoogleAppStatus, {}, origin);
  if (!app.ok && app.problem.code === 'service.unavailable') return app;
  const command = app.ok
    ? wantedBy(means, tenantId, app.value)
    : { type: 'ProvisionTopic' as const, wanted: null, unknownBecause: app.problem };
  const result = await handleCommand(
    { store, clock, decider: topicDecider, perform: (wanted) => provisionAtGoogle(means, wanted, origin) },
    streamName('topic', tenantId),
    command,
    origin,
  );
  if (!result.ok) return refused(problemOf(result.rejection));
  const state = await topicStateOf(means, tenantId);
  const failure = state.status === 'failing' ? state.failure.problem : null;
  return accepted({ provisioned: state.status === 'provisioned', problem: failure });
}

function wantedBy(means: Means, tenantId: string, app: GoogleAppStatus): ProvisionTopic {
  const { projectId, provisioning: mode, serviceAccountEmail } = app;
  const missing = whatIsMissing(app);
  if (projectId === null || missing !== null)
    return { type: 'ProvisionTopic', wanted: null, unknownBecause: missing };
  return {
    type: 'ProvisionTopic',
    wanted: {
      projectId,
      mode,
      topic: topicOf(projectId, tenantId),
      subscription: subscriptionOf(projectId, tenantId),
      endpoint: endpointOf(means.configuration),
      serviceAccountEmail: serviceAccountEmail ?? defaultServiceAccount(projectId),
    },
    unknownBecause: null,
  };
}

function whatIsMissing({
  projectId,
  provisioning,
  serviceAccountKeyStored,
}: GoogleAppStatus): Problem | null {
  const missing = [
    ...(projectId === null ? ['projectId'] : []),
    ...(provisioning === 'key' && !serviceAccountKeyStored ? ['serviceAccountKey'] : []),
  ];
  return missing.length > 0 ? problem('google-app.incomplete', { missing: missing.join(', ') }) : null;
}

/** What to run by hand, for tenants whose organisation forbids service account keys. */
export async function getProvisioningCommands(
  means: Means,
  origin: Origin,
): Promise<Reply<z.infer<(typeof GetProvisioningCommands)['answer']>>> {
  const { tenantId } = origin;
  const app = await means.ask(GetGoogleAppStatus, {}, origin);
  if (!app.ok) return app;
  const { projectId } = app.value;
  if (projectId === null) return refused(problem('google-app.incomplete', { missing: 'projectId' }));
  const serviceAccountEmail = app.value.serviceAccountEmail ?? defaultServiceAccount(projectId);
  const endpoint = endpointOf(means.configuration);
  return accepted({
    topic: topicOf(projectId, tenantId),
    subscription: subscriptionOf(projectId, tenantId),
    endpoint,
    serviceAccountEmail,
    commands: provisioningCommands({ projectId, tenantId, endpoint, serviceAccountEmail }),
  });
}
