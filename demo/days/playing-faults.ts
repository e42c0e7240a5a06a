import type { FaultEffect, FaultMatch } from '#google-simulator/faults';
import { hours } from '#time/clock';
import { SecondProcess } from '../second-process.js';
import type { Stage } from '../stage.js';
import type { Tenant } from '../tenant.js';
import type { DaysCast } from './cast.js';
import type { FaultKindName } from './fault-kinds.js';
import { struckBy, type PlannedFault } from './plan.js';
import { roster, type RosterTenant } from './roster.js';
import type { OwnServers } from './servers.js';

export interface FaultMeans {
  cast: DaysCast;
  stage: Stage;
  servers: OwnServers;
  /** A mail that is counted like all others. */
  mail(mailbox: string, subject: string): Promise<void>;
}

/** Ends the fault: somebody mends it, or Google does. */
type Mend = () => Promise<void>;
type Begin = (means: FaultMeans, fault: PlannedFault) => Promise<Mend>;

/** Lets a fault begin; what is answered lets it end. */
export const beginFault = (means: FaultMeans, fault: PlannedFault): Promise<Mend> =>
  playing[fault.kind](means, fault);

const nothing: Mend = async () => {};

/** Google behaves like that until the fault ends. */
const google =
  (match: (fault: PlannedFault, means: FaultMeans) => Partial<FaultMatch>[], effect: FaultEffect): Begin =>
  async (means, fault) => {
    const { google: at } = means.stage;
    const added = await Promise.all(
      match(fault, means).map((each) => at.addFault({ match: { ...each }, effect })),
    );
    return async () => {
      for (const { id } of added) await at.removeFault(id);
    };
  };

const struckNames = (fault: PlannedFault): string[] => struckBy(fault).map(({ name }) => name);
const callersOf = (fault: PlannedFault): string[] => [
  ...new Set(struckBy(fault).map(({ account }) => account)),
];
/** The only account that it strikes. */
const accountOf = (fault: PlannedFault): string => callersOf(fault)[0]!;
const apis = '^/(gmail|calendar)/';

const tenantOf = (
  { cast }: FaultMeans,
  { whom }: PlannedFault,
): { tenant: Tenant; member: RosterTenant } => ({
  tenant: cast.tenant(whom),
  member: roster.find(({ id }) => id === whom)!,
});

const reconnect =
  ({ cast }: FaultMeans, fault: PlannedFault): Mend =>
  async () => {
    for (const name of struckNames(fault)) await cast.connectAgain(name);
  };

const removeApp: Begin = async (means, fault) => {
  for (const { account, tenant } of struckBy(fault))
    await means.stage.google.removeApp(account, tenant.projectId);
  return reconnect(means, fault);
};

/** What an administrator decided is taken back, and everybody whom it struck connects again. */
const workspace =
  (policy: (tenant: Tenant) => { cloudSessionMs?: number; blockedClientIds?: string[] }): Begin =>
  async (means, fault) => {
    const { tenant, member } = tenantOf(means, fault);
    const { google: at } = means.stage;
    await at.setWorkspacePolicy(member.workspaceDomain!, policy(tenant));
    return async () => {
      await at.setWorkspacePolicy(member.workspaceDomain!, {});
      await reconnect(means, fault)();
    };
  };

/** Notifications get lost, Google forgets, and only then it is asked. */
const forgotten =
  (
    on: 'pubsub-push' | 'calendar-push',
    forget: (means: FaultMeans, fault: PlannedFault) => Promise<void>,
  ): Begin =>
  async (means, fault) => {
    const lost = await google(() => [{ on, caller: accountOf(fault) }], { kind: 'drop' })(means, fault);
    await forget(means, fault);
    return lost;
  };

