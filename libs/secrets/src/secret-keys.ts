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

export const serviceAccountKey = 'google_service_account_key';

export const refreshTokenKey = (providerId: string) => `google_refresh_token_${providerId}` as const;
export const accessTokenKey = (providerId: string) => `google_access_token_${providerId}` as const;

export type SecretKey =
  | (typeof gmailAppKeys)[keyof typeof gmailAppKeys]
  | (typeof calendarAppKeys)[keyof typeof calendarAppKeys]
  | typeof serviceAccountKey
  | ReturnType<typeof refreshTokenKey>
  | ReturnType<typeof accessTokenKey>;

const appKeys: ReadonlySet<string> = new Set([
  ...Object.values(gmailAppKeys),
  ...Object.values(calendarAppKeys),
  serviceAccountKey,
]);

// Neither dots nor slashes: a key is also a file's name in the host's layout.
const grantKey = /^google_(?:refresh|access)_token_[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** The closed set: nothing else is read or written, whatever else a tenant's folder or table holds. */
export const isSecretKey = (name: string): name is SecretKey => appKeys.has(name) || grantKey.test(name);
