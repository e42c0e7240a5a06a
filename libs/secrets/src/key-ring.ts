import { createSecretKey, type KeyObject } from 'node:crypto';
import { keyLength, seal, unseal } from './envelope.js';
import { SecretsError } from './secrets-error.js';

export interface WrappedDataKey {
  readonly wrappingKeyId: string;
  readonly wrapped: Buffer;
}

/** Says where the text is wrong by position and by well-formed id; never quotes anything that may be key material. */
export type MalformedKeyRing =
  | { readonly code: 'key-ring.empty' }
  | { readonly code: 'key-ring.malformed-entry'; readonly position: number }
  | { readonly code: 'key-ring.not-a-256-bit-key'; readonly position: number; readonly keyId: string }
  | { readonly code: 'key-ring.repeated-id'; readonly position: number; readonly keyId: string };

const entryShape = /^([A-Za-z0-9][A-Za-z0-9_-]{0,31}):(.*)$/;

/** The keys that wrap tenants' data keys. The first is the current one; the others still open what they wrapped. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, KeyObject>;

  private constructor(
    readonly currentId: string,
    keys: ReadonlyMap<string, KeyObject>,
  ) {
    this.#keys = keys;
  }

  /** Reads `k2:base64,k1:base64`: ids with 32 random bytes each, the current key first; positions count from 1. */
  static parse(text: string): KeyRing | MalformedKeyRing {
    const keys = new Map<string, KeyObject>();
    if (text.trim() === '') return { code: 'key-ring.empty' };
    for (const [index, entry] of text.split(',').entries()) {
      const position = index + 1;
      const [, keyId, encoded] = entryShape.exec(entry.trim()) ?? [];
      if (keyId === undefined || encoded === undefined) return { code: 'key-ring.malformed-entry', position };
      if (keys.has(keyId)) return { code: 'key-ring.repeated-id', position, keyId };
      const material = Buffer.from(encoded, 'base64');
      // Decoding skips what is not base64, so only the way back proves that nothing was lost.
      if (material.length !== keyLength || material.toString('base64') !== encoded)
        return { code: 'key-ring.not-a-256-bit-key', position, keyId };
      keys.set(keyId, createSecretKey(material));
    }
    const [currentId] = keys.keys();
    return currentId === undefined ? { code: 'key-ring.empty' } : new KeyRing(currentId, keys);
  }

  wrapWithCurrent(tenantId: string, dataKey: KeyObject): WrappedDataKey {
    return this.wrapWithAll(tenantId, dataKey)[0]!;
  }

  /** One copy for each key of the ring, the current one first. */
  wrapWithAll(tenantId: string, dataKey: KeyObject): readonly WrappedDataKey[] {
    return [...this.#keys].map(([wrappingKeyId, key]) => ({
      wrappingKeyId,
      wrapped: seal(key, ['data key', tenantId, wrappingKeyId], dataKey.export()),
    }));
  }

  /** Opens whichever copy it can; says why when it can open none. */
  unwrap(tenantId: string, copies: readonly WrappedDataKey[]): KeyObject | SecretsError {
    const known = copies.filter(({ wrappingKeyId }) => this.#keys.has(wrappingKeyId));
    for (const { wrappingKeyId, wrapped } of known) {
      const content = unseal(this.#keys.get(wrappingKeyId)!, ['data key', tenantId, wrappingKeyId], wrapped);
      if (content?.length === keyLength) return createSecretKey(content);
    }
    return known.length === 0 && copies.length > 0
      ? new SecretsError({
          code: 'secrets.wrapping-key-missing',
          keyIds: copies.map(({ wrappingKeyId }) => wrappingKeyId).sort(),
        })
      : new SecretsError({ code: 'secrets.unreadable', tenantId, what: 'The data key' });
  }
}
