import { createHash } from 'node:crypto';
import { z } from 'zod';
import { accessTokenKey, refreshTokenKey } from '#secrets/secret-keys';
import { SecretsError } from '#secrets/secrets-error';
import type { SecretChanges, SecretsProvider } from '#secrets/secrets-provider';
import type { GrantIdentity } from './grant.decider.js';

const accessTokenShape = z.object({
  accessToken: z.string(),
  expiresAt: z.iso.datetime(),
  account: z.string(),
  clientId: z.string(),
  /** When Google gave it, and so proved the permission. Absent in tokens that were kept before this was noted. */
  receivedAt: z.iso.datetime().optional(),
});

/** An access token as the replicas share it, and which permission it came of. */
export type SharedAccessToken = z.infer<typeof accessTokenShape>;

export interface GrantTokens {
  refreshToken: string | null;
  /** The latest; it may have expired. */
  access: SharedAccessToken | null;
}

export async function readTokens(
  secrets: SecretsProvider,
  tenantId: string,
  providerId: string,
): Promise<GrantTokens> {
  const [refreshKey, accessKey] = [refreshTokenKey(providerId), accessTokenKey(providerId)];
  const found = await secrets.getTenantSecrets(tenantId, [refreshKey, accessKey]);
  return { refreshToken: found[refreshKey] ?? null, access: parsed(found[accessKey]) };
}

/** For whoever takes a permission away, which has to be possible also when its token cannot be opened any more. */
export async function refreshTokenToRevoke(
  secrets: SecretsProvider,
  tenantId: string,
  providerId: string,
): Promise<string | null> {
  try {
    return (await readTokens(secrets, tenantId, providerId)).refreshToken;
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

function parsed(text: string | undefined): SharedAccessToken | null {
  try {
    return text === undefined ? null : (accessTokenShape.safeParse(JSON.parse(text)).data ?? null);
  } catch {
    return null;
  }
}

/** Both in one change: an access token is always found beside the refresh token of the same permission. */
export const tokensToKeep = (
  providerId: string,
  access: SharedAccessToken,
  refreshToken: string | null,
): SecretChanges => ({
  [accessTokenKey(providerId)]: JSON.stringify(access),
  ...(refreshToken !== null && { [refreshTokenKey(providerId)]: refreshToken }),
});

export const tokensToForget = (providerId: string): SecretChanges => ({
  [accessTokenKey(providerId)]: null,
  [refreshTokenKey(providerId)]: null,
});

export const sharedToken = (
  { accessToken, expiresInSeconds }: { accessToken: string; expiresInSeconds: number },
  { account, clientId }: GrantIdentity,
  receivedAt: Date,
): SharedAccessToken => ({
  accessToken,
  expiresAt: new Date(receivedAt.getTime() + expiresInSeconds * 1_000).toISOString(),
  account,
  clientId,
  receivedAt: receivedAt.toISOString(),
});

/** When the permission was last seen to work; null when nobody knows. */
export const provenAt = (access: SharedAccessToken | null): Date | null =>
  access?.receivedAt === undefined ? null : new Date(access.receivedAt);

/** How a token is spoken of without saying it: SHA-256 in hex. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');
