import { topicEvents, type TopicEvent } from '#contracts/gmail';
import {
  googleAppEvents,
  grantEvents,
  type GoogleAppEvent,
  type GrantEvent,
  type Product,
} from '#contracts/oauth';
import type { RecordedEvent } from '#event-sourcing/event-store';
import type { Problem } from '#problems/problem';
import { stillWrong, type Trouble } from './trouble.js';

/** What of the tenant's Google app is known from its events. */
export interface AppFacet {
  stored: boolean;
  projectId: string | null;
  provisioning: 'key' | 'manual';
  since: string;
  /** By product, since when a client secret that was replaced stands in, because Google does not take the new one. */
  formerSecretUsed?: Partial<Record<Product, string>>;
  calendarUses?: 'same' | 'own' | 'none';
}

export function appAfter(before: AppFacet | null, recorded: RecordedEvent): AppFacet {
  const event = read<GoogleAppEvent>(googleAppEvents, recorded);
  const since = recorded.metadata.at;
  const app = before ?? { stored: true, projectId: null, provisioning: 'key', since };
  switch (event.type) {
    case 'ConfigStored': {
      const { projectId, provisioning, calendar, changed } = event.data;
      const used = Object.entries(app.formerSecretUsed ?? {}).filter(
        ([pair]) => !changed.includes(`${pair}ClientSecret`) && !changed.includes(`${pair}ClientId`),
      );
      const formerSecretUsed = Object.fromEntries(used);
      return { stored: true, projectId, provisioning, since, calendarUses: calendar, formerSecretUsed };
    }
    case 'ClientSecretAccepted': {
      const { pair, accepted } = event.data;
      return accepted === 'former'
        ? { ...app, formerSecretUsed: { ...app.formerSecretUsed, [pair]: since } }
        : withoutFormer(app, pair);
    }
    case 'FormerSecretForgotten':
      return withoutFormer(app, event.data.pair);
    case 'RemovalBegun':
      return app;
    case 'ConfigCleared':
      return { stored: false, projectId: null, provisioning: 'key', since };
  }
}

function withoutFormer(app: AppFacet, pair: Product): AppFacet {
  const { [pair]: _over, ...formerSecretUsed } = app.formerSecretUsed ?? {};
  return { ...app, formerSecretUsed };
}

/** A new secret that Google does not take is no trouble yet, but will be: somebody should look whether it is the right one. */
export function refusedNewSecret(
  app: AppFacet | null,
  product: Product,
): { problem: Problem; since: string }[] {
  const pair = product === 'calendar' && app?.calendarUses === 'own' ? 'calendar' : 'gmail';
  const since = app?.formerSecretUsed?.[pair];
  return since ? [{ problem: { code: 'oauth-client.new-secret-refused' }, since }] : [];
}

export interface TopicFacet {
  provisioned: { projectId: string; subscription: string; endpoint: string; mode: 'key' | 'manual' } | null;
  trouble: Trouble | null;
}

export function topicAfter(before: TopicFacet | null, recorded: RecordedEvent): TopicFacet {
  const event = read<TopicEvent>(topicEvents, recorded);
  switch (event.type) {
    case 'TopicProvisioned': {
      const { projectId, subscription, endpoint, mode } = event.data;
      return { provisioned: { projectId, subscription, endpoint, mode }, trouble: null };
    }
    case 'TopicProvisioningFailed':
      return {
        provisioned: before?.provisioned ?? null,
        trouble: stillWrong(before?.trouble ?? null, event.data, recorded.metadata.at),
      };
    case 'TopicLeft':
      return { provisioned: before?.provisioned ?? null, trouble: null };
  }
}

/** A provider's permission at Google. */
export interface GrantFacet {
  product: Product | null;
  /** Null while none is there, or none any more. */
  permission: {
    account: string;
    since: string;
    expiresAt: string | null;
    /** Why it ends by itself, if it does. */
    limitedBy: 'testing' | 'person' | null;
  } | null;
  /** Why there is none: it was refused, or it ended. */
  ended: { problem: Problem; since: string } | null;
  /** The permission is kept, but Google gives no access token. */
  refused: { problem: Problem; since: string } | null;
  /** A consent was begun and has not come back yet. */
  startedAt: string | null;
  /** A later attempt to connect failed while the permission works on. */
  attemptFailed: { problem: Problem; since: string } | null;
}

const noGrant: GrantFacet = {
  product: null,
  permission: null,
  ended: null,
  refused: null,
  startedAt: null,
  attemptFailed: null,
};

export function grantAfter(before: GrantFacet | null, recorded: RecordedEvent): GrantFacet {
  const grant = before ?? noGrant;
  const event = read<GrantEvent>(grantEvents, recorded);
  const { at } = recorded.metadata;
  switch (event.type) {
    case 'AuthorizationStarted':
      return { ...grant, product: event.data.product, startedAt: at };
    case 'Authorized': {
      const { product, account, expiresAt, limitedBy = null } = event.data;
      return { ...noGrant, product, permission: { account, since: at, expiresAt, limitedBy } };
    }
    case 'AuthorizationFailed': {
      const failure = { problem: event.data.problem, since: at };
      return grant.permission
        ? { ...grant, startedAt: null, attemptFailed: failure }
        : { ...grant, startedAt: null, ended: failure };
    }
    case 'AuthorizationLost':
      return { ...noGrant, product: event.data.product, ended: { problem: event.data.problem, since: at } };
    case 'CauseFound':
      // It ended when it ended; only the reason is known better.
      return grant.ended
        ? { ...grant, ended: { problem: event.data.problem, since: grant.ended.since } }
        : grant;
    case 'AccessTokenRefused': {
      const { problem } = event.data;
      const same = grant.refused?.problem.code === problem.code ? grant.refused : null;
      return { ...grant, refused: { problem, since: same?.since ?? at } };
    }
    case 'AccessTokenRefreshed':
      return { ...grant, refused: null };
    case 'GrantForgotten':
      return noGrant;
  }
}

/** Of a provider that was reset, only what came of its permission since then. */
export function grantSince(grant: GrantFacet | null, resetAt: string | undefined): GrantFacet | null {
  if (!grant || resetAt === undefined) return grant;
  const since = <Fact extends { since: string }>(fact: Fact | null): Fact | null =>
    fact && fact.since > resetAt ? fact : null;
  const permission = since(grant.permission);
  return {
    product: grant.product,
    permission,
    ended: since(grant.ended),
    refused: permission && grant.refused,
    startedAt: grant.startedAt !== null && grant.startedAt > resetAt ? grant.startedAt : null,
    attemptFailed: since(grant.attemptFailed),
  };
}

function read<Event>(
  contracts: Record<string, { data: { parse(data: unknown): unknown } }>,
  { type, data }: RecordedEvent,
): Event {
  if (!Object.hasOwn(contracts, type)) throw new Error(`"${type}" is not an event that the status knows.`);
  return { type, data: contracts[type]!.data.parse(data) } as Event;
}