const playing: Record<FaultKindName, Begin> = {
  'google-unavailable': google(() => [{ pathPattern: apis }], {
    kind: 'error',
    code: 503,
    reason: 'backendError',
    message: 'Backend Error',
  }),
  'rate-limits': google((fault) => callersOf(fault).map((caller) => ({ pathPattern: apis, caller })), {
    kind: 'error',
    code: 429,
    reason: 'rateLimitExceeded',
    message: 'Rate Limit Exceeded',
  }),
  'pushes-lost': google((fault) => [{ on: 'pubsub-push', caller: accountOf(fault) }], { kind: 'drop' }),
  'posts-lost': google((fault) => [{ on: 'calendar-push', caller: accountOf(fault) }], { kind: 'drop' }),
  'watch-forgotten': async ({ stage }, fault) => {
    await stage.google.gmail.stopWatches(accountOf(fault));
    return nothing;
  },
  'sync-token-expired': forgotten('calendar-push', async ({ stage }, fault) => {
    await stage.google.calendar.invalidateSyncTokens(accountOf(fault));
  }),
  'history-expired': forgotten('pubsub-push', async (means, fault) => {
    await means.mail(fault.whom, 'Forgotten with the history');
    await means.stage.google.gmail.expireHistory(accountOf(fault));
  }),
  'app-removed': removeApp,
  'calendar-app-removed': removeApp,
  'password-changed': async (means, fault) => {
    await means.stage.google.changePassword(accountOf(fault));
    return reconnect(means, fault);
  },
  'testing-ended': (means, fault) => {
    const { member } = tenantOf(means, fault);
    return Promise.resolve(async () => {
      await means.stage.google.changeProject(member.projectId, { publishingStatus: 'production' });
      await reconnect(means, fault)();
    });
  },
  'grant-broken': async (means, fault) => {
    const { tenant } = tenantOf(means, fault);
    const { google: at } = means.stage;
    const { serviceAccountEmail } = tenant.project;
    // An editor may see and make topics, but may not say who publishes to them.
    await at.changeServiceAccount(serviceAccountEmail, { roles: ['roles/pubsub.editor'] });
    await at.pubsub.grantPublishers(tenant.topic, []);
    return async () => {
      await at.changeServiceAccount(serviceAccountEmail, { roles: ['roles/pubsub.admin'] });
      await at.pubsub.grantPublishers(tenant.topic);
    };
  },
  'topic-deleted': async (means, fault) => {
    await means.stage.google.pubsub.deleteTopic(tenantOf(means, fault).tenant.topic);
    return nothing;
  },
  'subscription-deleted': async (means, fault) => {
    await means.stage.google.pubsub.deleteSubscription(tenantOf(means, fault).tenant.subscription);
    return nothing;
  },
  'endpoint-drifted': async (means, fault) => {
    const { subscription } = tenantOf(means, fault).tenant;
    const { pubsub } = means.stage.google;
    const { name: _name, state: _state, ...config } = await pubsub.subscription(subscription);
    await pubsub.deleteSubscription(subscription);
    const pushConfig = { ...config.pushConfig, pushEndpoint: `${means.stage.embedded.gatewayUrl}/elsewhere` };
    await pubsub.createSubscription(subscription, { ...config, pushConfig });
    return nothing;
  },
  'secret-rotated': async (means, fault) => {
    const { tenant, member } = tenantOf(means, fault);
    const { google: at } = means.stage;
    const { clientId } = tenant.project;
    const { secretId, clientSecret } = await at.addSecret(clientId);
    const { clients } = await at.project(member.projectId);
    for (const { id } of clients.find((one) => one.clientId === clientId)!.secrets)
      if (id !== secretId) await at.enableSecret(clientId, id, false);
    return () => tenant.rotateSecret(clientSecret);
  },
  'session-control': workspace(() => ({ cloudSessionMs: hours(1) })),
  'app-blocked': workspace(({ project }) => ({ blockedClientIds: [project.clientId] })),
  'gmail-killed': async (means, fault) => {
    const { stage, mail } = means;
    const second = await SecondProcess.start(stage);
    await stage.embedded.stop('gmail');
    const { emails, changes } = stage.psa;
    const before = emails.size;
    for (const mailbox of struckNames(fault)) await mail(mailbox, 'Shortly before the end');
    await changes.until(
      'the other process delivers',
      () => emails.size > before,
      () => '',
    );
    await second.kill();
    return () => stage.embedded.restart('gmail');
  },
  'services-restarted': async ({ stage, mail, cast }) => {
    for (const name of ['oauth', 'maintenance', 'gmail', 'calendar', 'gateway'] as const) {
      await Promise.all([
        stage.embedded.restart(name),
        ...[...cast.mailboxes.keys()].map((mailbox) => mail(mailbox, `While ${name} is restarted`)),
      ]);
    }
    return nothing;
  },
  'machine-restarted': async ({ stage, servers }) => {
    await stage.close();
    await servers.stop();
    await servers.startPostgres();
    await servers.startNats();
    await stage.open();
    return nothing;
  },
  'nats-away': async ({ servers }) => {
    await servers.stopNats();
    return () => servers.startNats();
  },
  'postgres-away': async ({ servers }) => {
    await servers.stopPostgres();
    return () => servers.startPostgres();
  },
};
