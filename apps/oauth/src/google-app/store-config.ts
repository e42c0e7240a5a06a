import type { z } from 'zod';
import type { StoreConfig } from '#contracts/oauth';
import { handleCommand } from '#event-sourcing/handle-command';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { problemOf } from '#messaging/handler';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import { changeConfig, secretChanges, snapshotOf } from './config-change.js';
import {
  formerSecretChanges,
  formerSecretsAfter,
  pairNames,
  type FormerSecrets,
  type PairName,
} from './former-secret.js';
import { googleApp, type GoogleAppState } from './google-app.decider.js';
import { googleAppStream, type GoogleApps } from './google-apps.js';
import { readStaged, sweepingStaged } from './staged-secrets.js';

type Stored = z.infer<typeof StoreConfig.answer>;

const patienceMs = seconds(20);

/** One change of a tenant's app at a time. */
export const appLock = (tenantId: string): string => `google app of ${tenantId}`;

/**
 * Secrets first, all in one change, then the event: a process that dies in between leaves an app that is whole, which every reading shows
 * as it is, and the next command tells the history about it.
 */
export function storeConfig(means: Means, apps: GoogleApps) {
  return async (data: z.infer<typeof StoreConfig.data>, origin: Origin): Promise<Reply<Stored>> => {
    const outcome = await means.locks.exclusively(appLock(origin.tenantId), () => store(data, origin), {
      wait: patienceMs,
    });
    return outcome.acquired ? outcome.value : refused(problem('stream.busy'));
  };

  async function store(
    { stagedSecretsId, ...fields }: z.infer<typeof StoreConfig.data>,
    origin: Origin,
  ): Promise<Reply<Stored>> {
    const { secrets, clock } = means;
    const { tenantId } = origin;
    const current = await apps.app(tenantId);
    const staged = await readStaged(secrets, tenantId, stagedSecretsId);
    if (!staged) return refused(problem('google-app.secrets-not-received'));
    const sweeping = await sweepingStaged(secrets, tenantId, stagedSecretsId, clock.now());

    const change = changeConfig(current, { ...fields, ...staged });
    if (!change.ok) {
      await secrets.changeTenantSecrets(tenantId, sweeping);
      return accepted({ outcome: 'refused', errors: change.errors });
    }
    const state = await apps.state(tenantId);
    const former = formerSecretsAfter(current, change.app, acceptedPairs(state), clock.now());
    await secrets.changeTenantSecrets(tenantId, {
      ...secretChanges(current, change.app),
      ...formerSecretChanges(former),
      ...sweeping,
    });
    const result = await handleCommand(
      { ...means, decider: googleApp },
      googleAppStream(tenantId),
      {
        type: 'StoreConfig',
        snapshot: snapshotOf(change.app),
        changed: change.changed,
        former: untilWhen(former),
      },
      origin,
    );
    if (!result.ok) return refused(problemOf(result.rejection));
    return accepted({ outcome: 'stored', status: await apps.status(tenantId) });
  }
}

const acceptedPairs = (state: GoogleAppState): ReadonlySet<PairName> =>
  new Set(
    state.status === 'stored' ? pairNames.filter((name) => state.overlaps[name]?.accepted === 'current') : [],
  );

const untilWhen = (former: FormerSecrets): Partial<Record<PairName, string>> =>
  Object.fromEntries(pairNames.flatMap((name) => (former[name] ? [[name, former[name].until]] : [])));
