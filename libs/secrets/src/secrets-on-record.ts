import type { SecretKey } from './secret-keys.js';
import { SecretsProvider } from './secrets-provider.js';

/** Which keys of a tenant were read. Never a value. */
export type NoteRead = (tenantId: string, keys: SecretKey[]) => Promise<void>;

/** The same secrets, but no value is answered before it was noted that it was read. A key without a value is none. */
export const secretsOnRecord = (secrets: SecretsProvider, noteRead: NoteRead): SecretsProvider =>
  new SecretsProvider({
    read: async (tenantId, keys) => {
      const found = await secrets.getTenantSecrets(tenantId, keys);
      const values = new Map(Object.entries(found) as [SecretKey, string][]);
      if (values.size > 0) await noteRead(tenantId, [...values.keys()]);
      return values;
    },
    change: (tenantId, changes) => secrets.changeTenantSecrets(tenantId, Object.fromEntries(changes)),
    list: (tenantId) => secrets.listTenantSecretKeys(tenantId),
  });
