import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { World } from '../world.js';
import { enter, READ_EVENTS, READ_LIST, visit } from './access.js';
import { required } from './calendar-refusals.js';
import { resourceUri } from './channel-pusher.js';

const watchBody = z.looseObject({
  id: z.string().optional(),
  type: z.string().optional(),
  address: z.string().optional(),
  token: z.string().optional(),
  expiration: z.coerce.number().optional(),
  params: z.looseObject({ ttl: z.coerce.number().optional() }).optional(),
});

/** Channels on a calendar's events: opened by `watch`, closed by `stop`. */
export function registerChannels(app: FastifyInstance, world: World): void {
  app.post('/calendar/v3/calendars/:calendarId/events/watch', async (request) => {
    const { calendar, caller } = visit(world, request, READ_EVENTS);
    const { params, ...body } = watchBody.parse(request.body ?? {});
    const channel = await world.calendar.channels.open(calendar, caller, {
      ...body,
      ttlSeconds: params?.ttl,
    });
    const { id, resourceId, token, expiration } = channel;
    return {
      kind: 'api#channel',
      id,
      resourceId,
      resourceUri: resourceUri(calendar.id),
      ...(token !== undefined && { token }),
      expiration: expiration.getTime().toString(),
    };
  });

  app.post('/calendar/v3/channels/stop', (request, reply) => {
    const caller = enter(world, request, [...READ_EVENTS, ...READ_LIST]);
    const { id, resourceId } = z
      .looseObject({ id: z.string().optional(), resourceId: z.string().optional() })
      .parse(request.body ?? {});
    if (!id) throw required('Required parameter: channel.id');
    if (!resourceId) throw required('Required parameter: channel.resourceId');
    world.calendar.channels.stop(caller, id, resourceId);
    return reply.code(204).send();
  });
}
