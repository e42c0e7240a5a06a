import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { parseServiceAccountKey } from './service-account-key.js';

const pemOf = (bits: number): string =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
const pem = pemOf(2_048);
const ecPem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;

const file = {
  type: 'service_account',
  project_id: 'acme-psa',
  private_key_id: 'a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2',
  private_key: pem,
  client_email: 'helpdesk-mail@acme-psa.iam.gserviceaccount.com',
  client_id: '123456789012345678901',
  auth_uri: 'https://accounts.google.com/o/oauth2/auth',
  token_uri: 'https://oauth2.googleapis.com/token',
  auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
  client_x509_cert_url:
    'https://www.googleapis.com/robot/v1/metadata/x509/helpdesk-mail%40acme-psa.iam.gserviceaccount.com',
  universe_domain: 'googleapis.com',
};
const refusal = (text: string) => {
  const parsed = parseServiceAccountKey(text);
  return parsed.ok ? undefined : parsed.problem;
};
const refusalWith = (fields: Record<string, unknown>) => refusal(JSON.stringify({ ...file, ...fields }));

describe('a key file', () => {
  it('is taken as Google’s console downloads it, without its addresses', () => {
    const parsed = parseServiceAccountKey(`${JSON.stringify(file, null, 2)}\n`);
    const { type, project_id, private_key_id, private_key, client_email, client_id } = file;
    expect(parsed).toEqual({
      ok: true,
      key: { type, project_id, private_key_id, private_key, client_email, client_id },
    });
  });

  it.each(['', 'GOCSPX-abc', '{"type":', '[]', 'null', '42', '"service_account"'])(
    'is JSON, not %j',
    (text) => {
      expect(refusal(text)).toEqual({ code: 'service-account-key.malformed' });
    },
  );

  it('is not the OAuth client’s', () => {
    for (const kind of ['web', 'installed'])
      expect(refusal(JSON.stringify({ [kind]: { client_id: 'x' } }))).toEqual({
        code: 'service-account-key.is-oauth-client',
      });
  });

  it.each(['external_account', 'authorized_user', 'impersonated_service_account', 'gdch_service_account'])(
    'is not of the type %s',
    (type) => {
      expect(refusalWith({ type })).toEqual({ code: 'service-account-key.wrong-type', params: { type } });
    },
  );

  it('of a type that is no name is not repeated', () => {
    expect(refusalWith({ type: 'GOCSPX-secret canary' })?.params).toEqual({ type: 'unknown' });
  });

  it('has at most 16 KiB', () => {
    expect(refusalWith({ padding: 'x'.repeat(16 * 1024) })).toEqual({
      code: 'service-account-key.too-large',
    });
  });

  it.each([
    ['token_uri', 'https://evil.example/token'],
    ['token_uri', 'https://oauth2.googleapis.com.evil.example/token'],
    ['token_uri', 'http://oauth2.googleapis.com/token'],
    ['token_uri', 7],
    ['auth_uri', 'https://accounts.google.com@evil.example/o/oauth2/auth'],
    ['universe_domain', 'evil.example'],
    ['auth_provider_x509_cert_url', 'https://evil.example/certs'],
    ['client_x509_cert_url', 'https://www.googleapis.com/robot/v1/metadata/x509/../../evil'],
  ])('names no foreign %s, such as %j', (field, value) => {
    expect(refusalWith({ [field]: value })).toEqual({
      code: 'service-account-key.foreign-address',
      params: { field },
    });
  });

  it.each([
    ['project_id', '1234567890'],
    ['project_id', undefined],
    ['private_key_id', ''],
    ['private_key_id', 'a/../b'],
    ['client_email', 'alice@gmail.com'],
    ['client_email', 'x@evil.example\n.gserviceaccount.com'],
    ['client_id', 'abc'],
    ['private_key', undefined],
    ['private_key', {}],
  ])('has a %s that Google would write, not %j', (field, value) => {
    expect(refusalWith({ [field]: value })).toEqual({
      code: 'service-account-key.field-missing',
      params: { field },
    });
  });

  it.each([
    ['no PEM', 'hello', 'it is not a private key in PEM form'],
    ['an elliptic curve’s key', ecPem, 'it is not an RSA key'],
    ['a short key', pemOf(1_024), 'it has 1024 bits, fewer than 2048'],
    ['a cut key', pem.replace(/\n[^\n]+\n-----END/, '\n-----END'), 'it cannot be read'],
  ])('does not hold %s', (_what, key, reason) => {
    expect(refusalWith({ private_key: key })).toEqual({
      code: 'service-account-key.private-key-unusable',
      params: { reason },
    });
  });

  it('may hold anything: it is never more than refused, and never repeated', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .dictionary(fc.constantFrom(...Object.keys(file), '__proto__', 'web', 'constructor'), fc.jsonValue())
        .map((fields) => JSON.stringify({ ...file, ...fields })),
      fc
        .record({ at: fc.nat(pem.length), text: fc.string({ minLength: 1 }) })
        .map(({ at, text }) =>
          JSON.stringify({ ...file, private_key: pem.slice(0, at) + text + pem.slice(at + 1) }),
        ),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const parsed = parseServiceAccountKey(text);
        const said = JSON.stringify(parsed.ok ? Object.keys(parsed.key) : parsed.problem);
        expect(said).not.toContain('BEGIN');
        if (parsed.ok) expect(Object.keys(parsed.key)).toHaveLength(6);
      }),
      { numRuns: 300 },
    );
  });
});
