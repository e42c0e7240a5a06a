import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import type { GetAccessToken } from '#contracts/oauth';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { definitionOf, problem, type Problem } from '#problems/problem';
import { minutes, seconds } from '#time/clock';
import type { Causes } from '../cause/find-causes.js';
import type { InNameOf } from '../google-app/either-secret.js';
import type { GoogleApps } from '../google-app/google-apps.js';
import type { SignIn } from '../google-sign-in/sign-in.js';
import {
  provenAt,
  readTokens,
  sharedToken,
  tokenHash,
  tokensToKeep,
  type SharedAccessToken,
} from '../grant/grant-tokens.js';
import type { Grants } from '../grant/grants.js';
import { isAnother, nextStep, willDo, type NextStep, type Situation } from './next-step.js';

export type TokenReply = Reply<z.infer<typeof GetAccessToken.answer>>;

export interface AccessTokens {
  get(request: z.infer<typeof GetAccessToken.data>, origin: Origin): Promise<TokenReply>;
  /**
   * As `get`, looking at what is stored now instead of what this process remembers, and without falling back on a token that still lives.
   * A token that Google gave before `provenSince` does not count: only its answer shows whether it accepts what is stored.
   */
  check(providerId: string, origin: Origin, options: { provenSince: Date | null }): Promise<TokenReply>;
  /** Forgets what this process remembers of a provider. Other processes look again within half a minute. */
  drop(tenantId: string, providerId: string): void;
}

interface AccessTokenMeans {
  apps: GoogleApps;
  grants: Grants;
  causes: Causes;
  signIn: SignIn;
  inNameOf: InNameOf;
}

const rememberedMs = seconds(30);
const settingsRetriedAfterMs = minutes(1);

/**
 * Access tokens from memory, else from the Secrets Provider where the replicas share them, else from Google: one refresh per grant,
 * however many ask at once in however many processes.
 */
