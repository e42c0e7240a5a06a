import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

// Just enough DER (X.690) to write one X.509 v3 certificate; Node reads certificates, but does not make them.
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  if (size < 0x80) return Buffer.concat([Buffer.from([tag, size]), content]);
  const digits = Buffer.from(size.toString(16).padStart(size > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}

const SHA256_WITH_RSA = Buffer.from('06092a864886f70d01010b0500', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const ONE_YEAR_MS = 365 * 86_400_000;

function generalizedTime(instant: Date): Buffer {
  const digits = instant.toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(digits));
}

/** A PEM certificate for a key, valid from a year before `now` to ten years after, so that moved clocks accept it. */
export function selfSignedCertificate(privateKey: KeyObject, publicKey: KeyObject, now: Date): string {
  const algorithm = der(0x30, SHA256_WITH_RSA);
  const name = der(
    0x30,
    der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from('federated-signon.system.gserviceaccount.com')))),
  );
  const validity = der(
    0x30,
    generalizedTime(new Date(now.getTime() - ONE_YEAR_MS)),
    generalizedTime(new Date(now.getTime() + 10 * ONE_YEAR_MS)),
  );
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  const subjectKey = publicKey.export({ type: 'spki', format: 'der' });
  const certificate = der(0x30, version, serial, algorithm, name, validity, name, subjectKey);
  const signature = sign('RSA-SHA256', certificate, privateKey);
  const signed = der(0x30, certificate, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
