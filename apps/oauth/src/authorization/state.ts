import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceLength = 12;
const tagLength = 16;

/** 256 bits at random; whoever has it may finish the attempt once. */
export const newState = (): string => randomBytes(32).toString('base64url');

/** RFC 7636: 43 characters. */
export const newCodeVerifier = (): string => randomBytes(32).toString('base64url');

/** S256 of RFC 7636. */
export const codeChallenge = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url');

/** What is stored in a state's place: a copy of the table finishes nobody's attempt. */
export const stateHash = (state: string): string => createHash('sha256').update(state).digest('hex');

// The state is known to the browser on its way and to nobody who reads the table: it is the key, and need not be kept.
const sealingKey = (state: string): Buffer =>
  Buffer.from(hkdfSync('sha256', state, '', 'tenant-google code verifier', 32));

export function sealedVerifier(state: string, verifier: string): Buffer {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv(algorithm, sealingKey(state), nonce, { authTagLength: tagLength });
  const sealed = Buffer.concat([cipher.update(verifier), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Undefined when it was sealed for another state, or altered. */
export function unsealedVerifier(state: string, sealed: Buffer): string | undefined {
  try {
    const nonce = sealed.subarray(0, nonceLength);
    const decipher = createDecipheriv(algorithm, sealingKey(state), nonce, { authTagLength: tagLength });
    decipher.setAuthTag(sealed.subarray(nonceLength, nonceLength + tagLength));
    const verifier = [decipher.update(sealed.subarray(nonceLength + tagLength)), decipher.final()];
    return Buffer.concat(verifier).toString();
  } catch {
    return undefined;
  }
}