export function accessTokens(
  { clock, secrets }: Pick<Means, 'clock' | 'secrets'>,
  { apps, grants, causes, signIn, inNameOf }: AccessTokenMeans,
): AccessTokens {
  const memory = new LRUCache<string, { token: SharedAccessToken; lookedAt: number }>({ max: 50_000 });
  const inFlight = new Map<string, Promise<TokenReply>>();
  const refusedSettings = new LRUCache<string, { problem: Problem; settings: string; until: number }>({
    max: 50_000,
  });
  const keyOf = (tenantId: string, providerId: string): string => `${tenantId} ${providerId}`;

  async function look(tenantId: string, providerId: string): Promise<Situation> {
    const [state, tokens, app] = await Promise.all([
      grants.state(tenantId, providerId),
      readTokens(secrets, tenantId, providerId),
      apps.app(tenantId),
    ]);
    return { state, tokens, app };
  }

  function serve(key: string, token: SharedAccessToken): TokenReply {
    memory.set(key, { token, lookedAt: clock.now().getTime() });
    return accepted({ accessToken: token.accessToken, expiresAt: token.expiresAt });
  }

  async function obtain(
    key: string,
    providerId: string,
    refusedTokenHash: string | undefined,
    origin: Origin,
    checking = false,
  ): Promise<TokenReply> {
    const { tenantId } = origin;
    const step = nextStep(await look(tenantId, providerId), clock.now(), refusedTokenHash);
    if (step.do !== 'refresh') return conclude(step);
    const recent = refusedSettings.get(key);
    if (recent && recent.settings === settingsOf(step) && clock.now().getTime() < recent.until)
      return withoutNew(step.former, recent.problem);
    const reply = await grants.inTurn(tenantId, providerId, async () => {
      const now = nextStep(await look(tenantId, providerId), clock.now(), refusedTokenHash);
      return now.do === 'refresh' ? refresh(now) : conclude(now);
    });
    return reply ?? refused(problem('stream.busy'));

    /** While Google gives no new token, what is left of the former one is better than nothing, unless the permission is to be proven. */
    function withoutNew(former: SharedAccessToken | null, found: Problem): TokenReply {
      return former && !checking
        ? accepted({ accessToken: former.accessToken, expiresAt: former.expiresAt })
        : refused(found);
    }

    async function conclude(step: Exclude<NextStep, { do: 'refresh' }>): Promise<TokenReply> {
      if (step.do === 'serve') return serve(key, step.token);
      memory.delete(key);
      if (step.report)
        await grants.record(
          providerId,
          { type: 'ReportRefresh', of: step.report, problem: step.problem },
          origin,
        );
      return refused(step.problem);
    }

    async function refresh(step: Extract<NextStep, { do: 'refresh' }>): Promise<TokenReply> {
      const { grant, trouble } = step.state;
      const askedAt = clock.now();
      const answer = await inNameOf(step.client, origin, (client) =>
        signIn.refresh(client, step.refreshToken),
      );
      if (answer.ok) {
        const token = sharedToken(answer.tokens, grant, askedAt);
        await secrets.changeTenantSecrets(
          tenantId,
          tokensToKeep(providerId, token, answer.tokens.refreshToken),
        );
        refusedSettings.delete(key);
        if (trouble)
          await grants.record(providerId, { type: 'ReportRefresh', of: grant, problem: null }, origin);
        return serve(key, token);
      }
      const found = await causes.of(providerId, tenantId, answer.problem);
      const outOfTokens = checking && step.outOfTokens;
      await grants.record(
        providerId,
        { type: 'ReportRefresh', of: grant, problem: found, outOfTokens },
        origin,
      );
      memory.delete(key);
      const { kind } = definitionOf(found.code);
      if (kind === 'configuration') {
        const until = clock.now().getTime() + settingsRetriedAfterMs;
        refusedSettings.set(key, { problem: found, settings: settingsOf(step), until });
      }
      return withoutNew(kind === 'dead' ? null : step.former, found);
    }
  }

  /** Joins whoever is getting one already, unless what comes of that is the very token that Google refused. */
  async function obtainOnce(
    key: string,
    providerId: string,
    refusedTokenHash: string | undefined,
    origin: Origin,
  ): Promise<TokenReply> {
    for (let running = inFlight.get(key); running; running = inFlight.get(key)) {
      const reply = await running;
      if (!reply.ok || isAnother(reply.value, refusedTokenHash)) return reply;
    }
    const own = obtain(key, providerId, refusedTokenHash, origin).finally(() => {
      if (inFlight.get(key) === own) inFlight.delete(key);
    });
    inFlight.set(key, own);
    return own;
  }

  return {
    async get({ providerId, refusedTokenHash }, origin) {
      const key = keyOf(origin.tenantId, providerId);
      const now = clock.now();
      const held = memory.get(key);
      const fresh = held && now.getTime() - held.lookedAt < rememberedMs;
      if (fresh && willDo(held.token, now, refusedTokenHash))
        return accepted({ accessToken: held.token.accessToken, expiresAt: held.token.expiresAt });
      return obtainOnce(key, providerId, refusedTokenHash, origin);
    },
    async check(providerId, origin, { provenSince }) {
      const { access } = await readTokens(secrets, origin.tenantId, providerId);
      const provenLately = provenSince === null || (provenAt(access) ?? new Date(0)) >= provenSince;
      const setAside = access && !provenLately ? tokenHash(access.accessToken) : undefined;
      // Nobody joins a check: whoever only wants a token is still served with the one that is being replaced.
      return obtain(keyOf(origin.tenantId, providerId), providerId, setAside, origin, true);
    },
    drop(tenantId, providerId) {
      const key = keyOf(tenantId, providerId);
      memory.delete(key);
      // What is being asked for belongs to the permission of before: nobody may join it any more.
      inFlight.delete(key);
    },
  };
}

/** What a refused refresh was tried with: when any of it is replaced, there is no reason to wait. */
const settingsOf = ({ client, refreshToken }: Extract<NextStep, { do: 'refresh' }>): string =>
  tokenHash(`${client.clientId} ${client.clientSecret} ${client.formerSecret} ${refreshToken}`);
