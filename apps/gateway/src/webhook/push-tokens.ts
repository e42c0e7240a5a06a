import { createHash } from 'node:crypto';
import { jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Clock } from '#time/clock';
import type { GoogleCertificates } from './google-certificates.js';

/** Whom Google vouches for. Whether that is the right one is the binding's question. */
export interface PushIdentity {
  email: string;
  audience: string;
}

const claims = z.object({
  aud: z.string(),
  email: z.string(),
  email_verified: z.literal(true),
  iat: z.number(),
  exp: z.number(),
});

const issuers = ['https://accounts.google.com', 'accounts.google.com'];
const skewSeconds = 300;

/** Google reuses a token for up to an hour: it is verified once and remembered by its hash. */
export class PushTokens {
  private readonly verified = new LRUCache<string, PushIdentity & { exp: number }>({ max: 20_000 });

  constructor(
    private readonly certificates: GoogleCertificates,
    private readonly clock: Clock,
  ) {}

  /** Null: not Google's word. @throws when Google's keys cannot be had, so that nothing can be said */
  async identityOf(authorization: string | undefined): Promise<PushIdentity | null> {
    const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) return null;
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.verified.get(hash);
    if (known && (known.exp + skewSeconds) * 1_000 > this.clock.now().getTime()) return known;
    const kid = keyIdOf(token);
    const key = kid === null ? undefined : await this.certificates.key(kid);
    if (!key) return null;
    const now = this.clock.now();
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['RS256'],
        issuer: issuers,
        currentDate: now,
        clockTolerance: skewSeconds,
        requiredClaims: ['exp', 'iat', 'aud', 'email'],
      });
      const { aud, email, iat, exp } = claims.parse(payload);
      if (iat > now.getTime() / 1_000 + skewSeconds) return null;
      const identity = { email, audience: aud, exp };
      this.verified.set(hash, identity);
      return identity;
    } catch {
      return null;
    }
  }
}

const header = z.object({ alg: z.literal('RS256'), kid: z.string() });

function keyIdOf(token: string): string | null {
  try {
    const [encoded = ''] = token.split('.');
    return header.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'))).kid;
  } catch {
    return null;
  }
}
