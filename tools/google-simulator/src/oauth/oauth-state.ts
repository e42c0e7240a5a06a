import { randomBytes, randomUUID } from 'node:crypto';
import { days, minutes } from '#time/clock';
import type { Caller } from '../bearer.js';
import type { GoogleUser } from '../users.js';
import type { World } from '../world.js';
import type { AuthorizationRequest } from './authorization-request.js';
import { Consents } from './consents.js';
import { grantLifetime, refreshRefusal } from './refresh-death.js';
import type { RefreshToken } from './refresh-death.js';
import type { SavedOAuth } from './saved-oauth.js';
import { isGmailScope } from './scopes.js';

export const ACCESS_TOKEN_SECONDS = 3_599;
const CODE_LIFETIME_MS = minutes(10);
const LIVE_REFRESH_TOKENS = 100;
const UNUSED_CLIENT_LIFETIME_MS = days(183);

export interface AccessToken {
  readonly token: string;
  readonly holder:
    | { readonly kind: 'user'; readonly sub: string; readonly clientId: string }
    | { readonly kind: 'service-account'; readonly email: string };
  readonly scopes: readonly string[];
  readonly expiresAt: Date;
}

/** A person on the way through the consent pages. */
export interface Attempt {
  readonly id: string;
  readonly request: AuthorizationRequest;
  user?: GoogleUser;
  warningAccepted: boolean;
}

export interface Code {
  readonly code: string;
  readonly request: AuthorizationRequest;
  readonly sub: string;
  readonly scopes: readonly string[];
  /** Whether the user saw the consent page: without it there is no refresh token. */
  readonly consentShown: boolean;
  /** How long the user lets the app in; absent = until removed. */
  readonly accessMs?: number;
  readonly expiresAt: Date;
  used: boolean;
}

const secret = (prefix: string, bytes: number): string => prefix + randomBytes(bytes).toString('base64url');

/** Consents, codes and tokens. */
export class OAuthState {
  readonly attempts = new Map<string, Attempt>();
  readonly consents: Consents;
  private readonly codes = new Map<string, Code>();
  private readonly refreshTokens = new Map<string, RefreshToken>();
  private readonly accessTokens = new Map<string, AccessToken>();

  constructor(private readonly world: World) {
    this.consents = new Consents(world);
  }

  startAttempt(request: AuthorizationRequest): Attempt {
    const attempt: Attempt = { id: randomUUID(), request, warningAccepted: false };
    this.attempts.set(attempt.id, attempt);
    return attempt;
  }

  issueCode(
    user: GoogleUser,
    request: AuthorizationRequest,
    scopes: readonly string[],
    given: { consentShown: boolean; accessMs?: number },
  ): Code {
    const { project } = request;
    const before = this.consents.granted(user.sub, project.id);
    if (given.consentShown) {
      const expiresAt = this.endOf(grantLifetime(project, scopes, given.accessMs));
      this.consents.grant(user.sub, project.id, scopes, expiresAt);
    }
    const code: Code = {
      code: secret('4/0A', 52),
      request,
      sub: user.sub,
      scopes: request.includeGrantedScopes ? [...new Set([...scopes, ...before])] : scopes,
      ...given,
      expiresAt: this.fromNow(CODE_LIFETIME_MS),
      used: false,
    };
    this.codes.set(code.code, code);
    return code;
  }

  code(code: string): Code | undefined {
    return this.codes.get(code);
  }

  issueRefreshToken(user: GoogleUser, code: Code): RefreshToken {
    const { client, project } = code.request;
    const expiresAt = this.endOf(grantLifetime(project, code.scopes, code.accessMs));
    const now = this.world.now();
    const token: RefreshToken = {
      token: secret('1//0', 72),
      sub: user.sub,
      clientId: client.clientId,
      projectId: project.id,
      scopes: code.scopes,
      issuedAt: now,
      lastUsedAt: now,
      passwordEpoch: user.passwordEpoch,
      revoked: false,
      ...(expiresAt && { expiresAt }),
    };
    this.refreshTokens.set(token.token, token);
    this.evictOldest(token);
    return token;
  }

  refreshToken(token: string): RefreshToken | undefined {
    return this.refreshTokens.get(token);
  }

  issueAccessToken(holder: AccessToken['holder'], scopes: readonly string[]): AccessToken {
    const expiresAt = this.fromNow(ACCESS_TOKEN_SECONDS * 1_000);
    const issued = { token: secret('ya29.a0', 128), holder, scopes, expiresAt };
    this.accessTokens.set(issued.token, issued);
    return issued;
  }

  /** An access token that has neither expired nor been revoked. */
  accessToken(token: string): AccessToken | undefined {
    const found = this.accessTokens.get(token);
    if (found && found.expiresAt <= this.world.now()) this.accessTokens.delete(token);
    return this.accessTokens.get(token);
  }

