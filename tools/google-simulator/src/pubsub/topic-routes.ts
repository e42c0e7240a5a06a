import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../bearer.js';
import type { Project } from '../projects.js';
import type { World } from '../world.js';
import { policyCall } from './iam-calls.js';
import { enter, requirePermission } from './permissions.js';
import type { Topic } from './pubsub-state.js';
import { alreadyExists, invalidArgument, requireLegalName, resourceNotFound } from './refusals.js';
import { pageOfNamed } from './named-pages.js';
import { verbCall } from './verb-call.js';

const message = z.object({
  data: z.string().default(''),
  attributes: z.record(z.string(), z.string()).default({}),
  orderingKey: z.string().optional(),
});
const publishBody = z.looseObject({ messages: z.array(message).min(1) });
const LARGEST_DATA_BYTES = 10 * 1024 * 1024;

/** `/v1/projects/P/topics/T`, with the calls behind a colon. */
export function registerTopics(app: FastifyInstance, world: World): void {
  const at = (request: FastifyRequest) => {
    const { project: projectId, topic: id } = request.params as { project: string; topic: string };
    const { verb, resource } = verbCall(id ?? '');
    const name = `projects/${projectId}/topics/${resource}`;
    const { caller, project } = enter(world, request, projectId);
    return { name, verb, caller, project };
  };
  const existing = (name: string, caller: Caller, permission: string, project: Project): Topic => {
    const topic = world.pubsub.topics.get(name);
    requirePermission(world, caller, permission, project, topic?.policy);
    if (!topic) throw resourceNotFound(name);
    return topic;
  };

  app.put('/v1/projects/:project/topics/:topic', (request) => {
    const { name, caller, project } = at(request);
    requireLegalName(name, 'topics');
    requirePermission(world, caller, 'pubsub.topics.create', project);
    if (world.pubsub.topics.has(name)) throw alreadyExists(name);
    const { labels } = z
      .looseObject({ labels: z.record(z.string(), z.string()).default({}) })
      .parse(request.body ?? {});
    return topicResource(world.pubsub.createTopic(name, project.id, labels));
  });

  app.get('/v1/projects/:project/topics', (request) => {
    const { caller, project } = at(request);
    requirePermission(world, caller, 'pubsub.topics.list', project);
    const topics = [...world.pubsub.topics.values()].filter(({ projectId }) => projectId === project.id);
    const { items, ...rest } = pageOfNamed(topics, request.query);
    return { ...(items.length > 0 && { topics: items.map(topicResource) }), ...rest };
  });

  app.get('/v1/projects/:project/topics/:topic', (request) => {
    const { name, verb, caller, project } = at(request);
    if (verb === 'getIamPolicy') return iam(request, verb, name, caller, project);
    return topicResource(existing(name, caller, 'pubsub.topics.get', project));
  });

  app.get('/v1/projects/:project/topics/:topic/subscriptions', (request) => {
    const { name, caller, project } = at(request);
    const topic = existing(name, caller, 'pubsub.topics.get', project);
    const { items, ...rest } = pageOfNamed(world.pubsub.subscriptionsOf(topic), request.query);
    return { ...(items.length > 0 && { subscriptions: items.map((one) => one.name) }), ...rest };
  });

  app.delete('/v1/projects/:project/topics/:topic', (request) => {
    const { name, caller, project } = at(request);
    world.pubsub.deleteTopic(existing(name, caller, 'pubsub.topics.delete', project));
    return {};
  });

  app.post('/v1/projects/:project/topics/:topic', (request, reply) => {
    const { name, verb, caller, project } = at(request);
    switch (verb) {
      case 'publish': {
        const topic = existing(name, caller, 'pubsub.topics.publish', project);
        return { messageIds: world.pubsub.publish(topic, messagesIn(request.body)) };
      }
      case 'getIamPolicy':
      case 'setIamPolicy':
      case 'testIamPermissions':
        return iam(request, verb, name, caller, project);
      default:
        return reply.callNotFound();
    }
  });

  function iam(
    request: FastifyRequest,
    verb: Parameters<typeof policyCall>[1],
    name: string,
    caller: Caller,
    project: Project,
  ) {
    return policyCall(world, verb, {
      collection: 'topics',
      name,
      policy: world.pubsub.topics.get(name)?.policy,
      caller,
      project,
      body: request.body,
    });
  }
}

function topicResource({ name, labels }: Topic) {
  return { name, ...(Object.keys(labels).length > 0 && { labels }) };
}

function messagesIn(body: unknown) {
  const parsed = publishBody.safeParse(body ?? {});
  if (!parsed.success) throw invalidArgument('The request must contain at least one message.');
  return parsed.data.messages.map(({ data, attributes, orderingKey }) => {
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length === 0 && Object.keys(attributes).length === 0) {
      throw invalidArgument('One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute.'); // prettier-ignore
    }
    if (bytes.length > LARGEST_DATA_BYTES) throw invalidArgument('The value for message_size is too large.');
    return { data: bytes, attributes, ...(orderingKey && { orderingKey }) };
  });
}
