import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { answerTheBenchmark } from '../measuring/program.js';

/** The floor of a status: a route that asks nobody who they are and sends the row that it finds by its key. */
answerTheBenchmark(async ({ postgresUrl }: { postgresUrl: string }): Promise<{ port: number }> => {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 10 });
  const app = Fastify();
  app.get<{ Params: { tenantId: string; providerId: string } }>('/:tenantId/:providerId', async (request) => {
    const { tenantId, providerId } = request.params;
    const { rows } = await pool.query({
      name: 'status',
      text: 'SELECT mailbox, grant_state FROM gateway.provider_statuses WHERE tenant_id = $1 AND provider_id = $2',
      values: [tenantId, providerId],
    });
    return rows[0];
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: (app.server.address() as AddressInfo).port };
});
