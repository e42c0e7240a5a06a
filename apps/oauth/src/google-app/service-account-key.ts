import { createPrivateKey } from 'node:crypto';
import { problem, type Problem } from '#problems/problem';
import { isProjectId } from './entered-fields.js';

/** What is kept of a key file: enough to sign, and no address to call. */
export interface ServiceAccountKey {
  type: 'service_account';
  project_id: string;
  private_key_id: string;
  private_key: string;
  client_email: string;
  client_id: string;
}

export type ParsedKey = { ok: true; key: ServiceAccountKey } | { ok: false; problem: Problem };

const largestBytes = 16 * 1024;
const smallestRsaBits = 2_048;
const largestRsaBits = 8_192;

/** Fields that lead Google's libraries to other servers: harmless here, since none is used, but a sign of a doctored file. */
const addressesOfGoogle: Record<string, RegExp> = {
  auth_uri: /^https:\/\/accounts\.google\.com\/o\/oauth2\/(?:v2\/)?auth$/,
  token_uri:
    /^https:\/\/(?:oauth2\.googleapis\.com\/token|accounts\.google\.com\/o\/oauth2\/token|www\.googleapis\.com\/oauth2\/v4\/token)$/,
  auth_provider_x509_cert_url: /^https:\/\/www\.googleapis\.com\/oauth2\/v[13]\/certs$/,
  client_x509_cert_url: /^https:\/\/www\.googleapis\.com\/robot\/v1\/metadata\/x509\/[^/?#]+$/,
  universe_domain: /^googleapis\.com$/,
};

const form: Record<Exclude<keyof ServiceAccountKey, 'type' | 'project_id' | 'private_key'>, RegExp> = {
  private_key_id: /^[A-Za-z0-9]{1,64}$/,
  client_email: /^[A-Za-z0-9][A-Za-z0-9-]*@[a-z0-9.-]+\.gserviceaccount\.com$/,
  client_id: /^\d{1,32}$/,
};

/** Judges the text of an uploaded key file. Hostile input: never throws, calls nobody, and no problem repeats what the file says. */
export function parseServiceAccountKey(text: string): ParsedKey {
  if (Buffer.byteLength(text) > largestBytes) return refuse('service-account-key.too-large');
  const file = jsonObject(text);
  if (!file) return refuse('service-account-key.malformed');
  if (file.has('web') || file.has('installed')) return refuse('service-account-key.is-oauth-client');
  const type = file.get('type');
  if (typeof type !== 'string') return refuse('service-account-key.field-missing', { field: 'type' });
  if (type !== 'service_account')
    return refuse('service-account-key.wrong-type', {
      type: /^[a-z_]{1,40}$/.test(type) ? type : 'unknown',
    });
  for (const [field, own] of Object.entries(addressesOfGoogle)) {
    const address = file.get(field);
    if (address !== undefined && !(typeof address === 'string' && own.test(address)))
      return refuse('service-account-key.foreign-address', { field });
  }
  return withWellFormedFields(file);
}

function withWellFormedFields(file: Map<string, unknown>): ParsedKey {
  const text = (field: string): string => {
    const value = file.get(field);
    return typeof value === 'string' ? value : '';
  };
  if (!isProjectId(text('project_id')))
    return refuse('service-account-key.field-missing', { field: 'project_id' });
  for (const [field, rule] of Object.entries(form)) {
    if (!rule.test(text(field))) return refuse('service-account-key.field-missing', { field });
  }
  if (text('private_key') === '')
    return refuse('service-account-key.field-missing', { field: 'private_key' });
  const unusable = whyUnusable(text('private_key'));
  if (unusable) return refuse('service-account-key.private-key-unusable', { reason: unusable });
  return {
    ok: true,
    key: {
      type: 'service_account',
      project_id: text('project_id'),
      private_key_id: text('private_key_id'),
      private_key: text('private_key'),
      client_email: text('client_email'),
      client_id: text('client_id'),
    },
  };
}

function whyUnusable(pem: string): string | undefined {
  if (!/^-----BEGIN PRIVATE KEY-----\r?\n[\s\S]+\n-----END PRIVATE KEY-----\s*$/.test(pem))
    return 'it is not a private key in PEM form';
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'rsa') return 'it is not an RSA key';
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < smallestRsaBits) return `it has ${bits} bits, fewer than ${smallestRsaBits}`;
    if (bits > largestRsaBits) return `it has ${bits} bits, more than ${largestRsaBits}`;
    return undefined;
  } catch {
    return 'it cannot be read';
  }
}

/** A map, because a file may well hold a field named `__proto__`. */
function jsonObject(text: string): Map<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

const refuse = (code: Problem['code'], params?: Record<string, string>): ParsedKey => ({
  ok: false,
  problem: problem(code, params),
});
