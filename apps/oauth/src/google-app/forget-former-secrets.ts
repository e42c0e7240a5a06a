import type { z } from 'zod';
import type { ForgetFormerSecrets } from '#contracts/oauth-upkeep';
import { handleCommand } from '#event-sourcing/handle-command';
import type { Means } from '#hosting/service';
import { refused, type Origin, type Reply } from '#messaging/envelope';
import { replyTo } from '#messaging/handler';
import { problem } from '#problems/problem';
import { seconds } from '#time/clock';
import { formerSecretChanges, pairNames } from './former-secret.js';
import { googleApp } from './google-app.decider.js';
import { googleAppStream, type GoogleApps } from './google-apps.js';
import { appLock } from './store-config.js';

const patienceMs = seconds(20);

/** Deletes what has stood in long enough. One that a later change keeps for longer stays. */
export function forgetFormerSecrets(means: Means, apps: GoogleApps) {
  return async (
    _data: unknown,
    origin: Origin,
  ): Promise<Reply<z.infer<typeof ForgetFormerSecrets.answer>>> => {
    const { tenantId } = origin;
    const outcome = await means.locks.exclusively(
      appLock(tenantId),
      async () => {
        const { former } = await apps.app(tenantId);
        await means.secrets.changeTenantSecrets(tenantId, formerSecretChanges(former));
        const pairs = pairNames.filter((name) => former[name] === null);
        const result = await handleCommand(
          { ...means, decider: googleApp },
          googleAppStream(tenantId),
          { type: 'ForgetFormerSecrets', pairs },
          origin,
        );
        return replyTo(result, { left: pairNames.filter((name) => former[name] !== null) });
      },
      { wait: patienceMs },
    );
    return outcome.acquired ? outcome.value : refused(problem('stream.busy'));
  };
}
