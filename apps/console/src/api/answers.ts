/** What the gateway answers, as docs/openapi.json describes it; only what the console shows. */
export type Status = 'disconnected' | 'configuring' | 'connected' | 'error';

export type Actor = 'tenant-admin' | 'mailbox-owner' | 'workspace-admin' | 'operator' | 'caller' | 'nobody';

export interface Problem {
  code: string;
  sentence: string;
  actor: Actor;
  remedy: string;
  link: string | null;
}

export interface ShownProblem extends Problem {
  cause: 'known' | 'inferred';
  since: string;
  nextAttemptAt: string | null;
}

export type ConfigField =
  | 'projectId'
  | 'gmail.clientId'
  | 'gmail.clientSecret'
  | 'calendar.clientId'
  | 'calendar.clientSecret'
  | 'serviceAccountKey'
  | 'pushServiceAccount';

export interface FieldError {
  field: ConfigField;
  code: string;
  sentence: string;
  remedy: string;
  link: string | null;
}

interface ProductSetup {
  configured: boolean;
  missing: ConfigField[];
  maskedClientId: string | null;
  clientSecretStored: boolean;
  redirectUri: string;
  scopes: string[];
}

export interface GoogleSetup {
  tenantId: string;
  badge: 'ready' | 'needs-setup' | 'not-configured';
  projectId: string | null;
  provisioning: 'key' | 'manual';
  serviceAccountKeyStored: boolean;
  serviceAccountEmail: string | null;
  gmail: ProductSetup;
  calendar: ProductSetup & { usesSameApp: boolean };
  updatedAt: string | null;
  updatedBy: string | null;
}

export interface SetupChange {
  projectId?: string;
  provisioning?: 'key' | 'manual';
  gmail?: { clientId?: string; clientSecret?: string };
  calendar?: 'same' | 'none' | { clientId?: string; clientSecret?: string };
  serviceAccountKey?: string | null;
  pushServiceAccount?: string;
}

export interface ProvisioningCommands {
  topic: string;
  subscription: string;
  endpoint: string;
  serviceAccountEmail: string;
  commands: string[];
}

/** What is said of a provider at one moment. */
export interface StatusAnswer {
  status: Status;
  problem: ShownProblem | null;
  notices: ShownProblem[];
  paused: boolean;
  tokenState: 'valid' | 'refused' | 'lost' | 'none';
  authorizationExpiresAt: string | null;
  lastSyncAt: string | null;
  /** These of mailboxes only. */
  watchExpiresAt?: string | null;
  provenAt?: string | null;
  lastPushAt?: string | null;
}

export interface StatusThen extends StatusAnswer {
  asOf: string;
  activityKnown: boolean;
  /** Of calendar accounts only. */
  calendars?: KeptCalendar[];
}

/** What a mailbox and a calendar provider have in common. */
export interface ProviderState extends StatusAnswer {
  id: string;
  name: string;
  createdAt: string;
}

export type IncludedKind = 'sent' | 'drafts' | 'spam' | 'trash';

export interface Mailbox extends ProviderState {
  mailbox: string;
  labels: string[];
  include: IncludedKind[];
  account: string | null;
  watchExpiresAt: string | null;
  provenAt: string | null;
  lastPushAt: string | null;
}

export interface KeptCalendar {
  calendarId: string;
  summary: string;
  primary: boolean;
  status: Status;
  problem: ShownProblem | null;
  notices: ShownProblem[];
  mode: 'push' | 'polling' | 'undecided';
  provenAt: string | null;
  firstSyncAt: string | null;
  lastNotificationAt: string | null;
  lastSyncAt: string | null;
}

export interface CalendarProvider extends ProviderState {
  userId: string;
  account: string;
  connectedAccount: string | null;
  calendars: KeptCalendar[];
}

export interface AccountCalendar {
  calendarId: string;
  summary: string;
  primary: boolean;
  chosen: boolean;
  proposed: boolean;
}

export interface ParkedMessage {
  gmailId: string;
  reason: string;
  attempts: number;
  parkedAt: string;
  nextAttemptAt: string | null;
}

export interface Happening {
  id: string;
  at: string;
  type: string;
  sentence: string;
  by: string;
  about: 'googleApp' | 'topic' | 'grant' | 'mailbox' | 'calendar' | 'tenantReset';
  correlationId: string;
  causedBy: string | null;
}

export interface History {
  history: Happening[];
  total: number;
  earlier?: number | null;
}

export interface CauseChain {
  /** The happening itself, then what led to it. */
  causes: {
    id: string;
    at: string;
    sentence: string;
    by: string;
    followed: string;
    times: number;
    firstAt: string;
  }[];
  began: { sentence: string };
}

export interface TenantReset {
  status: 'never' | 'running' | 'completed';
  reason: string | null;
  requestedAt: string | null;
  requestedBy: string | null;
  completedAt: string | null;
  result: {
    mailboxes: number;
    calendars: number;
    leftAlone: string[];
    leftAtGoogle: { providerId: string; what: 'watch' | 'channels' | 'permission' }[];
  } | null;
}
