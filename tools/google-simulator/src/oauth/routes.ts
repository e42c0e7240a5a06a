import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';
import { registerAuthorize } from './authorize.js';
import { registerDiscovery } from './discovery.js';
import { registerIdentity } from './identity.js';
import { registerRevoke } from './revoke.js';
import { registerToken } from './token.js';

export function registerOAuth(app: FastifyInstance, world: World): void {
  registerAuthorize(app, world);
  registerToken(app, world);
  registerRevoke(app, world);
  registerIdentity(app, world);
  registerDiscovery(app, world);
}
