import { randomBytes } from 'node:crypto';
import type { Caller } from '../bearer.js';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';

export const ACCESS_TOKEN_SECONDS = 3_599;

export interface AccessToken {
  readonly token: string;
  readonly holder:
    | { readonly kind: 'user'; readonly sub: string; readonly clientId: string }
    | { readonly kind: 'service-account'; readonly email: string };
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

/** Consents, codes and tokens. */
export class OAuthState {
  private readonly accessTokens = new Map<string, AccessToken>();

  constructor(private readonly world: World) {}

  issueAccessToken(holder: AccessToken['holder'], scopes: readonly string[]): AccessToken {
    const expiresAt = new Date(this.world.now().getTime() + ACCESS_TOKEN_SECONDS * 1_000);
    const issued = { token: `ya29.${randomBytes(96).toString('base64url')}`, holder, scopes, expiresAt };
    this.accessTokens.set(issued.token, issued);
    return issued;
  }

  /** An access token that has neither expired nor been revoked. */
  accessToken(token: string): AccessToken | undefined {
    const found = this.accessTokens.get(token);
    return found && found.expiresAt > this.world.now() ? found : undefined;
  }

  /** Whose refresh token or code this is. */
  userOfToken(_token: string): GoogleUser | undefined {
    return undefined;
  }

  callerOf(token: string): Caller | undefined {
    const found = this.accessToken(token);
    if (!found) return undefined;
    const scopes = new Set(found.scopes);
    if (found.holder.kind === 'service-account') {
      const owner = this.world.serviceAccount(found.holder.email);
      return owner && !owner.account.deleted ? { kind: 'service-account', ...owner, scopes } : undefined;
    }
    const user = this.world.userBySub(found.holder.sub);
    const owner = this.world.client(found.holder.clientId);
    if (!user || !owner || owner.client.state !== 'active') return undefined;
    return { kind: 'user', user, ...owner, scopes };
  }
}
