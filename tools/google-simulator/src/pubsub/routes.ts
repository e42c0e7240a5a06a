import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';
import { registerPubSubConsole } from './console-routes.js';
import { registerPushControls } from './push-controls.js';
import { registerSubscriptions } from './subscription-routes.js';
import { registerTopics } from './topic-routes.js';

/** Pub/Sub's REST API v1 with its IAM, and the admin's controls over pushes. */
export function registerPubSub(app: FastifyInstance, world: World): void {
  registerTopics(app, world);
  registerSubscriptions(app, world);
  registerPubSubConsole(app, world);
  registerPushControls(app, world);
  app.addHook('preClose', async () => world.pubsub.close());
}
