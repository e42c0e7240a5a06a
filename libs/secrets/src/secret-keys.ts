import { randomBytes } from 'node:crypto';

/** The names under which a tenant's Google secrets are kept; the host reads and writes the same ones. */
export const gmailAppKeys = {
  clientId: 'google_client_id',
  clientSecret: 'google_client_secret',
  projectId: 'google_project_id',
} as const;

export const calendarAppKeys = {
  clientId: 'google_calendar_client_id',
  clientSecret: 'google_calendar_client_secret',
  projectId: 'google_calendar_project_id',
} as const;

/**
 * The client secrets that the present ones replaced, by whose pair they are of: JSON of `clientId`, `clientSecret` and `until`. Kept for a day,
 * because Google takes up to some hours to accept a new secret everywhere. The host has no use for them.
 */
export const formerClientSecretKeys = {
  gmail: 'google_former_client_secret',
  calendar: 'google_calendar_former_client_secret',
} as const;

export const serviceAccountKey = 'google_service_account_key';

export const refreshTokenKey = (providerId: string) => `google_refresh_token_${providerId}` as const;
export const accessTokenKey = (providerId: string) => `google_access_token_${providerId}` as const;

/** What a form brought, waiting for the command that carries only this id. Taken, and deleted, by whoever handles the command. */
export const stagedSecretsKey = (id: string) => `google_staged_${id}` as const;

/** As JSON under stagedSecretsKey. Values are as they were entered; the handler of the command judges them. */
export interface StagedSecrets {
  gmailClientSecret?: string;
  calendarClientSecret?: string;
  /** The text of the key file. */
  serviceAccountKey?: string;
}

/** A staging id tells when it was made, so that what nobody came for can be swept away. */
export const newStagedSecretsId = (now: Date): string =>
  `${now.getTime().toString(36)}-${randomBytes(12).toString('hex')}`;

const stagedId = /^google_staged_([0-9a-z]+)-[0-9a-f]{24}$/;

/** When secrets were staged under the key; undefined when it is not the key of staged secrets. */
export function stagedAt(key: string): Date | undefined {
  const made = stagedId.exec(key)?.[1];
  return made === undefined ? undefined : new Date(Number.parseInt(made, 36));
}

export type SecretKey =
  | (typeof gmailAppKeys)[keyof typeof gmailAppKeys]
  | (typeof calendarAppKeys)[keyof typeof calendarAppKeys]
  | (typeof formerClientSecretKeys)[keyof typeof formerClientSecretKeys]
  | typeof serviceAccountKey
  | ReturnType<typeof refreshTokenKey>
  | ReturnType<typeof accessTokenKey>
  | ReturnType<typeof stagedSecretsKey>;

const appKeys: ReadonlySet<string> = new Set([
  ...Object.values(gmailAppKeys),
  ...Object.values(calendarAppKeys),
  ...Object.values(formerClientSecretKeys),
  serviceAccountKey,
]);

// Neither dots nor slashes: a key is also a file's name in the host's layout.
const keyWithId = /^google_(?:refresh_token|access_token|staged)_[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** The closed set: nothing else is read or written, whatever else a tenant's folder or table holds. */
export const isSecretKey = (name: string): name is SecretKey => appKeys.has(name) || keyWithId.test(name);
