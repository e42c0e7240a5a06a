import { setTimeout as pause } from 'node:timers/promises';
import { DisconnectCalendar } from '#contracts/calendar';
import { DisconnectMailbox } from '#contracts/gmail';
import type { GoogleAppStatus, Product } from '#contracts/oauth';
import { handleCommand } from '#event-sourcing/handle-command';
import type { Means } from '#hosting/service';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { replyTo } from '#messaging/handler';
import { problem, type Problem, type ProblemCode } from '#problems/problem';
import { isSecretKey, type SecretKey } from '#secrets/secret-keys';
import { seconds } from '#time/clock';
import type { SignIn } from '../google-sign-in/sign-in.js';
import { refreshTokenToRevoke, tokensToForget } from '../grant/grant-tokens.js';
import type { Grants } from '../grant/grants.js';
import { Lanes } from '../grant/lanes.js';
import { googleApp, type GoogleAppCommand } from './google-app.decider.js';
import { googleAppStream, type GoogleApps } from './google-apps.js';
import { appLock } from './store-config.js';

const patienceMs = seconds(20);
/** Whoever asked hears within half a minute; with many providers the rest is done by whoever follows the event. */
const answerWithinMs = seconds(22);
const disconnectedAtOnce = 4;
// Each holds a connection for its lock while others ask this service for tokens, which takes connections too.
const removalsAtOnce = 2;
const reason = 'the Google app is removed';
const goneAlready: ProblemCode[] = ['mailbox.not-found', 'calendar-provider.not-found'];

export interface Removal {
  begin(data: unknown, origin: Origin): Promise<Reply<GoogleAppStatus>>;
  /** Does what is left of a removal that was begun; nothing when it is over or was called off. */
  goOn(origin: Origin): Promise<Reply<GoogleAppStatus>>;
}

/**
 * In this order: watches and channels are stopped, which needs tokens; permissions are revoked and forgotten; the app goes. The wish is an
 * event, and each step may be done again: whatever ends in between, the rest follows from the event.
 */
export function clearConfig(
  means: Means,
  { apps, grants, signIn }: { apps: GoogleApps; grants: Grants; signIn: SignIn },
  onEnded: (tenantId: string, providerId: string) => void,
): Removal {
  const { secrets, locks, ask } = means;
  const lanes = new Lanes(removalsAtOnce);
  const tell = (command: GoogleAppCommand, origin: Origin) =>
    handleCommand({ ...means, decider: googleApp }, googleAppStream(origin.tenantId), command, origin);
  const keysLeft = async (tenantId: string): Promise<SecretKey[]> =>
    (await secrets.listTenantSecretKeys(tenantId)).filter(isSecretKey);
  const isWanted = async (tenantId: string): Promise<boolean> => {
    const state = await apps.state(tenantId);
    return state.status === 'stored' && state.removing;
  };
  const asItIs = async ({ tenantId }: Origin) => accepted(await apps.status(tenantId));

  async function goOn(origin: Origin): Promise<Reply<GoogleAppStatus>> {
    const { tenantId } = origin;
    const outcome = await lanes.through(() =>
      locks.exclusively(
        `removal of the google app of ${tenantId}`,
        async () => {
          if (!(await isWanted(tenantId))) return asItIs(origin);
          const inTheWay = await disconnectAll(origin);
          if (inTheWay) return refused<GoogleAppStatus>(inTheWay);
          const removed = await grants.inTenantsTurn(tenantId, () =>
            locks.exclusively(appLock(tenantId), () => remove(origin), { wait: patienceMs }),
          );
          return removed?.acquired ? removed.value : refused<GoogleAppStatus>(problem('stream.busy'));
        },
        { wait: patienceMs },
      ),
    );
    return outcome.acquired ? outcome.value : refused(problem('stream.busy'));
  }

  /** Whose watch or channels Google does not stop is disconnected all the same; only a service of ours that is away holds it up. */
  async function disconnectAll(origin: Origin): Promise<Problem | undefined> {
    const some = new Lanes(disconnectedAtOnce);
    const replies = await Promise.all(
      (await grants.providersWithTokens(origin.tenantId)).map((providerId) =>
        some.through(async () => {
          const state = await grants.state(origin.tenantId, providerId);
          return state.status === 'absent' ? null : disconnect(state.grant.product, providerId, origin);
        }),
      ),
    );
    const failed = replies.find((reply) => reply?.ok === false && !goneAlready.includes(reply.problem.code));
    return failed?.ok === false ? failed.problem : undefined;
  }

  const disconnect = (product: Product, providerId: string, origin: Origin) =>
    ask(product === 'gmail' ? DisconnectMailbox : DisconnectCalendar, { providerId, reason }, origin);

  async function remove(origin: Origin): Promise<Reply<GoogleAppStatus>> {
    const { tenantId } = origin;
    // Somebody may have stored an app anew meanwhile.
    if (!(await isWanted(tenantId))) return asItIs(origin);
    for (const providerId of await grants.providersWithTokens(tenantId)) {
      const ended = await grants.inTurn(tenantId, providerId, () => endGrant(providerId, origin));
      if (!ended) return refused(problem('stream.busy'));
    }
    const left = await keysLeft(tenantId);
    await secrets.changeTenantSecrets(tenantId, Object.fromEntries(left.map((key) => [key, null])));
    const result = await tell({ type: 'ClearConfig', hadSecrets: left.length > 0 }, origin);
    return replyTo(result, await apps.status(tenantId));
  }

  /** No other provider's permission can be hurt by revoking: all of them end here. */
  async function endGrant(providerId: string, origin: Origin): Promise<true> {
    const { tenantId } = origin;
    const refreshToken = await refreshTokenToRevoke(secrets, tenantId, providerId);
    const revoked = refreshToken !== null && (await signIn.revoke(refreshToken));
    await grants.record(providerId, { type: 'ForgetGrant', reason, revoked }, origin);
    // After the event: as long as a token is there, whoever goes on after a crash finds the provider.
    await secrets.changeTenantSecrets(tenantId, tokensToForget(providerId));
    onEnded(tenantId, providerId);
    return true;
  }

  return {
    goOn,
    async begin(_data, origin) {
      const hadSecrets = (await keysLeft(origin.tenantId)).length > 0;
      await tell({ type: 'BeginRemoval', hadSecrets }, origin);
      const answered = new AbortController();
      const tooLong = pause(answerWithinMs, undefined, { signal: answered.signal }).then(
        () => refused<GoogleAppStatus>(problem('google-app.removal-goes-on')),
        () => refused<GoogleAppStatus>(problem('stream.busy')),
      );
      return Promise.race([goOn(origin), tooLong]).finally(() => answered.abort());
    },
  };
}
