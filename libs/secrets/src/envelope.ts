import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

// version (1) | nonce (12) | authentication tag (16) | ciphertext
const version = 1;
const nonceLength = 12;
const tagLength = 16;
const headerLength = 1 + nonceLength + tagLength;

export const keyLength = 32;

/** Where a sealed thing belongs. It opens nowhere else. */
export type Place =
  | readonly ['data key', tenantId: string, wrappingKeyId: string]
  | readonly ['secret', tenantId: string, key: string];

// JSON keeps the parts apart: no two places share an encoding.
const associatedData = (place: Place): Buffer =>
  Buffer.from(JSON.stringify(['tenant-google', version, ...place]));

export const newKey = (): KeyObject => createSecretKey(randomBytes(keyLength));

/** AES-256-GCM under a fresh random nonce, bound to its place. */
export function seal(key: KeyObject, place: Place, content: Buffer): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  cipher.setAAD(associatedData(place));
  const ciphertext = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), ciphertext]);
}

/** The content, or undefined when the key or the place is another one or anything was altered. */
export function unseal(key: KeyObject, place: Place, sealed: Buffer): Buffer | undefined {
  if (sealed.length < headerLength || sealed[0] !== version) return undefined;
  const nonce = sealed.subarray(1, 1 + nonceLength);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(sealed.subarray(1 + nonceLength, headerLength));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headerLength)), decipher.final()]);
  } catch {
    return undefined;
  }
}
