/**
 * Why a secret could not be read or changed. Holds names and ids only: never a value, never key material,
 * and never an argument that was refused, because a value may have been passed in a name's place.
 */
export type SecretsFailure =
  | { readonly code: 'secrets.invalid-tenant-id' }
  | { readonly code: 'secrets.invalid-key' }
  | { readonly code: 'secrets.invalid-value'; readonly key: string; readonly rule: ValueRule }
  /** The tenant's data key is wrapped by these keys, and the key ring holds none of them. */
  | { readonly code: 'secrets.wrapping-key-missing'; readonly keyIds: readonly string[] }
  /** What is stored was altered, or belongs to another tenant or key, or was sealed with other key material. */
  | { readonly code: 'secrets.unreadable'; readonly tenantId: string; readonly what: string }
  | { readonly code: 'secrets.unsafe-path'; readonly tenantId: string; readonly what: string }
  | { readonly code: 'secrets.store-missing'; readonly path: string }
  | { readonly code: 'secrets.busy'; readonly tenantId: string };

export type ValueRule = 'text' | 'not-empty' | 'well-formed' | 'at-most-64-kib';

export class SecretsError extends Error {
  override readonly name = 'SecretsError';

  constructor(readonly failure: SecretsFailure) {
    super(sentence(failure));
  }
}

function sentence(failure: SecretsFailure): string {
  switch (failure.code) {
    case 'secrets.invalid-tenant-id':
      return 'A tenant id is 1 to 64 letters, digits, hyphens or underscores, beginning with a letter or digit';
    case 'secrets.invalid-key':
      return 'The key is not one of the names under which Google secrets are kept';
    case 'secrets.invalid-value':
      return `The value for ${failure.key} breaks the rule "${failure.rule}"`;
    case 'secrets.wrapping-key-missing':
      return `The key ring holds none of the keys that can open this: ${failure.keyIds.join(', ')}`;
    case 'secrets.unreadable':
      return `${failure.what} of tenant ${failure.tenantId} cannot be opened: it was altered or belongs elsewhere`;
    case 'secrets.unsafe-path':
      return `${failure.what} of tenant ${failure.tenantId} is not a plain file or folder, and is refused`;
    case 'secrets.store-missing':
      return `The folder ${failure.path}, under which tenants' secrets are kept, does not exist`;
    case 'secrets.busy':
      return `The secrets of tenant ${failure.tenantId} are being changed by others for too long`;
  }
}
