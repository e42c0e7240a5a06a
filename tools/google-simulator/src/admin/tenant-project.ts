import type { z } from 'zod';
import type { SimulatorClient } from '../client.js';
import type { ServiceAccountKeyFile } from './console.js';
import type { tenantProjectSeed } from './schemas.js';

export type TenantProjectSeed = z.input<typeof tenantProjectSeed>;

/** What the admin has in hand afterwards. */
export interface TenantProject {
  readonly projectId: string;
  readonly projectNumber: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly serviceAccountEmail: string;
  /** The downloaded key file's text; absent where the organisation forbids keys. */
  readonly serviceAccountKeyJson?: string;
}

/** Sets a project up step by step, as a tenant's admin does in Google's console. */
export async function seedTenantProject(
  google: SimulatorClient,
  seed: z.output<typeof tenantProjectSeed>,
): Promise<TenantProject> {
  const { projectId, appName, redirectUris, users, roles, canActAs, ...settings } = seed;
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
    ...(key && { serviceAccountKeyJson: `${JSON.stringify(key, null, 2)}\n` }),
  };
}
