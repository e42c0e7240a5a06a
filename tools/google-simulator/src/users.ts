import { z } from 'zod';
import { setOf } from './state/forms.js';

/** A Google account, consumer or Workspace. */
export interface GoogleUser {
  readonly sub: string;
  email: string;
  name: string;
  /** The Workspace domain that the account belongs to, given out as the `hd` claim; absent for consumer accounts. */
  workspaceDomain?: string;
  hasGmail: boolean;
  hasCalendar: boolean;
  /** Rises with every password change; refresh tokens with Gmail scopes live only within one epoch. */
  passwordEpoch: number;
}

/** What a Workspace's administrator has decided about third-party apps. */
export interface Workspace {
  readonly domain: string;
  /** Apps that are blocked: authorization and refresh answer `admin_policy_enforced`. */
  blockedClientIds: Set<string>;
  /** Trusted apps are all-or-nothing: their consent page has no tick boxes. */
  trustedClientIds: Set<string>;
  /** How long a Cloud session lasts; refresh tokens with Cloud scopes then answer `invalid_rapt`. */
  cloudSessionMs?: number;
}

export const savedUser = z.object({
  sub: z.string(),
  email: z.string(),
  name: z.string(),
  workspaceDomain: z.string().exactOptional(),
  hasGmail: z.boolean(),
  hasCalendar: z.boolean(),
  passwordEpoch: z.number(),
}) satisfies z.ZodType<GoogleUser>;

export const savedWorkspace = z.object({
  domain: z.string(),
  blockedClientIds: setOf(z.string()),
  trustedClientIds: setOf(z.string()),
  cloudSessionMs: z.number().exactOptional(),
}) satisfies z.ZodType<Workspace>;

export function emptyWorkspace(domain: string): Workspace {
  return { domain, blockedClientIds: new Set(), trustedClientIds: new Set() };
}
