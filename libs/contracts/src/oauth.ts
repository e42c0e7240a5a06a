import { z } from 'zod';
import { problemCodes } from '#problems/problem';
import { command, event, query, type EventOf } from './contract.js';

/** What an account is connected for. Each product has its own credentials, scopes and callback. */
export const product = z.enum(['gmail', 'calendar']);
export type Product = z.infer<typeof product>;

export const problemShape = z.object({
  code: z.enum(problemCodes),
  params: z.record(z.string(), z.string()).optional(),
});

const nothing = z.object({});
const instant = z.iso.datetime();

/** The fields of the setup that are secrets. They travel sealed in the Secrets Provider, never in a message. */
export const secretFields = ['gmailClientSecret', 'calendarClientSecret', 'serviceAccountKey'] as const;

/** Which step of the setup a field belongs to, as errors name it. */
export const configField = z.enum([
  'projectId',
  'gmail.clientId',
  'gmail.clientSecret',
  'calendar.clientId',
  'calendar.clientSecret',
  'serviceAccountKey',
  'pushServiceAccount',
]);
export type ConfigField = z.infer<typeof configField>;

const productStatus = z.object({
  /** Ready: all that this product needs is stored. */
  configured: z.boolean(),
  /** What is missing, by field; empty when configured. */
  missing: z.array(configField),
  /** For example `1234567890-ab…yz.apps.googleusercontent.com`; never the whole id. */
  maskedClientId: z.string().nullable(),
  clientSecretStored: z.boolean(),
  /** After a new secret was stored for the same client: the one before stands in until then, and which of them Google took last. */
  formerSecret: z
    .object({ until: instant, accepted: z.enum(['former', 'current']).nullable() })
    .nullable()
    .optional(),
  /** Register this exactly at the OAuth client. */
  redirectUri: z.string(),
  scopes: z.array(z.string()),
});

/** The answer of the PRD's getGoogleIntegrationConfigStatus. */
export const googleAppStatus = z.object({
  tenantId: z.string(),
  /** The host's badge: `ready`, `needs-setup` (something is missing), `not-configured` (nothing is there). */
  badge: z.enum(['ready', 'needs-setup', 'not-configured']),
  projectId: z.string().nullable(),
  provisioning: z.enum(['key', 'manual']),
  serviceAccountKeyStored: z.boolean(),
  /** Whose signature pushes carry: the key's account, or in manual provisioning the one that was entered. */
  serviceAccountEmail: z.string().nullable(),
  gmail: productStatus,
  calendar: productStatus.extend({ usesSameApp: z.boolean() }),
  updatedAt: instant.nullable(),
  updatedBy: z.string().nullable(),
});
export type GoogleAppStatus = z.infer<typeof googleAppStatus>;

export const StoreConfig = command('oauth', 'StoreConfig', {
  summary:
    'Stores the tenant’s Google app: whole or not at all. A field left out stays as it is. Secrets wait in the Secrets Provider under the staging id.',
  data: z.object({
    projectId: z.string().optional(),
    provisioning: z.enum(['key', 'manual']).optional(),
    gmailClientId: z.string().optional(),
    /** `same`: Calendar uses Gmail’s pair; `own`: a pair of its own; `none`: no Calendar. */
    calendar: z.enum(['same', 'own', 'none']).optional(),
    calendarClientId: z.string().optional(),
    removeServiceAccountKey: z.boolean().optional(),
    /** Manual provisioning only: the service account that signs the pushes. Empty text removes it. */
    pushServiceAccount: z.string().optional(),
    /** Id under which the gateway laid the secret fields into the Secrets Provider; absent when no secret changes. */
    stagedSecretsId: z.string().optional(),
  }),
  answer: z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('stored'), status: googleAppStatus }),
    z.object({
      outcome: z.literal('refused'),
      /** One per field, in words with the remedy; nothing was written. */
      errors: z.array(z.object({ field: configField, problem: problemShape })),
    }),
  ]),
  refusals: ['google-app.unreadable', 'google-app.secrets-not-received'],
});

export const ClearConfig = command('oauth', 'ClearConfig', {
  summary:
    'Disconnects all of the tenant’s providers, so that watches and channels are stopped while tokens still work, revokes and forgets the permissions, and removes the Google app with all its secrets. Goes on by itself once begun, unless an app is stored anew.',
  data: nothing,
  answer: googleAppStatus,
  refusals: ['google-app.removal-goes-on'],
});

