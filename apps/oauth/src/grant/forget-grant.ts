import type { z } from 'zod';
import type { ForgetGrant } from '#contracts/oauth';
import { refused, type Origin, type Reply } from '#messaging/envelope';
import { replyTo } from '#messaging/handler';
import type { SecretsProvider } from '#secrets/secrets-provider';
import { problem } from '#problems/problem';
import type { SignIn } from '../google-sign-in/sign-in.js';
import { refreshTokenToRevoke, tokensToForget } from './grant-tokens.js';
import type { Grants } from './grants.js';

/**
 * Revokes, deletes the tokens, then tells. Google not answering does not keep a permission here: then it is told as not revoked, and ends
 * when the person removes the app, or after six months without use.
 */
export function forgetGrant(
  means: { secrets: SecretsProvider; grants: Grants; signIn: SignIn },
  onForgotten: (tenantId: string, providerId: string) => void,
) {
  const { secrets, grants, signIn } = means;
  return async (
    { providerId, reason }: z.infer<typeof ForgetGrant.data>,
    origin: Origin,
  ): Promise<Reply<z.infer<typeof ForgetGrant.answer>>> => {
    const { tenantId } = origin;
    const reply = await grants.inTenantsTurn(tenantId, () =>
      grants.inTurn(tenantId, providerId, async () => {
        const state = await grants.state(tenantId, providerId);
        const refreshToken = await refreshTokenToRevoke(secrets, tenantId, providerId);
        const revocable =
          refreshToken !== null &&
          state.status !== 'absent' &&
          !(await grants.othersNeed(tenantId, state.grant, providerId));
        const revoked = revocable && (await signIn.revoke(refreshToken));
        await secrets.changeTenantSecrets(tenantId, tokensToForget(providerId));
        onForgotten(tenantId, providerId);
        const result = await grants.record(providerId, { type: 'ForgetGrant', reason, revoked }, origin);
        return replyTo(result, { revoked });
      }),
    );
    return reply ?? refused(problem('stream.busy'));
  };
}
