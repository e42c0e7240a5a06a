import { generateKeyPairSync, sign } from 'node:crypto';
import type { World } from '../world.js';
import { pushClaims, pushRequest } from './push-request.js';
import type { Subscription } from './subscription.js';

export const forgeries = [
  /** Signed by Google, but for another service account. */
  'another-service-account',
  /** Signed by Google for the right account, with another audience. */
  'another-audience',
  /** No authorization header at all. */
  'no-token',
  /** `alg: none`, no signature. */
  'unsigned',
  /** The right claims under somebody else's key. */
  'another-key',
  /** Signed by Google, expired an hour ago. */
  'expired',
  /** Signed by Google, with `email_verified: false`. */
  'unverified-email',
  /** Signed under Google's key in the name of another issuer. */
  'another-issuer',
] as const;
export type Forgery = (typeof forgeries)[number];

const HOUR_SECONDS = 3_600;

/** Sends a push with a right envelope and a wrong identity straight to the subscription's endpoint. */
export async function sendForgedPush(
  world: World,
  subscription: Subscription,
  forgery: Forgery,
  data: unknown,
): Promise<{ status: number; body: string }> {
  const { pushConfig, deadLetterPolicy } = subscription.config;
  const message = {
    messageId: world.nextId(16),
    data: Buffer.from(JSON.stringify(data)),
    attributes: {},
    publishedAt: world.now(),
  };
  const { headers, body } = pushRequest(message, subscription.name, pushConfig, deadLetterPolicy && 1);
  const token = forgedToken(world, subscription, forgery);
  const response = await fetch(pushConfig.pushEndpoint ?? '', {
    method: 'POST',
    redirect: 'manual',
    headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
  return { status: response.status, body: await response.text() };
}

function forgedToken(world: World, subscription: Subscription, forgery: Forgery): string | undefined {
  const { oidcToken, pushEndpoint = '' } = subscription.config.pushConfig;
  const email = oidcToken?.serviceAccountEmail ?? 'nobody@example.iam.gserviceaccount.com';
  const uniqueId = world.serviceAccount(email)?.account.uniqueId ?? world.nextId(21);
  const claims = pushClaims({
    email,
    uniqueId,
    audience: oidcToken?.audience || pushEndpoint,
    iat: world.epochSeconds(),
  });
  switch (forgery) {
    case 'no-token':
      return undefined;
    case 'another-service-account': {
      const stranger = world.nextId(21);
      const strangersEmail = 'attacker@another-tenant.iam.gserviceaccount.com';
      return world.keys.signIdToken({ ...claims, email: strangersEmail, sub: stranger, azp: stranger });
    }
    case 'another-audience':
      return world.keys.signIdToken({ ...claims, aud: 'https://another.example.com/push' });
    case 'expired':
      return world.keys.signIdToken({
        ...claims,
        iat: claims.iat - 2 * HOUR_SECONDS,
        exp: claims.iat - HOUR_SECONDS,
      });
    case 'unverified-email':
      return world.keys.signIdToken({ ...claims, email_verified: false });
    case 'another-issuer':
      return world.keys.signIdToken({ ...claims, iss: 'https://accounts.example.com' });
    case 'unsigned':
      return `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims)}.`;
    case 'another-key': {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const input = `${encoded({ alg: 'RS256', kid: world.keys.kid, typ: 'JWT' })}.${encoded(claims)}`;
      return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`;
    }
  }
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
