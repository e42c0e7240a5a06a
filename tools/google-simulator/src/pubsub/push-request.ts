import type { World } from '../world.js';
import type { PubSubMessage } from './backlog.js';
import type { PushConfig } from './subscription-config.js';

const TOKEN_LIFETIME_SECONDS = 3_600;
const REUSED_FOR_SECONDS = 3_000;

export interface PushRequest {
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** The body and headers of one push, without the authorization. */
export function pushRequest(
  message: PubSubMessage,
  subscription: string,
  { noWrapper }: PushConfig,
  deliveryAttempt?: number,
): PushRequest {
  const publishTime = message.publishedAt.toISOString();
  const agent = { 'user-agent': 'CloudPubSub-Google' };
  if (noWrapper) {
    const metadata = {
      'x-goog-pubsub-subscription-name': subscription,
      'x-goog-pubsub-message-id': message.messageId,
      'x-goog-pubsub-publish-time': publishTime,
    };
    return { headers: { ...agent, ...(noWrapper.writeMetadata && metadata) }, body: message.data };
  }
  const { messageId, attributes, orderingKey } = message;
  const body = JSON.stringify({
    message: {
      ...(Object.keys(attributes).length > 0 && { attributes }),
      data: message.data.toString('base64'),
      messageId,
      message_id: messageId,
      ...(orderingKey && { orderingKey }),
      publishTime,
      publish_time: publishTime,
    },
    subscription,
    ...(deliveryAttempt !== undefined && { deliveryAttempt }),
  });
  return { headers: { ...agent, 'content-type': 'application/json' }, body };
}

/** Mints the tokens that say which service account a push comes from; one serves for most of an hour. */
export class PushTokens {
  private readonly minted = new Map<string, { token: string; iat: number }>();

  constructor(private readonly world: World) {}

  /** Undefined when the service account is gone: Google cannot sign, and the push fails. */
  for({ oidcToken, pushEndpoint = '' }: PushConfig): string | undefined {
    if (!oidcToken) return undefined;
    const account = this.world.serviceAccount(oidcToken.serviceAccountEmail)?.account;
    if (!account || account.deleted) return undefined;
    const audience = oidcToken.audience || pushEndpoint;
    const key = `${account.uniqueId} ${audience}`;
    const now = this.world.epochSeconds();
    const known = this.minted.get(key);
    if (known && now < known.iat + REUSED_FOR_SECONDS) return known.token;
    const token = this.world.keys.signIdToken(pushClaims({ ...account, audience, iat: now }));
    this.minted.set(key, { token, iat: now });
    return token;
  }
}

export function pushClaims(push: { email: string; uniqueId: string; audience: string; iat: number }) {
  return {
    aud: push.audience,
    azp: push.uniqueId,
    email: push.email,
    email_verified: true,
    exp: push.iat + TOKEN_LIFETIME_SECONDS,
    iat: push.iat,
    iss: 'https://accounts.google.com',
    sub: push.uniqueId,
  };
}
