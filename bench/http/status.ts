import type { Finding } from '../measuring/findings.js';
import type { BenchOptions } from '../measuring/bench-options.js';
import { Helper } from '../measuring/program.js';
import { withServers } from '../measuring/servers.js';
import { compare, httpRequest } from './compare.js';
import { serveTenants } from './served-tenants.js';

/** The statuses of a thousand providers, each asked for with its tenant's token. */
export const measureStatus = ({ rounds, profileDir }: BenchOptions): Promise<Finding[]> =>
  withServers(async (servers) => {
    const served = await serveTenants(servers, profileDir);
    const bare = Helper.start<{ postgresUrl: string }, { port: number }>('bench/http/bare-status.js');
    try {
      const { port } = await bare.ask({ postgresUrl: servers.postgresUrl });
      const tokens = new Map<string, string>();
      for (const { tenantId } of served.mailboxes)
        if (!tokens.has(tenantId)) tokens.set(tenantId, await served.hostToken(tenantId));
      const requests = (path: (tenantId: string, providerId: string) => string): string[] =>
        served.mailboxes.map(({ tenantId, providerId }) =>
          httpRequest('GET', path(tenantId, providerId), { token: tokens.get(tenantId)! }),
        );
      return await compare(
        {
          pid: served.pid,
          port: served.port,
          requests: requests((_, id) => `/api/email/providers/${id}/status`),
          status: 200,
        },
        { pid: bare.pid, port, requests: requests((tenantId, id) => `/${tenantId}/${id}`), status: 200 },
        rounds,
        { rateAtLeast: 0.7 },
      );
    } finally {
      await bare.stop();
      await served.stop();
    }
  });
