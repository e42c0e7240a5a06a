import { isSecretKey, type SecretKey } from './secret-keys.js';
import { SecretsError, type ValueRule } from './secrets-error.js';

/** What is to be: a value, or null for none. */
export type SecretChanges = { readonly [K in SecretKey]?: string | null };

/**
 * Where secrets are kept. Arguments have been checked: tenant ids and keys are safe as file names, values are
 * well-formed text without surrounding whitespace, changes are not empty. Rejects with SecretsError.
 */
export interface SecretStore {
  /** The values of one moment: a change is seen in all of the keys or in none. Absent keys are left out. */
  read(tenantId: string, keys: readonly SecretKey[]): Promise<ReadonlyMap<SecretKey, string>>;
  /** All or nothing, also when the process dies in between; durable once it resolves. */
  change(tenantId: string, changes: ReadonlyMap<SecretKey, string | null>): Promise<void>;
  list(tenantId: string): Promise<readonly SecretKey[]>;
}

/**
 * The Secrets Provider, in the host's vocabulary. Holds tenants' secrets only: there is no app-level Google
 * credential. Values lose surrounding whitespace, as they do when the host reads them. Every method rejects with
 * SecretsError when arguments are refused or what is stored cannot be opened, and with the store's own error when
 * that is out of reach; none of them carries a value.
 */
export class SecretsProvider {
  readonly #store: SecretStore;

  constructor(store: SecretStore) {
    this.#store = store;
  }

  async getTenantSecret(tenantId: string, key: SecretKey): Promise<string | undefined> {
    const values = await this.getTenantSecrets(tenantId, [key]);
    return values[key];
  }

  /** Secrets that belong together, such as an id and its secret, read as of one moment. */
  async getTenantSecrets<K extends SecretKey>(
    tenantId: string,
    keys: readonly K[],
  ): Promise<{ readonly [P in K]?: string }> {
    refuseBadTenantId(tenantId);
    keys.forEach(refuseBadKey);
    const values = await this.#store.read(tenantId, keys);
    return Object.fromEntries(values) as { [P in K]?: string };
  }

  async setTenantSecret(tenantId: string, key: SecretKey, value: string): Promise<void> {
    await this.#change(tenantId, new Map([[key, value]]));
  }

  /** Deleting what is not there is done already. */
  async deleteTenantSecret(tenantId: string, key: SecretKey): Promise<void> {
    await this.#change(tenantId, new Map([[key, null]]));
  }

  /** All of the changes, or none of them. */
  async changeTenantSecrets(tenantId: string, changes: SecretChanges): Promise<void> {
    await this.#change(tenantId, new Map(Object.entries(changes)));
  }

  /** The keys that have a value, in alphabetical order. */
  async listTenantSecretKeys(tenantId: string): Promise<readonly SecretKey[]> {
    refuseBadTenantId(tenantId);
    return [...(await this.#store.list(tenantId))].sort();
  }

  async #change(tenantId: string, requested: ReadonlyMap<string, string | null | undefined>): Promise<void> {
    refuseBadTenantId(tenantId);
    const changes = new Map<SecretKey, string | null>();
    for (const [key, value] of requested) {
      refuseBadKey(key);
      changes.set(key, value === null ? null : keptValue(key, value));
    }
    if (changes.size > 0) await this.#store.change(tenantId, changes);
  }
}

const wellFormedTenantId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const largestValue = 64 * 1024;

function refuseBadTenantId(tenantId: string): void {
  if (typeof tenantId !== 'string' || !wellFormedTenantId.test(tenantId))
    throw new SecretsError({ code: 'secrets.invalid-tenant-id' });
}

function refuseBadKey(key: string): asserts key is SecretKey {
  if (typeof key !== 'string' || !isSecretKey(key)) throw new SecretsError({ code: 'secrets.invalid-key' });
}

function keptValue(key: SecretKey, value: string | undefined): string {
  const broken = (rule: ValueRule) => new SecretsError({ code: 'secrets.invalid-value', key, rule });
  if (typeof value !== 'string') throw broken('text');
  const kept = value.trim();
  if (kept === '') throw broken('not-empty');
  if (!kept.isWellFormed()) throw broken('well-formed');
  if (Buffer.byteLength(kept) > largestValue) throw broken('at-most-64-kib');
  return kept;
}
