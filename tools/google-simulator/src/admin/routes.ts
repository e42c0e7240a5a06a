import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';
import { registerControls } from './control-routes.js';
import { registerClients, registerServiceAccounts } from './credential-routes.js';
import { registerHomePage } from './home-page.js';
import { registerProjects } from './project-routes.js';
import { registerUsers } from './user-routes.js';

/** What a person does in Google's console, account settings and admin console, and what only a simulator can do. */
export function registerAdmin(app: FastifyInstance, world: World): void {
  registerHomePage(app, world);
  registerProjects(app, world);
  registerClients(app, world);
  registerServiceAccounts(app, world);
  registerUsers(app, world);
  registerControls(app, world);
}
