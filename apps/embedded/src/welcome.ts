import { relative } from 'node:path';
import type { FirstTenant } from './first-tenant.js';
import type { Embedded } from './start-embedded.js';

const near = (path: string): string => relative(process.cwd(), path) || '.';

/** What a newcomer reads when everything runs. */
export function welcome(
  { gatewayUrl, simulator, natsUrl, postgresUrl, folder }: Embedded,
  { tenant, mailbox, tokenFile, googleAppFile }: FirstTenant,
  { readyInMs }: { readyInMs: number },
): string {
  const authorization = `-H "authorization: Bearer $(cat ${near(tokenFile)})"`;
  const json = `-H 'content-type: application/json'`;
  return `
Tenant Google is ready (${(readyInMs / 1000).toFixed(1)} s, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB in this process).

  !! DEVELOPMENT MODE: Google is simulated, and tokens are signed with a key from ${near(folder.path)}. Not for production. !!

  API              ${gatewayUrl}            description: ${gatewayUrl}/openapi.json
  Google           ${simulator.url}/simulator   (simulated: projects, mailboxes, send a mail)
  PostgreSQL       ${postgresUrl}
  NATS             ${natsUrl}
  data, keys, log  ${near(folder.path)}/

A development token for the tenant "${tenant}" lies in ${near(tokenFile)} (twelve hours; another: npm run token -- --tenant ${tenant} --user you).

Three things to try:

  1. Store the tenant's own Google app:
     curl -X PUT ${gatewayUrl}/api/google/config ${authorization} ${json} -d @${near(googleAppFile)}

  2. Create a mailbox and connect it: open the authUrl in a browser and sign in as ${mailbox}.
     curl -X POST ${gatewayUrl}/api/email/providers ${authorization} ${json} -d '{"name":"Helpdesk","mailbox":"${mailbox}"}'
     curl -X POST ${gatewayUrl}/api/email/oauth/initiate ${authorization} ${json} -d '{"provider":"google","providerId":"<the id from above>"}'

  3. Send it a mail on ${simulator.url}/simulator, watch it come out, and see the status:
     npm run show:deliveries
     curl ${gatewayUrl}/api/google/status ${authorization}

Ctrl-C stops everything; the next start finds it all again.
`;
}