export const GetGoogleAppStatus = query('oauth', 'GetGoogleAppStatus', {
  summary: 'What of the tenant’s Google app is stored and what is missing. Never a secret.',
  data: nothing,
  answer: googleAppStatus,
  refusals: ['google-app.unreadable'],
});

export const StartAuthorization = command('oauth', 'StartAuthorization', {
  summary:
    'Begins a consent: answers the address of Google’s page. The state is single use and lives ten minutes.',
  data: z.object({
    providerId: z.string(),
    product,
    /** The only account whose consent is accepted. */
    expectedAccount: z.string(),
    /** The PSA’s user who connects. */
    userId: z.string(),
    /** The exact origin of the page that opened the popup, which the result is posted to. */
    openerOrigin: z.string().nullable(),
  }),
  answer: z.object({ authUrl: z.string(), state: z.string(), expiresAt: instant }),
  refusals: ['google-app.incomplete', 'google-app.unreadable'],
});

export const CompleteAuthorization = command('oauth', 'CompleteAuthorization', {
  summary:
    'Takes what Google’s redirect brought: exchanges the code, checks scopes, refresh token and account.',
  data: z.object({
    product,
    state: z.string(),
    code: z.string().optional(),
    error: z.string().optional(),
    issuer: z.string().optional(),
  }),
  answer: z.object({
    tenantId: z.string(),
    providerId: z.string(),
    openerOrigin: z.string().nullable(),
    connected: z.boolean(),
    account: z.string().nullable(),
    /** The failure, or a notice such as Testing mode although it worked. */
    problem: problemShape.nullable(),
  }),
  refusals: ['authorization.state-unknown'],
});

export const GetAccessToken = query('oauth', 'GetAccessToken', {
  summary:
    'An access token of a connected provider, from memory or freshly refreshed. Only gmail and calendar may ask.',
  data: z.object({
    providerId: z.string(),
    /** SHA-256 in hex of a token that Google just refused with 401; another one is answered. */
    refusedTokenHash: z.string().optional(),
  }),
  answer: z.object({ accessToken: z.string(), expiresAt: instant }),
  refusals: [
    'authorization.missing',
    'authorization.revoked',
    'authorization.testing-expired',
    'authorization.time-limit-reached',
    'authorization.unused',
    'authorization.token-limit',
    'authorization.password-changed',
    'authorization.client-wide',
    'authorization.app-removed',
    'authorization.session-control',
    'authorization.admin-policy',
    'authorization.client-changed',
    'oauth-client.deleted',
    'oauth-client.disabled',
    'oauth-client.secret-refused',
    'oauth-client.unauthorized',
    'google.sign-in-unavailable',
    'google-app.incomplete',
    'google-app.unreadable',
  ],
});

export const GetProvisioningToken = query('oauth', 'GetProvisioningToken', {
  summary: 'An access token of the tenant’s service account for Pub/Sub. Only gmail may ask.',
  data: z.object({ refusedTokenHash: z.string().optional() }),
  answer: z.object({
    accessToken: z.string(),
    expiresAt: instant,
    projectId: z.string(),
    serviceAccountEmail: z.string(),
  }),
  refusals: [
    'google-app.incomplete',
    'google-app.unreadable',
    'service-account.key-refused',
    'service-account.clock-off',
    'service-account.deleted',
    'service-account.disabled',
    'google.sign-in-unavailable',
  ],
});

export const ForgetGrant = command('oauth', 'ForgetGrant', {
  summary:
    'Deletes a provider’s tokens. Revokes the permission at Google unless another connection of the same account and project still needs it.',
  data: z.object({ providerId: z.string(), reason: z.string() }),
  answer: z.object({ revoked: z.boolean() }),
});

/** Gmail’s client, which Calendar may share, or Calendar’s own. */
const secretPair = z.enum(['gmail', 'calendar']);
const clientOf = { gmail: 'the OAuth client', calendar: 'Calendar’s own OAuth client' };

const stored = z.object({
  projectId: z.string().nullable(),
  provisioning: z.enum(['key', 'manual']),
  gmailClientId: z.string().nullable(),
  calendar: z.enum(['same', 'own', 'none']),
  calendarClientId: z.string().nullable(),
  /** Whose signature pushes carry: the key's account, or in manual provisioning the one that was entered. */
  serviceAccountEmail: z.string().nullable(),
  /** As entered, also while provisioning by key does not use it. */
  pushServiceAccount: z.string().nullable().optional(),
  /** The fields that this change set anew, secrets included by name only. */
  changed: z.array(z.string()),
  /** Whose replaced client secrets stand in for the new ones, and until when. */
  formerSecrets: z.object({ of: z.array(secretPair), until: instant }).optional(),
});

