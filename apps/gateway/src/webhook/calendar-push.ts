import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CalendarNotification } from '#deliveries/calendar-notifications';
import type { Logger } from '#logging/logger';
import { countPush } from '#operating/meters';
import type { Clock } from '#time/clock';
import type { PlainRoute } from '../api/api-module.js';
import type { ChannelBindings, ChannelProof } from './channel-bindings.js';

export interface CalendarPushMeans {
  bindings: ChannelBindings;
  /** Resolves when the stream has it safely. */
  publish(notification: CalendarNotification): Promise<void>;
  clock: Clock;
  logger: Logger;
}

const path = '/api/calendar/webhooks/google';
/** Google's notifications have no body at all. */
const largestBody = 64 * 1024;

/**
 * Google's notifications about calendars. 2xx only after JetStream has confirmed; 503 makes Google send again. Whoever does not know a channel's
 * id, token and resource learns nothing but 404, which Google does not repeat.
 */
export function calendarPush(means: CalendarPushMeans): PlainRoute {
  return (instance) => {
    void instance.register((scope: FastifyInstance, _, done: () => void) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: largestBody },
        (_request, _body, parsed) => parsed(null, undefined),
      );
      scope.options(
        path,
        (_request, reply) => void reply.status(200).header('allow', 'GET, POST, OPTIONS').send(),
      );
      // The host's receivers are probed like this. As plain text it cannot become a page.
      scope.get(path, (request, reply) => {
        const { validationToken } = request.query as Record<string, unknown>;
        void reply
          .status(200)
          .header('content-type', 'text/plain; charset=utf-8')
          .header('x-content-type-options', 'nosniff')
          .send(typeof validationToken === 'string' ? validationToken.slice(0, 1_000) : 'ok');
      });
      scope.post(path, { bodyLimit: largestBody }, async (request, reply) => {
        const status = await take(means, request);
        return status === 200
          ? reply.status(200).send({ success: true, accepted: true })
          : reply.status(status).send();
      });
      done();
    });
  };
}

async function take(
  { bindings, publish, clock, logger }: CalendarPushMeans,
  request: FastifyRequest,
): Promise<200 | 404 | 503> {
  let about: Partial<CalendarNotification> = {};
  try {
    const proof = proofIn(request);
    const owner = proof && (await bindings.ownerOf(proof));
    if (!owner) {
      countPush('calendar', 'refused');
      return 404;
    }
    const { tenantId, providerId, calendarId } = owner;
    about = { tenantId, providerId, calendarId };
    const messageNumber = Number(headerOf(request, 'x-goog-message-number'));
    await publish({
      tenantId,
      providerId,
      calendarId,
      channelId: proof.channelId,
      resourceId: proof.resourceId,
      state: headerOf(request, 'x-goog-resource-state').slice(0, 50),
      messageNumber: Number.isSafeInteger(messageNumber) ? messageNumber : 0,
      receivedAt: clock.now().toISOString(),
    });
    countPush('calendar', 'accepted');
    return 200;
  } catch (error) {
    countPush('calendar', 'retried');
    logger.error(
      { ...about, err: error },
      'a notification about a calendar could not be taken now; Google sends it again',
    );
    return 503;
  }
}

/** Channel ids of ours are UUIDs: anything else is not worth looking for. */
const wellFormed = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function proofIn(request: FastifyRequest): ChannelProof | null {
  const channelId = headerOf(request, 'x-goog-channel-id');
  const token = headerOf(request, 'x-goog-channel-token');
  const resourceId = headerOf(request, 'x-goog-resource-id');
  return wellFormed.test(channelId) && token !== '' && resourceId !== ''
    ? { channelId, token, resourceId }
    : null;
}

function headerOf({ headers }: FastifyRequest, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
