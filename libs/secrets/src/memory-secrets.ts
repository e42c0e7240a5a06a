import type { SecretKey } from './secret-keys.js';
import { SecretsProvider, type SecretStore } from './secrets-provider.js';

/** The substitute: keeps secrets for as long as the object lives. */
export function memorySecrets(): SecretsProvider {
  return new SecretsProvider(new MemoryStore());
}

class MemoryStore implements SecretStore {
  readonly #tenants = new Map<string, Map<SecretKey, string>>();

  async read(tenantId: string, keys: readonly SecretKey[]): Promise<ReadonlyMap<SecretKey, string>> {
    const wanted = new Set(keys);
    return new Map([...this.#of(tenantId)].filter(([key]) => wanted.has(key)));
  }

  async change(tenantId: string, changes: ReadonlyMap<SecretKey, string | null>): Promise<void> {
    const secrets = this.#of(tenantId);
    for (const [key, value] of changes) {
      if (value === null) secrets.delete(key);
      else secrets.set(key, value);
    }
    this.#tenants.set(tenantId, secrets);
  }

  async list(tenantId: string): Promise<readonly SecretKey[]> {
    return [...this.#of(tenantId).keys()];
  }

  #of(tenantId: string): Map<SecretKey, string> {
    return this.#tenants.get(tenantId) ?? new Map();
  }
}