  dropAccessToken(token: string): void {
    this.accessTokens.delete(token);
  }

  /** Whose refresh token or code this is. */
  userOfToken(token: string): GoogleUser | undefined {
    const sub = this.refreshTokens.get(token)?.sub ?? this.codes.get(token)?.sub;
    return sub === undefined ? undefined : this.world.userBySub(sub);
  }

  callerOf(token: string): Caller | undefined {
    const found = this.accessToken(token);
    if (!found) return undefined;
    const scopes = new Set(found.scopes);
    if (found.holder.kind === 'service-account') {
      const owner = this.world.serviceAccount(found.holder.email);
      return owner && !owner.account.deleted && !owner.account.disabled
        ? { kind: 'service-account', ...owner, scopes }
        : undefined;
    }
    const user = this.world.userBySub(found.holder.sub);
    const owner = this.world.client(found.holder.clientId);
    if (!user || !owner || owner.client.state !== 'active') return undefined;
    return { kind: 'user', user, ...owner, scopes };
  }

  /** Ends all that the user granted to the project, for every client of the project. */
  removeAccess(sub: string, projectId: string): void {
    this.consents.remove(sub, projectId);
    for (const token of this.refreshTokens.values()) {
      if (token.sub === sub && token.projectId === projectId) token.revoked = true;
    }
    this.dropAccessTokens(sub, ({ clientId }) => this.world.client(clientId)?.project.id === projectId);
    for (const code of this.codes.values()) {
      if (code.sub === sub && code.request.project.id === projectId) code.used = true;
    }
  }

  /** Access tokens with Gmail scopes end at once; refresh tokens with them notice the new epoch. */
  changePassword(user: GoogleUser): void {
    user.passwordEpoch += 1;
    this.dropAccessTokens(user.sub, ({ scopes }) => scopes.some(isGmailScope));
  }

  /** How many refresh tokens of the user still work with the client. */
  liveRefreshTokens(user: GoogleUser, clientId: string): RefreshToken[] {
    const workspace = this.world.workspaces.get(user.workspaceDomain ?? '');
    return [...this.refreshTokens.values()].filter(
      (token) =>
        token.sub === user.sub &&
        token.clientId === clientId &&
        !refreshRefusal(token, user, workspace, this.world.now()),
    );
  }

  /** Marks a client deleted that nobody edited or used for six months. */
  retireUnused(clientId: string): void {
    const client = this.world.client(clientId)?.client;
    if (!client) return;
    const idle = this.world.now().getTime() - client.lastActiveAt.getTime();
    if (idle >= UNUSED_CLIENT_LIFETIME_MS) client.state = 'deleted';
  }

  /** People on their way through the consent pages are left out: they start again from the app. */
  snapshot(): SavedOAuth {
    return {
      consents: this.consents.snapshot(),
      codes: [...this.codes.values()].map(({ request, ...code }) => {
        const { client, prompts, ...wishes } = request;
        return { ...code, request: { ...wishes, clientId: client.clientId, prompts: new Set(prompts) } };
      }),
      refreshTokens: [...this.refreshTokens.values()],
      accessTokens: [...this.accessTokens.values()].filter(({ expiresAt }) => expiresAt > this.world.now()),
    };
  }

  /** Needs the projects. A code whose client is gone could not be exchanged any more, and is dropped. */
  restore({ consents, codes, refreshTokens, accessTokens }: SavedOAuth): void {
    this.consents.restore(consents);
    for (const { request, ...code } of codes) {
      const { clientId, ...wishes } = request;
      const owner = this.world.client(clientId);
      if (owner) this.codes.set(code.code, { ...code, request: { ...wishes, ...owner } });
    }
    for (const token of refreshTokens) this.refreshTokens.set(token.token, token);
    for (const token of accessTokens) this.accessTokens.set(token.token, token);
  }

  private dropAccessTokens(
    sub: string,
    doomed: (token: { clientId: string; scopes: readonly string[] }) => boolean,
  ): void {
    for (const { token, holder, scopes } of this.accessTokens.values()) {
      if (holder.kind !== 'user' || holder.sub !== sub) continue;
      if (doomed({ clientId: holder.clientId, scopes })) this.accessTokens.delete(token);
    }
  }

  private evictOldest({ sub, clientId }: RefreshToken): void {
    const alive = [...this.refreshTokens.values()].filter(
      (token) => token.sub === sub && token.clientId === clientId && !token.revoked,
    );
    for (const token of alive.slice(0, -LIVE_REFRESH_TOKENS)) token.revoked = true;
  }

  private endOf(lifetimeMs: number | undefined): Date | undefined {
    return lifetimeMs === undefined ? undefined : this.fromNow(lifetimeMs);
  }

  private fromNow(milliseconds: number): Date {
    return new Date(this.world.now().getTime() + milliseconds);
  }
}
