import { z } from 'zod';
import type { StoreConfig } from '#contracts/oauth';
import type { StagedSecrets } from '#secrets/secret-keys';

const text = z.string().max(1_000);

/** The form of the Google setup. A field left out stays as it is. */
export const configRequest = z.strictObject({
  projectId: text.optional(),
  provisioning: z.enum(['key', 'manual']).optional(),
  gmail: z.strictObject({ clientId: text.optional(), clientSecret: text.optional() }).optional(),
  calendar: z
    .union([
      z.enum(['same', 'none']),
      z.strictObject({ clientId: text.optional(), clientSecret: text.optional() }),
    ])
    .optional()
    .describe('"same": Calendar uses Gmail’s client; "none": no Calendar.'),
  serviceAccountKey: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .nullable()
    .optional()
    .describe('The JSON key file, as text or as the object in it; null removes the stored one.'),
  pushServiceAccount: text
    .optional()
    .describe('Manual provisioning only: the service account that signs the pushes.'),
});
export type ConfigRequest = z.infer<typeof configRequest>;

type Command = z.infer<typeof StoreConfig.data>;

export interface SplitConfig {
  /** What may travel in a message. */
  open: Omit<Command, 'stagedSecretsId'>;
  /** What may not; null when no secret changes. */
  secrets: StagedSecrets | null;
}

/** Parts what is secret from what is not. An empty field of a form is one that was left alone. */
export function splitConfig(request: ConfigRequest): SplitConfig {
  const { projectId, provisioning, gmail, calendar, serviceAccountKey, pushServiceAccount } = request;
  const own = typeof calendar === 'object' ? calendar : undefined;
  const key =
    typeof serviceAccountKey === 'object' && serviceAccountKey
      ? JSON.stringify(serviceAccountKey)
      : serviceAccountKey;
  const secrets: StagedSecrets = {
    ...(gmail?.clientSecret ? { gmailClientSecret: gmail.clientSecret } : {}),
    ...(own?.clientSecret ? { calendarClientSecret: own.clientSecret } : {}),
    ...(key ? { serviceAccountKey: key } : {}),
  };
  return {
    open: {
      ...(projectId ? { projectId } : {}),
      ...(provisioning ? { provisioning } : {}),
      ...(gmail?.clientId ? { gmailClientId: gmail.clientId } : {}),
      ...(calendar ? { calendar: typeof calendar === 'string' ? calendar : 'own' } : {}),
      ...(own?.clientId ? { calendarClientId: own.clientId } : {}),
      ...(key === null ? { removeServiceAccountKey: true } : {}),
      ...(pushServiceAccount !== undefined ? { pushServiceAccount } : {}),
    },
    secrets: Object.keys(secrets).length > 0 ? secrets : null,
  };
}
