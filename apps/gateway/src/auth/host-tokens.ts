import { createHash } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Configuration } from '#configuration/configuration';
import type { Clock } from '#time/clock';
import type { Caller } from '../api/route.js';

const claims = z
  .object({
    tenant: z.string().optional(),
    tenant_id: z.string().optional(),
    // Stands in every event that follows.
    sub: z
      .string()
      .min(1)
      .max(255)
      .refine((user) => user.isWellFormed() && !user.includes('\0')),
    permissions: z.array(z.string()).default([]),
    exp: z.number(),
  })
  .transform(({ tenant, tenant_id, sub, permissions, exp }) => ({
    tenantId: tenant ?? tenant_id ?? '',
    userId: sub,
    permissions,
    exp,
  }))
  // The rule of stream names and of the Secrets Provider: a tenant id is also part of a file's and a subject's name.
  .refine(({ tenantId }) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(tenantId));

const toleranceSeconds = 30;

/** Reads the host's tokens. Verified ones are remembered by their hash until they expire, so that a busy page costs one signature check. */
export class HostTokens {
  private readonly verified = new LRUCache<string, Caller & { exp: number }>({ max: 10_000 });
  private readonly verify: (token: string) => Promise<JWTPayload>;

  /** The clock is the one that the host's issuer lives by: the machine's, also where a demonstration moves the service's own. */
  constructor(
    auth: Configuration['auth'],
    private readonly clock: Clock,
  ) {
    const expected = {
      ...(auth.issuer ? { issuer: auth.issuer } : {}),
      ...(auth.audience ? { audience: auth.audience } : {}),
      requiredClaims: ['exp'],
      clockTolerance: toleranceSeconds,
    };
    if (auth.kind === 'jwks') {
      const keys = publishedKeys(auth.url);
      const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'];
      this.verify = async (token) =>
        (await jwtVerify(token, keys, { ...expected, algorithms, currentDate: this.clock.now() })).payload;
    } else {
      const secret = new TextEncoder().encode(auth.secret);
      this.verify = async (token) =>
        (
          await jwtVerify(token, secret, {
            ...expected,
            algorithms: ['HS256'],
            currentDate: this.clock.now(),
          })
        ).payload;
    }
  }

  /** Null: nobody that is known here. Why is said to nobody. `unverifiable`: the host's keys cannot be had, so nothing can be said. */
  async callerOf(authorization: string | undefined): Promise<Caller | 'unverifiable' | null> {
    const token = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) return null;
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(hash);
    if (known && (known.exp + toleranceSeconds) * 1_000 > this.clock.now().getTime()) return known;
    try {
      const caller = claims.parse(await this.verify(token));
      this.verified.set(hash, caller);
      return caller;
    } catch (error) {
      return error instanceof KeysUnavailable ? 'unverifiable' : null;
    }
  }
}

class KeysUnavailable extends Error {}

function publishedKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), { cooldownDuration: 5_000 });
  return (header, token) =>
    keys(header, token).catch((error: unknown) => {
      const isOfToken =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported;
      throw isOfToken ? error : new KeysUnavailable();
    });
}