export const googleAppEvents = {
  ConfigStored: event('oauth', 'googleApp', 'ConfigStored', stored, ({ changed, formerSecrets }) => {
    const standsIn = formerSecrets
      ? ` The secret that was replaced may stand in until ${formerSecrets.until}.`
      : '';
    return changed.length > 0
      ? `The Google app was stored (${changed.join(', ')}).${standsIn}`
      : `The Google app was stored unchanged.${standsIn}`;
  }),
  ClientSecretAccepted: event(
    'oauth',
    'googleApp',
    'ClientSecretAccepted',
    z.object({ pair: secretPair, accepted: z.enum(['former', 'current']) }),
    ({ pair, accepted }) =>
      accepted === 'current'
        ? `Google accepts the new secret of ${clientOf[pair]}.`
        : `Google does not accept the new secret of ${clientOf[pair]} yet; the one that was replaced stands in.`,
  ),
  FormerSecretForgotten: event(
    'oauth',
    'googleApp',
    'FormerSecretForgotten',
    z.object({ pair: secretPair }),
    ({ pair }) => `The secret of ${clientOf[pair]} that was replaced does not stand in any longer.`,
  ),
  RemovalBegun: event(
    'oauth',
    'googleApp',
    'RemovalBegun',
    nothing,
    () => 'Removing the Google app was begun: first every provider is disconnected.',
  ),
  ConfigCleared: event('oauth', 'googleApp', 'ConfigCleared', nothing, () => 'The Google app was removed.'),
};
export type GoogleAppEvent = EventOf<typeof googleAppEvents>;

const withProblem = z.object({ product, problem: problemShape });

export const grantEvents = {
  AuthorizationStarted: event(
    'oauth',
    'grant',
    'AuthorizationStarted',
    z.object({ product, expectedAccount: z.string(), clientId: z.string(), scopes: z.array(z.string()) }),
    ({ expectedAccount }) => `Connecting ${expectedAccount} was begun; Google’s consent page was opened.`,
  ),
  Authorized: event(
    'oauth',
    'grant',
    'Authorized',
    z.object({
      product,
      /** The account’s address as Google gives it. */
      account: z.string(),
      clientId: z.string(),
      projectId: z.string(),
      scopes: z.array(z.string()),
      /** When Google ends the permission by itself (an app in Testing); null when it does not say so. */
      expiresAt: instant.nullable(),
      /** Why it ends by itself, as the time that Google gives it tells: seven days for an app in Testing, or what the person chose. */
      limitedBy: z.enum(['testing', 'person']).nullable().optional(),
    }),
    ({ account, expiresAt, limitedBy }) => {
      if (!expiresAt) return `${account} gave the permission.`;
      const why = limitedBy === 'person' ? 'given for a limited time' : 'app in Testing';
      return `${account} gave the permission, which Google ends on ${expiresAt} (${why}).`;
    },
  ),
  AuthorizationFailed: event(
    'oauth',
    'grant',
    'AuthorizationFailed',
    withProblem,
    ({ problem }) => `Connecting failed: ${problem.code}.`,
  ),
  AuthorizationLost: event(
    'oauth',
    'grant',
    'AuthorizationLost',
    withProblem,
    ({ problem }) => `The permission ended: ${problem.code}.`,
  ),
  CauseFound: event(
    'oauth',
    'grant',
    'CauseFound',
    withProblem,
    ({ problem }) => `Why the permission ended is seen more clearly now: ${problem.code}.`,
  ),
  AccessTokenRefused: event(
    'oauth',
    'grant',
    'AccessTokenRefused',
    withProblem,
    ({ problem }) => `Google gave no access token: ${problem.code}. The permission itself is kept.`,
  ),
  AccessTokenRefreshed: event(
    'oauth',
    'grant',
    'AccessTokenRefreshed',
    z.object({ product }),
    () => 'Google gives access tokens again.',
  ),
  GrantForgotten: event(
    'oauth',
    'grant',
    'GrantForgotten',
    z.object({ product: product.nullable(), reason: z.string(), revoked: z.boolean() }),
    ({ reason, revoked }) =>
      `The stored permission was deleted${revoked ? ' and revoked at Google' : ''} (${reason}).`,
  ),
};
export type GrantEvent = EventOf<typeof grantEvents>;
