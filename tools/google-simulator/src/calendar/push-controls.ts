import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { found, parseBody } from '../admin/request-body.js';
import type { World } from '../world.js';
import { notificationHeaders, type ChannelPost } from './channel-pusher.js';

const timeoutMs = z.coerce.number().positive().default(10_000);
const wanted = z.object({
  channelId: z.string().optional(),
  calendarId: z.string().optional(),
  state: z.enum(['sync', 'exists', 'not_exists']).optional(),
  outcome: z.enum(['accepted', 'refused', 'lost']).optional(),
});
const delivered = wanted.extend({ count: z.coerce.number().int().positive().default(1), timeoutMs });
export const forgedNotification = z.strictObject({
  channelId: z.string(),
  forgery: z.enum([
    /** Somebody guesses the token. */
    'another-token',
    /** No token at all. */
    'no-token',
    /** The token of this channel for something else. */
    'another-resource',
    /** A channel that nobody opened. */
    'unknown-channel',
    /** Not forged: what was sent before is sent once more, word for word. */
    'replayed',
  ]),
});

/** What tests need to know and do about notifications; no token is needed. */
export function registerChannelControls(app: FastifyInstance, world: World): void {
  const { channels } = world.calendar;
  const { pusher } = channels;
  /** Real time, not simulated: how long the caller is ready to wait. */
  const longPoll = (condition: () => boolean, patienceMs: number, reply: FastifyReply) =>
    pusher.changes.until(condition, (giveUp) => {
      const timer = setTimeout(giveUp, patienceMs);
      reply.raw.once('close', giveUp);
      return () => {
        clearTimeout(timer);
        reply.raw.off('close', giveUp);
      };
    });

  app.get('/simulator/calendar/pushes', (request) => ({
    pushes: pusher.records.filter(matching(wanted.parse(request.query))),
  }));

  app.get('/simulator/calendar/settled', async (request, reply) => {
    const query = z.object({ calendarId: z.string().optional(), timeoutMs }).parse(request.query);
    const settled = await longPoll(
      () => pusher.outstandingOn(query.calendarId) === 0,
      query.timeoutMs,
      reply,
    );
    return { settled, outstanding: pusher.outstandingOn(query.calendarId) };
  });

  app.get('/simulator/calendar/delivered', async (request, reply) => {
    const { count, timeoutMs: patienceMs, ...filter } = delivered.parse(request.query);
    const pushes = () => pusher.records.filter(matching({ outcome: 'accepted', ...filter }));
    const met = await longPoll(() => pushes().length >= count, patienceMs, reply);
    return { delivered: met, pushes: pushes() };
  });

  app.post('/simulator/calendar/release', async () => {
    await pusher.release();
    return {};
  });

  app.post('/simulator/calendar/forged-notification', async (request) => {
    const { channelId, forgery } = parseBody(forgedNotification, request);
    const channel = found(channels.byId(channelId), 'channel');
    const headers = notificationHeaders(
      channel,
      'exists',
      channel.messageNumber + (forgery === 'replayed' ? 0 : 1),
    );
    const changes: Record<typeof forgery, () => void> = {
      'another-token': () => (headers['x-goog-channel-token'] = 'f'.repeat(64)),
      'no-token': () => delete headers['x-goog-channel-token'],
      'another-resource': () => (headers['x-goog-resource-id'] = 'somebody-elses-resource'),
      'unknown-channel': () => (headers['x-goog-channel-id'] = '00000000-0000-4000-8000-000000000000'),
      replayed: () => undefined,
    };
    changes[forgery]();
    const response = await fetch(channel.address, { method: 'POST', redirect: 'manual', headers });
    return { status: response.status, body: await response.text() };
  });
}

function matching(filter: z.infer<typeof wanted>): (post: ChannelPost) => boolean {
  return (post) =>
    (filter.channelId === undefined || post.channelId === filter.channelId) &&
    (filter.calendarId === undefined || post.calendarId === filter.calendarId) &&
    (filter.state === undefined || post.state === filter.state) &&
    (filter.outcome === undefined || post.outcome === filter.outcome);
}
