import { z } from 'zod';
import { GOOGLE_APIS } from '../projects.js';
import { redirectUriProblem } from './redirect-uri.js';

const organization = z.object({
  id: z.string().optional(),
  customerId: z.string().optional(),
  domain: z.string(),
  secureByDefault: z.boolean().default(false),
  domainRestrictedSharing: z.boolean().default(false),
});

const projectSettings = z.strictObject({
  enabledApis: z.array(z.enum(GOOGLE_APIS)),
  /** null takes the project out of its organisation. */
  organization: organization.nullable(),
  userType: z.enum(['internal', 'external']),
  publishingStatus: z.enum(['testing', 'production']),
  verified: z.boolean(),
  testUsers: z.array(z.email()),
  owners: z.array(z.email()),
});

export const projectSeed = projectSettings.extend({ number: z.string().regex(/^\d{6,19}$/) }).partial();
export const projectChange = projectSettings.partial();

const redirectUris = z.array(
  z.string().superRefine((uri, context) => {
    const problem = redirectUriProblem(uri);
    if (problem) context.addIssue(`Invalid Redirect: ${uri} ${problem}.`);
  }),
);

export const clientSeed = z.strictObject({
  name: z.string().default('Tenant app'),
  redirectUris,
});
export const clientChange = z.strictObject({
  name: z.string().optional(),
  redirectUris: redirectUris.optional(),
  state: z.enum(['active', 'disabled', 'deleted']).optional(),
});
/** `acceptedAfterMs`: how long the token endpoint refuses it, as Google does while a new secret spreads. */
export const secretSeed = z.strictObject({ acceptedAfterMs: z.number().int().nonnegative().exactOptional() });
export const secretChange = z.strictObject({ enabled: z.boolean() });

const grants = z.strictObject({
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
  canActAs: z.array(z.email()),
});
/** `canActAs: ['self']` grants Service Account User on itself. */
export const serviceAccountSeed = grants
  .extend({ name: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/), canActAs: z.array(z.string()) })
  .partial({ roles: true, permissions: true, canActAs: true });
export const serviceAccountChange = grants.extend({ deleted: z.boolean(), disabled: z.boolean() }).partial();

export const userSeed = z.strictObject({
  name: z.string().optional(),
  sub: z
    .string()
    .regex(/^\d{1,255}$/)
    .optional(),
  workspaceDomain: z.string().optional(),
  hasGmail: z.boolean().default(true),
  hasCalendar: z.boolean().default(true),
});

/** Unless said, the service account may administer Pub/Sub and act as itself; testers are the users. */
export const tenantProjectSeed = projectSeed.extend({
  projectId: z.string(),
  /** Shown on the consent page. */
  appName: z.string().default('Helpdesk'),
  redirectUris,
  users: z.array(userSeed.extend({ email: z.email() })).default([]),
  roles: z.array(z.string()).default(['roles/pubsub.admin']),
  /** Service accounts that the project's own may act as. */
  canActAs: z.array(z.string()).default(['self']),
});

export const workspacePolicy = z.strictObject({
  blockedClientIds: z.array(z.string()).default([]),
  trustedClientIds: z.array(z.string()).default([]),
  cloudSessionMs: z.number().int().positive().optional(),
});

export const clockMove = z.strictObject({ advanceMs: z.number().int().nonnegative() });

const status = z.enum([
  'INVALID_ARGUMENT',
  'FAILED_PRECONDITION',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'ABORTED',
  'ALREADY_EXISTS',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
]);
const httpCode = z.number().int().min(400).max(599);
const isPattern = (text: string): boolean => {
  try {
    return Boolean(new RegExp(text));
  } catch {
    return false;
  }
};
const match = z.strictObject({
  on: z.enum(['request', 'pubsub-push', 'calendar-push']).default('request'),
  method: z.string().exactOptional(),
  pathPattern: z.string().refine(isPattern, 'is not a regular expression').exactOptional(),
  caller: z.string().exactOptional(),
});
const effect = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('error'),
    code: httpCode,
    reason: z.string().exactOptional(),
    message: z.string().exactOptional(),
    status: status.exactOptional(),
    domain: z.string().exactOptional(),
    retryAfter: z.string().exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('oauth-error'),
    code: httpCode,
    error: z.string(),
    description: z.string().exactOptional(),
  }),
  z.strictObject({ kind: z.literal('html'), code: httpCode, body: z.string().exactOptional() }),
  z.strictObject({ kind: z.literal('delay'), delayMs: z.number().int().positive() }),
  z.strictObject({ kind: z.literal('drop'), afterwards: z.boolean().exactOptional() }),
  z.strictObject({ kind: z.literal('duplicate'), copies: z.number().int().positive().exactOptional() }),
  z.strictObject({ kind: z.literal('reorder'), hold: z.number().int().positive() }),
]);
const ON_PUSHES_ONLY = new Set(['duplicate', 'reorder']);
export const faultSeed = z
  .strictObject({ match, effect, times: z.number().int().positive().exactOptional() })
  .refine(({ match: { on }, effect: { kind } }) => on !== 'request' || !ON_PUSHES_ONLY.has(kind), {
    message: 'duplicate and reorder strike pushes only',
  });
