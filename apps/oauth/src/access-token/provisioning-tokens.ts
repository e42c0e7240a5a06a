import { importPKCS8, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import type { GetProvisioningToken } from '#contracts/oauth';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problem, type Problem } from '#problems/problem';
import { minutes, type Clock } from '#time/clock';
import type { GoogleApps } from '../google-app/google-apps.js';
import type { ServiceAccountKey } from '../google-app/service-account-key.js';
import type { SignIn } from '../google-sign-in/sign-in.js';
import { tokenHash } from '../grant/grant-tokens.js';

type ProvisioningToken = z.infer<typeof GetProvisioningToken.answer>;

const pubsubScope = 'https://www.googleapis.com/auth/pubsub';
const audience = 'https://oauth2.googleapis.com/token';
const renewedBeforeMs = minutes(5);
const lifetimeSeconds = 3_600;

/** Access tokens of tenants' service accounts: one per key, in memory only, since Google gives any number of them. */
export function provisioningTokens(
  { clock }: { clock: Clock },
  { apps, signIn }: { apps: GoogleApps; signIn: SignIn },
) {
  const memory = new LRUCache<string, ProvisioningToken>({ max: 10_000 });
  const inFlight = new Map<string, Promise<Reply<ProvisioningToken>>>();

  return async (
    { refusedTokenHash }: z.infer<typeof GetProvisioningToken.data>,
    { tenantId }: Origin,
  ): Promise<Reply<ProvisioningToken>> => {
    const { key, provisioning } = await apps.app(tenantId);
    if (!key || provisioning === 'manual')
      return refused(problem('google-app.incomplete', { missing: 'serviceAccountKey' }));
    // The key itself is part of the name: a key that was replaced serves nothing any more.
    const name = tokenHash(`${tenantId} ${key.private_key_id} ${key.private_key}`);
    const held = memory.get(name);
    if (held && livesOn(held, clock) && tokenHash(held.accessToken) !== refusedTokenHash)
      return accepted(held);
    const running = inFlight.get(name);
    if (running) return running;
    const own = signedIn(key).finally(() => inFlight.delete(name));
    inFlight.set(name, own);
    const reply = await own;
    if (reply.ok) memory.set(name, reply.value);
    return reply;
  };

  async function signedIn(key: ServiceAccountKey): Promise<Reply<ProvisioningToken>> {
    const askedAt = clock.now();
    const assertion = await signedAssertion(key, askedAt);
    const answer = await signIn.grantServiceAccount(assertion);
    if (!answer.ok) return refused(about(key, answer.problem));
    const { accessToken, expiresInSeconds } = answer.tokens;
    return accepted({
      accessToken,
      expiresAt: new Date(askedAt.getTime() + expiresInSeconds * 1_000).toISOString(),
      projectId: key.project_id,
      serviceAccountEmail: key.client_email,
    });
  }
}

const livesOn = ({ expiresAt }: ProvisioningToken, clock: Clock): boolean =>
  Date.parse(expiresAt) - clock.now().getTime() > renewedBeforeMs;

/** Signed against the injected clock: Google's libraries sign against the machine's. */
export async function signedAssertion(
  key: ServiceAccountKey,
  now: Date,
  scope = pubsubScope,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000);
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id })
    .setIssuer(key.client_email)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .sign(await importPKCS8(key.private_key, 'RS256'));
}

export const about = (key: ServiceAccountKey, found: Problem): Problem =>
  found.code.startsWith('service-account.')
    ? problem(found.code, { serviceAccount: key.client_email, projectId: key.project_id })
    : found;
