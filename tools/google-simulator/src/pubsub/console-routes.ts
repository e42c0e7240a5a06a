import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GMAIL_PUBLISHER } from '../gmail/watches.js';
import type { World } from '../world.js';
import type { Topic } from './pubsub-state.js';
import { alreadyExists, projectNotFound, requireLegalName, resourceNotFound } from './refusals.js';
import { Subscription } from './subscription.js';
import { patchedConfig, subscriptionConfig } from './subscription-config.js';

const topicName = z.object({ topic: z.string() });
const subscriptionName = z.object({ subscription: z.string() });

/** What a tenant's admin does by hand in Google's console, or with its command line: no token, no permission is asked for. */
export function registerPubSubConsole(app: FastifyInstance, world: World): void {
  const { pubsub } = world;
  const topicNamed = (name: string): Topic => {
    const topic = pubsub.topics.get(name);
    if (!topic) throw resourceNotFound(name);
    return topic;
  };
  const subscriptionNamed = (name: string): Subscription => {
    const subscription = pubsub.subscription(name);
    if (!subscription) throw resourceNotFound(name);
    return subscription;
  };
  const projectOf = (name: string) => {
    const id = name.split('/')[1] ?? '';
    const project = world.projects.get(id);
    if (!project) throw projectNotFound(id);
    return project;
  };

  app.post('/simulator/pubsub/topics', (request) => {
    const { topic: name } = topicName.parse(request.body);
    requireLegalName(name, 'topics');
    const project = projectOf(name);
    if (pubsub.topics.has(name)) throw alreadyExists(name);
    pubsub.createTopic(name, project.id, {});
    return {};
  });

  app.get('/simulator/pubsub/topics', (request) => {
    const topic = topicNamed(topicName.parse(request.query).topic);
    const subscriptions = pubsub.subscriptionsOf(topic).map((one) => one.name);
    return { topic: topic.name, policy: topic.policy.resource(), subscriptions };
  });

  app.delete('/simulator/pubsub/topics', (request) => {
    pubsub.deleteTopic(topicNamed(topicName.parse(request.query).topic));
    return {};
  });

  /** Replaces the topic's publishers; an empty list takes every grant away. */
  app.put('/simulator/pubsub/topics/publishers', (request) => {
    const { topic, members } = topicName
      .extend({ members: z.array(z.string()).default([GMAIL_PUBLISHER]) })
      .parse(request.body);
    const bindings = members.length > 0 ? [{ role: 'roles/pubsub.publisher', members }] : [];
    topicNamed(topic).policy.replace({ bindings }, projectOf(topic), world);
    return {};
  });

  app.post('/simulator/pubsub/subscriptions', (request) => {
    const { subscription: name, config } = subscriptionName
      .extend({ config: z.unknown() })
      .parse(request.body);
    requireLegalName(name, 'subscriptions');
    const project = projectOf(name);
    if (pubsub.subscription(name)) throw alreadyExists(name);
    const parsed = subscriptionConfig(config, pubsub.settings);
    topicNamed(parsed.topic);
    const subscription = new Subscription(name, project.id, parsed, world);
    pubsub.addSubscription(subscription);
    return subscription.resource();
  });

  app.get('/simulator/pubsub/subscriptions', (request) =>
    subscriptionNamed(subscriptionName.parse(request.query).subscription).resource(),
  );

  /** Lets Google say that it cannot deliver to it. */
  app.post('/simulator/pubsub/subscriptions/resource-error', (request) => {
    subscriptionNamed(subscriptionName.parse(request.body).subscription).resourceError = true;
    return {};
  });

  /** Changes what is given and leaves the rest; what Google lets nobody change is refused. */
  app.patch('/simulator/pubsub/subscriptions', (request) => {
    const { subscription: name, change } = subscriptionName
      .extend({ change: z.record(z.string(), z.unknown()) })
      .parse(request.body);
    const subscription = subscriptionNamed(name);
    const body = { subscription: change, updateMask: Object.keys(change).join(',') };
    subscription.config = patchedConfig(subscription.config, body, pubsub.settings);
    subscription.touch();
    pubsub.pusher.pump(subscription);
    pubsub.changes.announce();
    return subscription.resource();
  });

  app.post('/simulator/pubsub/subscriptions/detach', (request) => {
    subscriptionNamed(subscriptionName.parse(request.body).subscription).detach();
    pubsub.changes.announce();
    return {};
  });

  app.delete('/simulator/pubsub/subscriptions', (request) => {
    pubsub.removeSubscription(subscriptionNamed(subscriptionName.parse(request.query).subscription));
    return {};
  });
}
