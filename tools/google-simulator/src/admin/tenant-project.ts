import type { z } from 'zod';
import type { SimulatorClient } from '../client.js';
import type { ServiceAccountKeyFile } from './console.js';
import type { projectSeed, userSeed } from './schemas.js';

export interface TenantProjectSeed extends z.input<typeof projectSeed> {
  readonly projectId: string;
  /** Shown on the consent page. */
  readonly appName?: string;
  readonly redirectUris: string[];
  /** Google accounts to create; those of a project in Testing become its test users. */
  readonly users?: (z.input<typeof userSeed> & { readonly email: string })[];
  /** Roles of the service account; unless given it may administer Pub/Sub. */
  readonly roles?: string[];
  /** Accounts it may act as; unless given, itself. */
  readonly canActAs?: string[];
}

export interface TenantProject {
  readonly projectId: string;
  readonly projectNumber: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly serviceAccountEmail: string;
  /** The downloaded key file's text; absent where the organisation forbids keys. */
  readonly serviceAccountKeyJson: string | undefined;
}

/** What a tenant's admin has in hand after setting up a Google Cloud project by the book. */
export async function seedTenantProject(
  google: SimulatorClient,
  seed: TenantProjectSeed,
): Promise<TenantProject> {
  const {
    projectId,
    appName = 'Helpdesk',
    redirectUris,
    users = [],
    roles = ['roles/pubsub.admin'],
    canActAs = ['self'],
    ...settings
  } = seed;
  for (const { email, ...user } of users) await google.createUser(email, user);
  const testUsers = settings.testUsers ?? users.map(({ email }) => email);
  const { number } = await google.createProject(projectId, { ...settings, testUsers });
  const client = await google.createClient(projectId, { name: appName, redirectUris });
  const account = await google.createServiceAccount(projectId, { name: 'helpdesk-mail', roles, canActAs });
  const key: ServiceAccountKeyFile | undefined = settings.organization?.secureByDefault
    ? undefined
    : await google.createServiceAccountKey(account.email);
  return {
    projectId,
    projectNumber: number,
    ...client,
    serviceAccountEmail: account.email,
    serviceAccountKeyJson: key && `${JSON.stringify(key, null, 2)}\n`,
  };
}
