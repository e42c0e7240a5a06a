import type { FastifyInstance } from 'fastify';
import type { GmailNotification } from '#deliveries/notifications';
import type { Logger } from '#logging/logger';
import { countPush } from '#operating/meters';
import type { Clock } from '#time/clock';
import type { PlainRoute } from '../api/api-module.js';
import type { PushBindings } from './push-bindings.js';
import { readPush } from './push-envelope.js';
import type { PushTokens } from './push-tokens.js';

export interface PushMeans {
  tokens: PushTokens;
  bindings: PushBindings;
  /** Resolves when the stream has it safely. */
  publish(notification: GmailNotification): Promise<void>;
  clock: Clock;
  logger: Logger;
}

/** Since the start; each line of the log about such a push carries them. */
interface PushCounts {
  refused: number;
  unusable: number;
}

const path = '/api/email/webhooks/google';
const largestPush = 1024 * 1024;

/**
 * Google's notifications. 2xx only after JetStream has confirmed: everything else makes Google send again. A push that
 * nobody vouches for learns nothing but 401; one that is genuine but of no use is taken, or it would come for a week.
 */
export function googlePush(means: PushMeans): PlainRoute {
  const counts: PushCounts = { refused: 0, unusable: 0 };
  return (instance) => {
    void instance.register((scope: FastifyInstance, _, done: () => void) => {
      scope.removeAllContentTypeParsers();
      // A push is read only after its sender is known, whatever it calls itself.
      scope.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: largestPush },
        (_request, body, parsed) => parsed(null, body),
      );
      scope.options(
        path,
        (_request, reply) => void reply.status(200).header('allow', 'POST, OPTIONS').send(),
      );
      scope.post(path, { bodyLimit: largestPush }, async (request, reply) => {
        const status = await take(means, counts, request.headers.authorization, request.body);
        return reply.status(status).send();
      });
      done();
    });
  };
}

async function take(
  { tokens, bindings, publish, clock, logger }: PushMeans,
  counts: PushCounts,
  authorization: string | undefined,
  body: unknown,
): Promise<204 | 401 | 503> {
  let tenantId: string | null = null;
  try {
    const identity = await tokens.identityOf(authorization);
    const push = identity ? readPush(body) : null;
    tenantId = identity && push ? await bindings.tenantOf(push.subscription, identity) : null;
    if (!tenantId || !push) {
      counts.refused++;
      countPush('gmail', 'refused');
      // Only what Google vouches for is worth a line: anybody can send the rest.
      if (identity)
        logger.warn(
          {
            subscription: push?.subscription,
            email: identity.email.slice(0, 200),
            audience: identity.audience.slice(0, 200),
            ...counts,
          },
          'a push of Google was refused: nothing of the kind was arranged',
        );
      return 401;
    }
    if (!push.notification) {
      counts.unusable++;
      countPush('gmail', 'unusable');
      logger.warn(
        { tenantId, messageId: push.pubsubMessageId, ...counts },
        'a push holds no notification of a mailbox and is passed over',
      );
      return 204;
    }
    await publish({
      tenantId,
      ...push.notification,
      pubsubMessageId: push.pubsubMessageId,
      pushedAt: clock.now().toISOString(),
    });
    countPush('gmail', 'accepted');
    return 204;
  } catch (error) {
    countPush('gmail', 'retried');
    logger.error(
      { ...(tenantId && { tenantId }), err: error },
      'a push could not be taken now; Google sends it again',
    );
    return 503;
  }
}
