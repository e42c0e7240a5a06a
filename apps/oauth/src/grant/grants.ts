import type { GrantEvent } from '#contracts/oauth';
import { fold } from '#event-sourcing/decider';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { handleCommand, type CommandResult } from '#event-sourcing/handle-command';
import { streamName } from '#event-sourcing/stream-name';
import type { Means } from '#hosting/service';
import type { Origin } from '#messaging/envelope';
import { seconds } from '#time/clock';
import { grant, sameAccount, sameProject, type GrantCommand, type GrantState } from './grant.decider.js';
import { Lanes } from './lanes.js';

const refreshTokenName = /^google_refresh_token_(.+)$/;
const patienceMs = seconds(25);
// Such work takes further turns inside its own, each with a connection: many at once would wait for connections that they hold themselves.
const lanesForTenants = 4;

/** The grants of tenants, and the turns that their writers take. */
export interface Grants {
  history(tenantId: string, providerId: string): Promise<(GrantEvent & RecordedEvent)[]>;
  state(tenantId: string, providerId: string): Promise<GrantState>;
  record(providerId: string, command: GrantCommand, origin: Origin): Promise<CommandResult<GrantEvent>>;
  /** All providers of which a refresh token is stored: from the Secrets Provider itself, because no read model is behind it. */
  providersWithTokens(tenantId: string): Promise<string[]>;
  /**
   * Whether another provider of the tenant lives on what the account granted to the client's project: revoking would end it too, since
   * Google revokes per account and project. Without an account: whether any provider lives on the project.
   */
  othersNeed(
    tenantId: string,
    permission: { projectId: string; clientId: string; account: string | null },
    besides?: string,
  ): Promise<boolean>;
  /** Work on a provider's tokens; nobody else works on them meanwhile. Undefined when it was not its turn in time. */
  inTurn<T>(tenantId: string, providerId: string, work: () => Promise<T>): Promise<T | undefined>;
  /** Work that gives or takes away permissions of a tenant, so that what others need stays true until it is done. */
  inTenantsTurn<T>(tenantId: string, work: () => Promise<T>): Promise<T | undefined>;
}

export function openGrants({ store, clock, secrets, locks }: Means): Grants {
  const stream = (tenantId: string, providerId: string): string => streamName('grant', tenantId, providerId);
  const history: Grants['history'] = async (tenantId, providerId) =>
    (await store.readStream(stream(tenantId, providerId))) as (GrantEvent & RecordedEvent)[];
  const state = async (tenantId: string, providerId: string): Promise<GrantState> =>
    fold(grant, await history(tenantId, providerId));
  const providersWithTokens = async (tenantId: string): Promise<string[]> =>
    (await secrets.listTenantSecretKeys(tenantId)).flatMap((key) => refreshTokenName.exec(key)?.[1] ?? []);
  const lanes = new Lanes(lanesForTenants);
  const turn = async <T>(key: string, work: () => Promise<T>): Promise<T | undefined> => {
    const outcome = await locks.exclusively(key, work, { wait: patienceMs });
    return outcome.acquired ? outcome.value : undefined;
  };

  return {
    history,
    state,
    providersWithTokens,
    record: (providerId, command, origin) =>
      handleCommand({ store, clock, decider: grant }, stream(origin.tenantId, providerId), command, origin),
    async othersNeed(tenantId, { projectId, clientId, account }, besides) {
      const providers = (await providersWithTokens(tenantId)).filter((provider) => provider !== besides);
      const states = await Promise.all(providers.map((provider) => state(tenantId, provider)));
      return states.some(
        (each) =>
          each.status === 'granted' &&
          sameProject(each.grant, { projectId, clientId }) &&
          (account === null || sameAccount(each.grant.account, account)),
      );
    },
    inTurn: (tenantId, providerId, work) => turn(`grant ${providerId} of ${tenantId}`, work),
    inTenantsTurn: (tenantId, work) => lanes.through(() => turn(`grants of ${tenantId}`, work)),
  };
}
