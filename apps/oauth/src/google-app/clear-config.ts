import type { GoogleAppStatus } from '#contracts/oauth';
import { handleCommand } from '#event-sourcing/handle-command';
import type { Means } from '#hosting/service';
import { refused, type Origin, type Reply } from '#messaging/envelope';
import { replyTo } from '#messaging/handler';
import { problem } from '#problems/problem';
import { isSecretKey, type SecretKey } from '#secrets/secret-keys';
import { seconds } from '#time/clock';
import type { SignIn } from '../google-sign-in/sign-in.js';
import { refreshTokenToRevoke, tokensToForget } from '../grant/grant-tokens.js';
import type { Grants } from '../grant/grants.js';
import { googleApp } from './google-app.decider.js';
import { googleAppStream, type GoogleApps } from './google-apps.js';
import { appLock } from './store-config.js';

const patienceMs = seconds(20);

/**
 * Ends every permission, provider by provider, then removes the app. Each step may be done again: when the process dies in between, the
 * command that follows ends the rest.
 */
export function clearConfig(
  means: Means,
  { apps, grants, signIn }: { apps: GoogleApps; grants: Grants; signIn: SignIn },
  onEnded: (tenantId: string, providerId: string) => void,
) {
  const { secrets, locks } = means;
  return async (_data: unknown, origin: Origin): Promise<Reply<GoogleAppStatus>> => {
    const outcome = await grants.inTenantsTurn(origin.tenantId, () =>
      locks.exclusively(appLock(origin.tenantId), () => clear(origin), { wait: patienceMs }),
    );
    return outcome?.acquired ? outcome.value : refused(problem('stream.busy'));
  };

  async function clear(origin: Origin): Promise<Reply<GoogleAppStatus>> {
    const { tenantId } = origin;
    for (const providerId of await grants.providersWithTokens(tenantId)) {
      const ended = await grants.inTurn(tenantId, providerId, () => endGrant(providerId, origin));
      if (!ended) return refused(problem('stream.busy'));
    }
    const left = (await secrets.listTenantSecretKeys(tenantId)).filter(isSecretKey);
    await secrets.changeTenantSecrets(
      tenantId,
      Object.fromEntries(left.map((key: SecretKey) => [key, null])),
    );
    const result = await handleCommand(
      { ...means, decider: googleApp },
      googleAppStream(tenantId),
      { type: 'ClearConfig', hadSecrets: left.length > 0 },
      origin,
    );
    return replyTo(result, await apps.status(tenantId));
  }

  /** No other provider's permission can be hurt by revoking: all of them end here. */
  async function endGrant(providerId: string, origin: Origin): Promise<true> {
    const { tenantId } = origin;
    const state = await grants.state(tenantId, providerId);
    const refreshToken = await refreshTokenToRevoke(secrets, tenantId, providerId);
    if (refreshToken !== null) await signIn.revoke(refreshToken);
    if (state.status === 'granted')
      await grants.record(
        providerId,
        { type: 'ReportRefresh', of: state.grant, problem: problem('authorization.app-removed') },
        origin,
      );
    // After the event: as long as a token is there, the command that follows a crash finds the provider.
    await secrets.changeTenantSecrets(tenantId, tokensToForget(providerId));
    onEnded(tenantId, providerId);
    return true;
  }
}
