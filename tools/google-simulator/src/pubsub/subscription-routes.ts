import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../bearer.js';
import type { Project } from '../projects.js';
import type { World } from '../world.js';
import { policyCall } from './iam-calls.js';
import { enter, requireActAs, requirePermission } from './permissions.js';
import { pullFrom } from './pull.js';
import {
  alreadyExists,
  failedPrecondition,
  invalidArgument,
  requireLegalName,
  resourceNotFound,
} from './refusals.js';
import { pageOfNamed } from './named-pages.js';
import { Subscription } from './subscription.js';
import { patchedConfig, subscriptionConfig, type SubscriptionConfig } from './subscription-config.js';
import { verbCall } from './verb-call.js';

const ackIds = z.looseObject({ ackIds: z.array(z.string()).min(1) });
const deadline = ackIds.extend({ ackDeadlineSeconds: z.number().int().min(0).max(600).default(0) });

/** `/v1/projects/P/subscriptions/S`, with the calls behind a colon. */
export function registerSubscriptions(app: FastifyInstance, world: World): void {
  const { pubsub } = world;

  const at = (request: FastifyRequest) => {
    const { project: projectId, subscription: id } = request.params as {
      project: string;
      subscription?: string;
    };
    const { verb, resource } = verbCall(id ?? '');
    const name = `projects/${projectId}/subscriptions/${resource}`;
    const { caller, project } = enter(world, request, projectId);
    return { name, verb, caller, project };
  };
  const existing = (name: string, caller: Caller, permission: string, project: Project): Subscription => {
    const subscription = pubsub.subscription(name);
    requirePermission(world, caller, `pubsub.subscriptions.${permission}`, project, subscription?.policy);
    if (!subscription) throw resourceNotFound(name);
    return subscription;
  };
  const requireSigner = (config: SubscriptionConfig, caller: Caller, project: Project): void => {
    const email = config.pushConfig.oidcToken?.serviceAccountEmail;
    if (email === undefined) return;
    const home = world.serviceAccount(email)?.project;
    if (home && home.id !== project.id) {
      throw invalidArgument(`The service account ${email} must be in the same project as the subscription.`);
    }
    requireActAs(caller, email, project);
  };
  const reconfigure = (subscription: Subscription, config: SubscriptionConfig) => {
    subscription.config = config;
    subscription.touch();
    pubsub.pusher.pump(subscription);
    pubsub.changes.announce();
  };

  app.put('/v1/projects/:project/subscriptions/:subscription', (request) => {
    const { name, caller, project } = at(request);
    requireLegalName(name, 'subscriptions');
    requirePermission(world, caller, 'pubsub.subscriptions.create', project);
    const config = subscriptionConfig(request.body, pubsub.settings);
    const topic = pubsub.topics.get(config.topic);
    const topicProject = world.projects.get(config.topic.split('/')[1] ?? '');
    if (topicProject) {
      requirePermission(world, caller, 'pubsub.topics.attachSubscription', topicProject, topic?.policy);
    }
    if (pubsub.subscription(name)) throw alreadyExists(name);
    if (!topic) throw resourceNotFound(config.topic);
    requireSigner(config, caller, project);
    const subscription = new Subscription(name, project.id, config, world);
    pubsub.addSubscription(subscription);
    return subscription.resource();
  });

  app.get('/v1/projects/:project/subscriptions', (request) => {
    const { caller, project } = at(request);
    requirePermission(world, caller, 'pubsub.subscriptions.list', project);
    const mine = pubsub.subscriptions().filter(({ projectId }) => projectId === project.id);
    const { items, ...rest } = pageOfNamed(mine, request.query);
    return { ...(items.length > 0 && { subscriptions: items.map((one) => one.resource()) }), ...rest };
  });

  app.get('/v1/projects/:project/subscriptions/:subscription', (request) => {
    const { name, verb, caller, project } = at(request);
    if (verb === 'getIamPolicy') return iam(request, verb);
    return existing(name, caller, 'get', project).resource();
  });

  app.patch('/v1/projects/:project/subscriptions/:subscription', (request) => {
    const { name, caller, project } = at(request);
    const subscription = existing(name, caller, 'update', project);
    const config = patchedConfig(subscription.config, (request.body ?? {}) as object, pubsub.settings);
    requireSigner(config, caller, project);
    reconfigure(subscription, config);
    return subscription.resource();
  });

  app.delete('/v1/projects/:project/subscriptions/:subscription', (request) => {
    const { name, caller, project } = at(request);
    pubsub.removeSubscription(existing(name, caller, 'delete', project));
    return {};
  });

  app.post('/v1/projects/:project/subscriptions/:subscription', async (request, reply) => {
    const { name, verb, caller, project } = at(request);
    const subscription = (permission: string) => existing(name, caller, permission, project);
    switch (verb) {
      case 'modifyPushConfig': {
        const found = subscription('update');
        const { pushConfig } = (request.body ?? {}) as { pushConfig?: unknown };
        const config = subscriptionConfig({ ...found.config, pushConfig }, pubsub.settings);
        requireSigner(config, caller, project);
        reconfigure(found, config);
        return {};
      }
      case 'pull':
        return await pull(subscription('consume'), request, reply);
      case 'acknowledge': {
        const found = subscription('consume');
        for (const ackId of bodyOf(ackIds, request).ackIds) found.backlog.acknowledge(ackId);
        found.touch();
        pubsub.changes.announce();
        return {};
      }
      case 'modifyAckDeadline': {
        const found = subscription('consume');
        const { ackIds: ids, ackDeadlineSeconds } = bodyOf(deadline, request);
        for (const ackId of ids) {
          found.backlog.modifyDeadline(ackId, ackDeadlineSeconds * 1_000, () => pubsub.changes.announce());
        }
        return {};
      }
      case 'detach': {
        const found = subscription('update');
        found.detach();
        pubsub.changes.announce();
        return {};
      }
      case 'getIamPolicy':
      case 'setIamPolicy':
      case 'testIamPermissions':
        return iam(request, verb);
      default:
        return reply.callNotFound();
    }
  });

  async function pull(subscription: Subscription, request: FastifyRequest, reply: FastifyReply) {
    if (subscription.detached) throw failedPrecondition('The subscription is detached from its topic.');
    if (subscription.isPush)
      throw failedPrecondition('This method is not supported for this subscription type.');
    const { maxMessages, returnImmediately } = bodyOf(
      z.looseObject({
        maxMessages: z.number().int().positive(),
        returnImmediately: z.boolean().default(false),
      }),
      request,
    );
    const waitMs = returnImmediately ? 0 : pubsub.settings.pullWaitMs;
    return await pullFrom(world, subscription, maxMessages, waitMs, reply.raw);
  }

  function iam(request: FastifyRequest, verb: Parameters<typeof policyCall>[1]) {
    const { name, caller, project } = at(request);
    const policy = pubsub.subscription(name)?.policy;
    return policyCall(world, verb, {
      collection: 'subscriptions',
      name,
      policy,
      caller,
      project,
      body: request.body,
    });
  }
}

function bodyOf<T>(schema: z.ZodType<T>, request: FastifyRequest): T {
  const parsed = schema.safeParse(request.body ?? {});
  if (!parsed.success)
    throw invalidArgument(`Invalid JSON payload received. ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
