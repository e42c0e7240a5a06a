import type { Finding } from '../measuring/findings.js';
import type { BenchOptions } from '../measuring/bench-options.js';
import { Helper } from '../measuring/program.js';
import { withServers } from '../measuring/servers.js';
import { compare, httpRequest } from './compare.js';
import { serveTenants, type ServedMailbox, type ServedTenants } from './served-tenants.js';

const pushesPerMailbox = 4;

/** Pushes of a thousand mailboxes of twenty tenants; as at Google, a tenant's token serves for all pushes of an hour. */
export const measurePush = ({ rounds, profileDir }: BenchOptions): Promise<Finding[]> =>
  withServers(async (servers) => {
    const served = await serveTenants(servers, profileDir);
    const bare = Helper.start<{ natsUrl: string }, { port: number }>('bench/http/bare-push.js');
    try {
      const { port } = await bare.ask({ natsUrl: servers.natsUrl });
      return await compare(
        {
          pid: served.pid,
          port: served.port,
          requests: pushesTo('/api/email/webhooks/google', served),
          status: 204,
        },
        { pid: bare.pid, port, requests: pushesTo('/', served), status: 204 },
        rounds,
        { rateAtLeast: 0.8, p99AtMost: 1.5 },
      );
    } finally {
      await bare.stop();
      await served.stop();
    }
  });

function pushesTo(path: string, { mailboxes, pushToken }: ServedTenants): string[] {
  const tokens = new Map(
    [...new Set(mailboxes.map(({ tenantId }) => tenantId))].map((id) => [id, pushToken(id)]),
  );
  return Array.from({ length: pushesPerMailbox }, (_, n) => n).flatMap((n) =>
    mailboxes.map((mailbox, index) => {
      const body = envelope(mailbox, n * mailboxes.length + index);
      return httpRequest('POST', path, { token: tokens.get(mailbox.tenantId)!, body });
    }),
  );
}

function envelope({ address, subscription }: ServedMailbox, n: number): string {
  const data = Buffer.from(JSON.stringify({ emailAddress: address, historyId: 10_000 + n })).toString(
    'base64',
  );
  const messageId = String(9_000_000_000_000_000 + n);
  const publishTime = new Date().toISOString();
  return JSON.stringify({
    message: { data, messageId, message_id: messageId, publishTime, publish_time: publishTime },
    subscription,
  });
}
