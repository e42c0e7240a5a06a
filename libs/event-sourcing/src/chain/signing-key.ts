import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A new Ed25519 key for signing heads, as a setting holds it: its PKCS #8 PEM in base64, on one line. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64');
}

/** Null when the setting holds no such key. */
export function signingKeyIn(setting: string): KeyObject | null {
  try {
    const key = createPrivateKey(Buffer.from(setting, 'base64').toString('utf8'));
    return key.asymmetricKeyType === 'ed25519' ? key : null;
  } catch {
    return null;
  }
}

/** What goes to whoever checks: PEM. */
export const publicKeyOf = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
