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

export function emptyWorkspace(domain: string): Workspace {
  return { domain, blockedClientIds: new Set(), trustedClientIds: new Set() };
}
