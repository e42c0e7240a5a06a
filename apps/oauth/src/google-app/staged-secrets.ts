import { z } from 'zod';
import {
  isSecretKey,
  stagedAt,
  stagedSecretsKey,
  type SecretKey,
  type StagedSecrets,
} from '#secrets/secret-keys';
import type { SecretChanges, SecretsProvider } from '#secrets/secrets-provider';
import { minutes } from '#time/clock';

const shape = z.object({
  gmailClientSecret: z.string().optional(),
  calendarClientSecret: z.string().optional(),
  serviceAccountKey: z.string().optional(),
});

const forgottenAfterMs = minutes(10);

/** What the gateway laid down for this command; undefined when it is not there, or was taken before. */
export async function readStaged(
  secrets: SecretsProvider,
  tenantId: string,
  id: string | undefined,
): Promise<StagedSecrets | undefined> {
  if (id === undefined) return {};
  const key = stagedSecretsKey(id);
  const text = isSecretKey(key) ? await secrets.getTenantSecret(tenantId, key) : undefined;
  if (text === undefined) return undefined;
  try {
    const { data } = shape.safeParse(JSON.parse(text));
    return data && (Object.fromEntries(Object.entries(data)) as StagedSecrets);
  } catch {
    return undefined;
  }
}

/** Takes away what was staged for this command, and what others staged and never came for. */
export async function sweepingStaged(
  secrets: SecretsProvider,
  tenantId: string,
  own: string | undefined,
  now: Date,
): Promise<SecretChanges> {
  const keys: SecretKey[] = (await secrets.listTenantSecretKeys(tenantId)).filter((key) => {
    const at = stagedAt(key);
    return at !== undefined && now.getTime() - at.getTime() > forgottenAfterMs;
  });
  if (own !== undefined) keys.push(stagedSecretsKey(own));
  return Object.fromEntries(keys.map((key) => [key, null]));
}
