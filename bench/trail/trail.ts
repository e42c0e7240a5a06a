import type { DataSource } from 'typeorm';
import { openDatabase } from '#database/database';
import { systemClock } from '#time/clock';
import { AuditTrail } from '../../apps/oauth/src/audit-trail/audit-trail.js';
import { AuditTrail1764400000000 } from '../../apps/oauth/src/audit-trail/trail-table.js';
import { alternately, perSecond } from '../measuring/alternate.js';
import type { BenchOptions } from '../measuring/bench-options.js';
import { ratio, type Finding } from '../measuring/findings.js';
import { withServers } from '../measuring/servers.js';

const askers = 32;
const recordsPerAsker = 100;

const issued = {
  tenantId: 'acme',
  providerId: '0fb3d7b6-f3fc-43d3-89d0-2e190ff6a2ad',
  kind: 'access-token-issued' as const,
  service: 'gmail',
  by: 'gmail.inbound',
  correlationId: '1f018d6f-fa01-4934-9f6d-2888d602b410',
  detail: { of: 'grant', token: 'aabc9116f73d91f6', expiresAt: '2026-11-27T04:51:45.175Z' },
};

/** What putting an access token on record costs those who wait for it: every record durable before its asker goes on. */
const asking = (askers: number, record: () => Promise<unknown>) => (): Promise<number> =>
  perSecond(askers * recordsPerAsker, () =>
    Promise.all(
      Array.from({ length: askers }, async () => {
        for (let n = 0; n < recordsPerAsker; n++) await record();
      }),
    ),
  );

const insertOne = (database: DataSource) => () =>
  database.query(
    `INSERT INTO audit_trail (at, tenant_id, provider_id, kind, service, by, correlation_id, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [new Date(), ...Object.values(issued)],
  );

/** The trail against a statement of its own for each record, on one durable cluster and pools of the same size. */
export const measureTrail = ({ rounds }: BenchOptions): Promise<Finding[]> =>
  withServers(async ({ postgresUrl: url }) => {
    const database = await openDatabase({
      ...{ url, schema: 'oauth', entities: [], poolSize: 10 },
      migrations: [AuditTrail1764400000000],
    });
    try {
      const trail = new AuditTrail(database, systemClock);
      const record = () => trail.record(issued);
      const many = await alternately(rounds, '/s', {
        'an INSERT for each, 32 at once': asking(askers, insertOne(database)),
        'records, 32 at once': asking(askers, record),
      });
      const alone = await alternately(rounds, '/s', {
        'an INSERT for each, one by one': asking(1, insertOne(database)),
        'records, one by one': asking(1, record),
      });
      const [{ bytes }] = await database.query(
        `SELECT pg_total_relation_size('audit_trail') / count(*) AS bytes FROM audit_trail`,
      );
      process.stderr.write(`A record of the audit trail takes ${bytes} bytes, indexes included.\n`);
      const [inserts, records] = [many['an INSERT for each, 32 at once'], many['records, 32 at once']];
      return [
        ratio('records / an INSERT for each, 32 at once', records, inserts, { atLeast: 2 }),
        ratio(
          'records / an INSERT for each, one by one',
          alone['records, one by one'],
          alone['an INSERT for each, one by one'],
        ),
        ...Object.values(many),
        ...Object.values(alone),
      ];
    } finally {
      await database.destroy();
    }
  });
