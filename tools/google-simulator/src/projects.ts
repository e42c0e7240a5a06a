import { z } from 'zod';
import { instant, setOf } from './state/forms.js';

export const GOOGLE_APIS = [
  'gmail.googleapis.com',
  'pubsub.googleapis.com',
  'calendar-json.googleapis.com',
  'cloudresourcemanager.googleapis.com',
  'iam.googleapis.com',
] as const;
export type GoogleApi = (typeof GOOGLE_APIS)[number];

export interface Organization {
  id: string;
  customerId: string;
  /** The organisation's Workspace domain: an Internal app admits its users only. */
  domain: string;
  /** Organisations made since May 2024 refuse service-account keys. */
  secureByDefault: boolean;
  /** Refuses IAM members from outside the organisation, Gmail's publisher among them. */
  domainRestrictedSharing: boolean;
}

export interface ClientSecret {
  readonly id: string;
  readonly value: string;
  enabled: boolean;
  /** From when on the token endpoint takes it: Google needs minutes to hours to spread a new secret. Absent: at once. */
  readonly acceptedFrom?: Date;
}

export interface OAuthClient {
  readonly clientId: string;
  name: string;
  redirectUris: string[];
  state: 'active' | 'disabled' | 'deleted';
  secrets: ClientSecret[];
  /** Last edit or token request; Google deletes a client six months after. */
  lastActiveAt: Date;
}

export interface ServiceAccountKey {
  readonly id: string;
  readonly publicKeyPem: string;
}

export interface ServiceAccount {
  readonly email: string;
  readonly uniqueId: string;
  deleted: boolean;
  /** Kept, and good for nothing until it is enabled again. */
  disabled: boolean;
  keys: ServiceAccountKey[];
  /** Roles granted on the whole project, e.g. `roles/pubsub.admin`. */
  roles: Set<string>;
  /** Single permissions granted on the whole project, e.g. `pubsub.topics.create`. */
  permissions: Set<string>;
  /** E-mails of service accounts that this one may act as. */
  canActAs: Set<string>;
}

export interface Project {
  readonly id: string;
  readonly number: string;
  enabledApis: Set<GoogleApi>;
  organization?: Organization;
  userType: 'internal' | 'external';
  publishingStatus: 'testing' | 'production';
  /** Whether Google has verified the app; if not, restricted scopes show a warning page. */
  verified: boolean;
  testUsers: Set<string>;
  /** Google accounts that own the project and may do everything in it. */
  owners: Set<string>;
  clients: OAuthClient[];
  serviceAccounts: ServiceAccount[];
}

export const savedProject = z.object({
  id: z.string(),
  number: z.string(),
  enabledApis: setOf(z.enum(GOOGLE_APIS)),
  organization: z
    .object({
      id: z.string(),
      customerId: z.string(),
      domain: z.string(),
      secureByDefault: z.boolean(),
      domainRestrictedSharing: z.boolean(),
    })
    .exactOptional(),
  userType: z.enum(['internal', 'external']),
  publishingStatus: z.enum(['testing', 'production']),
  verified: z.boolean(),
  testUsers: setOf(z.string()),
  owners: setOf(z.string()),
  clients: z.array(
    z.object({
      clientId: z.string(),
      name: z.string(),
      redirectUris: z.array(z.string()),
      state: z.enum(['active', 'disabled', 'deleted']),
      secrets: z.array(
        z.object({
          id: z.string(),
          value: z.string(),
          enabled: z.boolean(),
          acceptedFrom: instant.exactOptional(),
        }),
      ),
      lastActiveAt: instant,
    }),
  ),
  serviceAccounts: z.array(
    z.object({
      email: z.string(),
      uniqueId: z.string(),
      deleted: z.boolean(),
      disabled: z.boolean().default(false),
      keys: z.array(z.object({ id: z.string(), publicKeyPem: z.string() })),
      roles: setOf(z.string()),
      permissions: setOf(z.string()),
      canActAs: setOf(z.string()),
    }),
  ),
}) satisfies z.ZodType<Project>;

const ROLES: Record<string, RegExp> = {
  'roles/owner': /^(pubsub|serviceusage)\./,
  'roles/editor': /^(pubsub\.(?!.*setIamPolicy)|serviceusage\.)/,
  'roles/pubsub.admin': /^(pubsub\.|serviceusage\.services\.(get|list)$)/,
  'roles/pubsub.editor': /^(pubsub\.(?!.*setIamPolicy)|serviceusage\.services\.(get|list)$)/,
  'roles/pubsub.viewer': /^(pubsub\.\w+|serviceusage\.services)\.(get|list)$/,
  'roles/pubsub.publisher': /^pubsub\.topics\.publish$/,
  'roles/pubsub.subscriber': /^pubsub\.(subscriptions\.consume|topics\.attachSubscription)$/,
};

export function roleAllows(role: string, permission: string): boolean {
  return ROLES[role]?.test(permission) ?? false;
}

/** Whether the account's grants on its own project include a permission; resource policies come on top. */
export function projectGrants(account: ServiceAccount, permission: string): boolean {
  return (
    account.permissions.has(permission) || [...account.roles].some((role) => roleAllows(role, permission))
  );
}

export function mayActAs(account: ServiceAccount, email: string): boolean {
  return account.canActAs.has(email) || account.roles.has('roles/iam.serviceAccountUser');
}
