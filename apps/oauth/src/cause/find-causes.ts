import type { z } from 'zod';
import type { FindCause } from '#contracts/oauth-upkeep';
import type { Means } from '#hosting/service';
import { accepted, type Origin, type Reply } from '#messaging/envelope';
import { replyTo } from '#messaging/handler';
import { problem, type Problem } from '#problems/problem';
import { provenAt, readTokens } from '../grant/grant-tokens.js';
import type { Grants } from '../grant/grants.js';
import { inferCause, isOpen, togetherWithinMs } from './infer-cause.js';
import { witnessOf, type Witness } from './witness.js';

/** Beyond so many, those that are looked at speak for the rest: when a client with thousands of permissions dies, each death looks around. */
const mostWitnesses = 300;

export interface Causes {
  /** Why a permission ended that Google just refused. */
  of(providerId: string, tenantId: string, found: Problem): Promise<Problem>;
  /** Looks again at one that ended, and corrects what was told. */
  find(
    data: z.infer<typeof FindCause.data>,
    origin: Origin,
  ): Promise<Reply<z.infer<typeof FindCause.answer>>>;
  /** Lets all that ended together be put down to the same. */
  findOfThoseBeside(providerId: string, origin: Origin): Promise<void>;
}

export function causes({ clock, secrets }: Pick<Means, 'clock' | 'secrets'>, grants: Grants): Causes {
  const witness = async (tenantId: string, providerId: string): Promise<Witness | null> => {
    const [history, { access }] = await Promise.all([
      grants.history(tenantId, providerId),
      readTokens(secrets, tenantId, providerId),
    ]);
    return witnessOf(history, provenAt(access));
  };

  async function witnesses(tenantId: string, own: string): Promise<Map<string, Witness>> {
    const found = new Map<string, Witness>();
    const providers = [own, ...(await grants.providersWithTokens(tenantId)).filter((one) => one !== own)];
    for (const providerId of providers.slice(0, mostWitnesses)) {
      const one = await witness(tenantId, providerId);
      if (one) found.set(providerId, one);
    }
    return found;
  }

  /** Nothing is asked of Google: what it answered is told already, what it would answer about others is theirs to learn. */
  const causeAmong = (all: Map<string, Witness>, providerId: string): Problem | null => {
    const ended = all.get(providerId);
    if (!ended?.lost || !isOpen(ended.lost.problem)) return ended?.lost?.problem ?? null;
    const others = [...all].filter(([other]) => other !== providerId).map(([, other]) => other);
    return inferCause(ended, ended.lost.at, problem('authorization.revoked'), others);
  };

  return {
    async of(providerId, tenantId, found) {
      if (found.code !== 'authorization.revoked') return found;
      const all = await witnesses(tenantId, providerId);
      const ended = all.get(providerId);
      all.delete(providerId);
      return ended ? inferCause(ended, clock.now(), found, [...all.values()]) : found;
    },
    async find({ providerId }, origin) {
      const cause = causeAmong(await witnesses(origin.tenantId, providerId), providerId);
      if (cause === null) return accepted({ problem: null });
      return replyTo(await grants.record(providerId, { type: 'NameCause', problem: cause }, origin), {
        problem: cause,
      });
    },
    async findOfThoseBeside(providerId, origin) {
      const all = await witnesses(origin.tenantId, providerId);
      const since = clock.now().getTime() - 2 * togetherWithinMs;
      for (const [other, { lost }] of all) {
        if (other === providerId || !lost || lost.at.getTime() < since || !isOpen(lost.problem)) continue;
        const cause = causeAmong(all, other)!;
        await grants.record(other, { type: 'NameCause', problem: cause }, origin);
      }
    },
  };
}
