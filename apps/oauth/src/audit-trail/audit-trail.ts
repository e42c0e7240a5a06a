import type { DataSource } from 'typeorm';
import type { TrailKind } from '#contracts/audit-trail';
import type { Clock } from '#time/clock';

export interface Recordable {
  tenantId: string;
  providerId: string | null;
  kind: TrailKind;
  /** Who got or read something; null where it is not known. */
  service: string | null;
  by: string;
  correlationId: string | null;
  /** Never a secret value. */
  detail: Record<string, unknown>;
}

interface Waiting {
  row: Record<string, unknown>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const largestGroup = 500;

/**
 * What is put on record besides events. Whatever comes while an insert is under way goes with the next one, in one statement and one commit; nobody
 * waits for company. Resolves when the record is durable, and rejects when it cannot be had: then what it is about must not happen.
 */
export class AuditTrail {
  private waiting: Waiting[] = [];
  private underWay = false;

  constructor(
    private readonly database: Pick<DataSource, 'query'>,
    private readonly clock: Clock,
  ) {}

  record({ tenantId, providerId, kind, service, by, correlationId, detail }: Recordable): Promise<void> {
    const at = this.clock.now().toISOString();
    const row = { at, tenant_id: tenantId, provider_id: providerId, correlation_id: correlationId };
    return new Promise((resolve, reject) => {
      this.waiting.push({ row: { ...row, kind, service, by, detail }, resolve, reject });
      if (!this.underWay) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.underWay = true;
    // Those who come in the same turn go together from the first insert on.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.write(this.waiting.splice(0, largestGroup));
    this.underWay = false;
  }

  private async write(group: Waiting[]): Promise<void> {
    try {
      await this.insert(group);
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error);
      // One that cannot be stored must not take the others along.
      for (const each of group) await this.write([each]);
    }
  }

  private async insert(group: Waiting[]): Promise<void> {
    await this.database.query(
      `INSERT INTO audit_trail (at, tenant_id, provider_id, kind, service, by, correlation_id, detail)
       SELECT r.at, r.tenant_id, r.provider_id, r.kind, r.service, r.by, r.correlation_id, r.detail
         FROM jsonb_to_recordset($1::jsonb)
              AS r(at timestamptz, tenant_id text, provider_id text, kind text, service text, by text,
                   correlation_id text, detail jsonb)`,
      [JSON.stringify(group.map(({ row }) => row))],
    );
  }
}
