import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { World } from '../world.js';
import { forgeries, sendForgedPush } from './forged-push.js';
import { pubSubSettings } from './pubsub-state.js';
import type { PushRecord } from './pusher.js';
import { invalidArgument, resourceNotFound } from './refusals.js';
import type { Subscription } from './subscription.js';

const settings = pubSubSettings.partial();
const timeoutMs = z.coerce.number().positive().default(10_000);
const wanted = z.object({
  subscription: z.string().optional(),
  messageId: z.string().optional(),
  /** The mailbox that a Gmail notification is about. */
  emailAddress: z.string().optional(),
  outcome: z.enum(['acked', 'nacked', 'lost']).optional(),
});
const delivered = wanted.extend({ count: z.coerce.number().int().positive().default(1), timeoutMs });

/** What tests need to know and do about pushes; no token is needed. */
export function registerPushControls(app: FastifyInstance, world: World): void {
  const { pubsub } = world;
  const named = (name: string): Subscription => {
    const subscription = pubsub.subscription(name);
    if (!subscription) throw resourceNotFound(name);
    return subscription;
  };
  /** Real time, not simulated: how long the caller is ready to wait. */
  const longPoll = (condition: () => boolean, patienceMs: number, reply: FastifyReply) =>
    pubsub.changes.until(condition, (giveUp) => {
      const timer = setTimeout(giveUp, patienceMs);
      reply.raw.once('close', giveUp);
      return () => {
        clearTimeout(timer);
        reply.raw.off('close', giveUp);
      };
    });

  app.get('/simulator/pubsub/settings', () => pubsub.settings);
  app.patch('/simulator/pubsub/settings', (request) => {
    for (const [name, value] of Object.entries(settings.parse(request.body))) {
      if (value !== undefined) Object.assign(pubsub.settings, { [name]: value });
    }
    return pubsub.settings;
  });

  app.get('/simulator/pubsub/pushes', (request) => ({
    pushes: pubsub.pusher.records.filter(matching(wanted.parse(request.query))),
  }));

  app.get('/simulator/pubsub/settled', async (request, reply) => {
    const query = z.object({ subscription: z.string().optional(), timeoutMs }).parse(request.query);
    const settled = await longPoll(
      () => pubsub.outstandingPushes(query.subscription) === 0,
      query.timeoutMs,
      reply,
    );
    return { settled, outstanding: pubsub.outstandingPushes(query.subscription) };
  });

  app.get('/simulator/pubsub/delivered', async (request, reply) => {
    const { count, timeoutMs: patienceMs, ...filter } = delivered.parse(request.query);
    const pushes = () => pubsub.pusher.records.filter(matching({ outcome: 'acked', ...filter }));
    const met = await longPoll(() => pushes().length >= count, patienceMs, reply);
    return { delivered: met, pushes: pushes() };
  });

  app.post('/simulator/pubsub/release', async (request) => {
    const { subscription } = z.object({ subscription: z.string() }).parse(request.body);
    await pubsub.pusher.release(named(subscription));
    return {};
  });

  app.post('/simulator/pubsub/forged-push', async (request) => {
    const { subscription, forgery, data } = z
      .object({
        subscription: z.string(),
        forgery: z.enum(forgeries),
        data: z.unknown().default({ emailAddress: 'somebody@example.com', historyId: 1 }),
      })
      .parse(request.body);
    const target = named(subscription);
    if (!target.isPush) throw invalidArgument('The subscription is not a push subscription.');
    return await sendForgedPush(world, target, forgery, data);
  });
}

function matching(filter: z.infer<typeof wanted>): (record: PushRecord) => boolean {
  return (record) =>
    (filter.subscription === undefined || record.subscription === filter.subscription) &&
    (filter.messageId === undefined || record.messageId === filter.messageId) &&
    (filter.outcome === undefined || record.outcome === filter.outcome) &&
    (filter.emailAddress === undefined ||
      record.data.includes(`"emailAddress":${JSON.stringify(filter.emailAddress)}`));
}
