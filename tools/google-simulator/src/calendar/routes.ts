import type { FastifyInstance } from 'fastify';
import type { World } from '../world.js';
import { registerCalendarAdmin } from './calendar-admin-routes.js';
import { registerCalendarLists } from './calendar-list-routes.js';
import { registerChannels } from './channel-routes.js';
import { registerEvents } from './event-routes.js';
import { registerChannelControls } from './push-controls.js';

/** Calendar's REST API v3 as far as a calendar integration needs it, and the admin's way to change calendars. */
export function registerCalendar(app: FastifyInstance, world: World): void {
  registerCalendarLists(app, world);
  registerEvents(app, world);
  registerChannels(app, world);
  registerCalendarAdmin(app, world);
  registerChannelControls(app, world);
}
