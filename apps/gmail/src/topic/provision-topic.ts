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
import { mailboxStateOf } from '../mailbox/change-mailbox.js';
import { mailboxesOf } from '../mailbox/find-mailbox.js';
import { isConnected, isPresent } from '../mailbox/mailbox-state.js';
import { permissionSince } from '../mailbox/permission.js';
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

/** Makes or mends the tenant's topic. What failed is recorded, and so an answer and no refusal. */
export const provisionTopic = (means: Means, origin: Origin): Promise<Reply<Answer>> =>
  aloneWithTopic(means, origin, () => provision(means, origin));

/** The same as often as the clock asks for it, for as long as a mailbox needs the topic. */
export const verifyTopic = (means: Means, origin: Origin): Promise<Reply<Answer>> =>
  aloneWithTopic(means, origin, async () =>
    (await isNeeded(means, origin.tenantId)) ? provision(means, origin) : leave(means, origin),
  );

/** One at a time for a tenant, over all replicas. */
async function aloneWithTopic(
  { locks }: Pick<Means, 'locks'>,
  { tenantId }: Origin,
  work: () => Promise<Reply<Answer>>,
): Promise<Reply<Answer>> {
  const alone = await locks.exclusively(`topic:${tenantId}`, work, { wait: seconds(20) });
  return alone.acquired
    ? alone.value
    : refused(problem('stream.busy', { stream: streamName('topic', tenantId) }));
}

async function isNeeded(means: Pick<Means, 'database' | 'store'>, tenantId: string): Promise<boolean> {
  const mailboxes = await mailboxesOf(means.database, tenantId);
  if (mailboxes.some(({ connected }) => connected)) return true;
  // The read model may be a moment behind a permission that was just given.
  for (const mailbox of mailboxes) {
    const state = await mailboxStateOf(means, mailbox);
    if (isPresent(state) && isConnected(state, { grantedAt: await permissionSince(means, mailbox) }))
      return true;
  }
  return false;
}

async function leave({ store, clock }: Means, origin: Origin): Promise<Reply<Answer>> {
  const stream = streamName('topic', origin.tenantId);
  const result = await handleCommand(
    { store, clock, decider: topicDecider },
    stream,
    { type: 'LeaveTopic' },
    origin,
  );
  return result.ok ? accepted({ provisioned: false, problem: null }) : refused(problemOf(result.rejection));
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
