import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { selfSignedCertificate } from './certificate.js';

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

// One for all simulators of a process: making it takes a noticeable while, and Google has one as well.
let signingPair: ReturnType<typeof generateKeyPairSync> | undefined;

export const savedSigningKey = z.object({ privateKeyPem: z.string(), certificate: z.string() });

/** Google's signing key: what is published under /oauth2/v3/certs and /oauth2/v1/certs. */
export class SigningKeys {
  private privateKey: KeyObject;
  private publicKey: KeyObject;
  private certificate: string;

  constructor(now: Date) {
    const pair = (signingPair ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));
    this.privateKey = pair.privateKey;
    this.publicKey = createPublicKey(pair.privateKey);
    this.certificate = selfSignedCertificate(pair.privateKey, this.publicKey, now);
  }

  get kid(): string {
    const { n = '' } = this.publicKey.export({ format: 'jwk' });
    return Buffer.from(n, 'base64url').subarray(0, 20).toString('hex');
  }

  /** Signs the claims as they are, RS256: nothing is added, so forged and expired tokens can be made as well. */
  signIdToken(claims: Record<string, unknown>): string {
    const input = `${encode({ alg: 'RS256', kid: this.kid, typ: 'JWT' })}.${encode(claims)}`;
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), this.privateKey).toString('base64url')}`;
  }

  jwks(): { keys: object[] } {
    const { kty, n, e } = this.publicKey.export({ format: 'jwk' });
    return { keys: [{ kty, n, e, kid: this.kid, alg: 'RS256', use: 'sig' }] };
  }

  pemCertificates(): Record<string, string> {
    return { [this.kid]: this.certificate };
  }

  snapshot(): z.output<typeof savedSigningKey> {
    const privateKeyPem = this.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { privateKeyPem, certificate: this.certificate };
  }

  restore({ privateKeyPem, certificate }: z.output<typeof savedSigningKey>): void {
    this.privateKey = createPrivateKey(privateKeyPem);
    this.publicKey = createPublicKey(this.privateKey);
    this.certificate = certificate;
  }
}
