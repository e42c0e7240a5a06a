import { readFile } from 'node:fs/promises';
import type { Embedded } from './start-embedded.js';

/** A tenant to try things with: its project and mailbox exist at the simulated Google, nothing of it is stored here yet. */
export interface FirstTenant {
  tenant: string;
  mailbox: string;
  /** Files below the data folder, for copy and paste. */
  tokenFile: string;
  googleAppFile: string;
}

const tenant = 'acme';
const mailbox = 'support@acme-helpdesk.com';
const tokenFile = 'token';
const googleAppFile = 'acme-google-app.json';

/** Makes the tenant's Google project and mailbox once; a later start finds them as they are. Mints a new token at every start. */
export async function seedFirstTenant({
  folder,
  simulator,
  gatewayUrl,
  token,
}: Embedded): Promise<FirstTenant> {
  await folder.write(tokenFile, await token({ tenant, user: 'admin' }));
  const seeded = await readFile(folder.within(googleAppFile)).then(
    () => true,
    () => false,
  );
  if (!seeded) {
    const project = await simulator.client.seedTenantProject({
      projectId: 'acme-psa-2026',
      appName: 'Acme PSA',
      redirectUris: [
        `${gatewayUrl}/api/auth/google/callback`,
        `${gatewayUrl}/api/auth/google/calendar/callback`,
      ],
      users: [{ email: mailbox }, { email: 'someone.else@acme-helpdesk.com' }],
    });
    await folder.write(
      googleAppFile,
      JSON.stringify(
        {
          projectId: project.projectId,
          gmail: { clientId: project.clientId, clientSecret: project.clientSecret },
          calendar: 'same',
          serviceAccountKey: JSON.parse(project.serviceAccountKeyJson!) as unknown,
        },
        null,
        2,
      ),
    );
  }
  return {
    tenant,
    mailbox,
    tokenFile: folder.within(tokenFile),
    googleAppFile: folder.within(googleAppFile),
  };
}
