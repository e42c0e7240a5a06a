import { isAbsolute, relative, sep } from 'node:path';
import type { FirstTenant } from './first-tenant.js';
import type { Embedded } from './start-embedded.js';

type Shown = Pick<Embedded, 'gatewayUrl' | 'natsUrl' | 'postgresUrl'> & {
  simulator: Pick<Embedded['simulator'], 'url'>;
  folder: Pick<Embedded['folder'], 'path'>;
};

/** As somebody in the current folder would type it, for a shell: one word, whatever the path holds. */
function near(path: string): string {
  const shorter = relative(process.cwd(), path) || '.';
  const typed = isAbsolute(shorter) || shorter.split(sep)[0] === '..' ? path : shorter;
  return /^[\w@%+=:,./-]+$/.test(typed) ? typed : `'${typed.replaceAll("'", `'\\''`)}'`;
}

/** What a newcomer reads when everything runs. Each line works when it is copied. */
export function welcome(
  { gatewayUrl, simulator, natsUrl, postgresUrl, folder }: Shown,
  { tenant, mailbox, tokenFile, googleAppFile }: FirstTenant,
  { readyInMs }: { readyInMs: number },
): string {
  const authorization = `-H "authorization: Bearer $(cat ${near(tokenFile)})"`;
  // The tools look at .data unless they are told.
  const npm = near(folder.path) === '.data' ? 'npm' : `DATA_DIR=${near(folder.path)} npm`;
  const json = `-H 'content-type: application/json'`;
  return `
Tenant Google is ready (${(readyInMs / 1000).toFixed(1)} s, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB in this process).

  !! DEVELOPMENT MODE: Google is simulated, and tokens are signed with a key from ${near(folder.path)}. Not for production. !!

  API              ${gatewayUrl}            description: ${gatewayUrl}/openapi.json
  Console          ${gatewayUrl}/console   (paste the token below)
  Google           ${simulator.url}/simulator   (simulated: projects, mailboxes, send a mail)
  PostgreSQL       ${postgresUrl}
  NATS             ${natsUrl}
  data, keys, log  ${near(folder.path)}/

A development token for the tenant "${tenant}" lies in ${near(tokenFile)} (twelve hours; another: ${npm} run -s token -- --tenant ${tenant} --user you).

Three things to try:

  1. Store the tenant's own Google app; the answer says "badge":"ready":
     curl -X PUT ${gatewayUrl}/api/google/config ${authorization} ${json} -d @${near(googleAppFile)}

  2. Create a mailbox, ask for Google's page with the id from the answer, and open the authUrl in a browser (sign in as ${mailbox}):
     curl -X POST ${gatewayUrl}/api/email/providers ${authorization} ${json} -d '{"name":"Helpdesk","mailbox":"${mailbox}"}'
     curl -X POST ${gatewayUrl}/api/email/oauth/initiate ${authorization} ${json} -d '{"provider":"google","providerId":"<the id>"}'

  3. Send it a mail on ${simulator.url}/simulator, watch it come out (Ctrl-C ends watching), and see the status:
     ${npm} run -s show:deliveries
     curl ${gatewayUrl}/api/google/status ${authorization}

Ctrl-C stops everything; the next start finds it all again.
`;
}
