import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { GoogleError } from '../google-error.js';
import type { ClientSecret, OAuthClient, Project, ServiceAccount } from '../projects.js';
import type { World } from '../world.js';

const ENABLED_SECRETS = 2;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The form of a service account's key file, as Google's console downloads it. */
export interface ServiceAccountKeyFile {
  readonly type: 'service_account';
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly auth_uri: string;
  readonly token_uri: string;
  readonly auth_provider_x509_cert_url: string;
  readonly client_x509_cert_url: string;
  readonly universe_domain: string;
}

export function createSecret(acceptedFrom?: Date): ClientSecret {
  const value = `GOCSPX-${randomBytes(21).toString('base64url')}`;
  const secret = { id: randomBytes(8).toString('hex'), value, enabled: true };
  return acceptedFrom ? { ...secret, acceptedFrom } : secret;
}

export function createClient(
  world: World,
  project: Project,
  wanted: { name: string; redirectUris: string[] },
): OAuthClient {
  const suffix = Array.from(randomBytes(32), (byte) => LETTERS[byte % LETTERS.length]).join('');
  const client: OAuthClient = {
    ...wanted,
    clientId: `${project.number}-${suffix}.apps.googleusercontent.com`,
    state: 'active',
    secrets: [createSecret()],
    lastActiveAt: world.now(),
  };
  project.clients.push(client);
  return client;
}

/** @throws GoogleError 400 when two secrets are enabled already. */
export function addSecret(client: OAuthClient, acceptedFrom?: Date): ClientSecret {
  requireRoomForSecret(client);
  const secret = createSecret(acceptedFrom);
  client.secrets.push(secret);
  return secret;
}

/** @throws GoogleError 400 when two secrets are enabled already. */
export function requireRoomForSecret(client: OAuthClient): void {
  if (client.secrets.filter(({ enabled }) => enabled).length < ENABLED_SECRETS) return;
  throw new GoogleError({
    code: 400,
    message: 'A client has at most two enabled secrets. Disable one first.',
    status: 'FAILED_PRECONDITION',
  });
}

/** @throws GoogleError 400 when the project's organisation forbids keys. */
export async function createKey(project: Project, account: ServiceAccount): Promise<ServiceAccountKeyFile> {
  if (project.organization?.secureByDefault) {
    throw new GoogleError({
      code: 400,
      message: 'Key creation is not allowed on this service account.',
      status: 'FAILED_PRECONDITION',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.PreconditionFailure',
          violations: [{ type: 'constraints/iam.disableServiceAccountKeyCreation', subject: account.email }],
        },
      ],
    });
  }
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const id = randomBytes(20).toString('hex');
  account.keys.push({ id, publicKeyPem: pair.publicKey });
  return {
    type: 'service_account',
    project_id: project.id,
    private_key_id: id,
    private_key: pair.privateKey,
    client_email: account.email,
    client_id: account.uniqueId,
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
    auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
    client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(account.email)}`,
    universe_domain: 'googleapis.com',
  };
}
