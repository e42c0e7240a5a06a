import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { openSecretsDatabase } from '#secrets/secrets-database';
import { KeyRing } from '#secrets/key-ring';
import { postgresSecrets } from '#secrets/postgres-secrets';
import type { SecretKey } from '#secrets/secret-keys';
import { openAsking, type Asking } from '#messaging/ask';
import { MovableClock } from '#time/clock';
import { startEmbedded, type Embedded } from '../../../apps/embedded/src/start-embedded.js';
import { Patient, type PatientWishes } from './patient.js';

/** An installation in which one tenant after the other is set up, broken and verified. */
export class Hospital {
  private admitted = 0;

  private constructor(
    readonly embedded: Embedded,
    readonly clock: MovableClock,
    readonly asking: Asking,
    private readonly store: PostgresEventStore,
    private readonly dataDir: string,
  ) {}

  static async open(): Promise<Hospital> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-doctor-'));
    const clock = new MovableClock();
    const embedded = await startEmbedded({
      dataDir,
      gatewayPort: 0,
      simulatorPort: 0,
      logLevel: 'info',
      // Google shows boxes to tick only where there are two.
      requestPubsubScope: true,
      clock,
      say: () => {},
      onFailure: (error) => {
        throw error;
      },
    });
    // Without it nothing that was broken is mended before it is looked at.
    await embedded.stop('maintenance');
    const asking = await openAsking(embedded.natsUrl, 'doctor');
    const store = await PostgresEventStore.open({ url: embedded.postgresUrl, poolSize: 1, warn: () => {} });
    return new Hospital(embedded, clock, asking, store, dataDir);
  }

  async close(): Promise<void> {
    await this.asking.close();
    await this.store.close();
    await this.embedded.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** A tenant whose setup works, as far as the wishes do not say otherwise. */
  admit(wishes: (tenant: string) => PatientWishes = () => ({})): Promise<Patient> {
    this.admitted += 1;
    const tenant = `tenant-${this.admitted}`;
    return Patient.setUp(this, tenant, wishes(tenant));
  }

  /** Waits until nothing is under way any more, and begins to note what is asked of Google. */
  async quiet(): Promise<void> {
    await this.embedded.caughtUp();
    await this.embedded.simulator.client.pubsub.settled();
    await this.embedded.simulator.client.clearRequests();
  }

  /** What was asked of Google since, and was more than a question. A token that is given changes nothing. */
  async changesAtGoogle(): Promise<string[]> {
    const requests = await this.embedded.simulator.client.requests();
    return requests
      .filter(
        ({ method, path }) => method !== 'GET' && path !== '/token' && !path.endsWith(':testIamPermissions'),
      )
      .map(({ method, path }) => `${method} ${path}`);
  }

  /** All that the histories of a tenant tell. */
  async recorded(tenant: string): Promise<string[]> {
    const events = await this.store.readAll({ after: null, limit: 100_000 });
    return events
      .filter(({ metadata }) => metadata.tenantId === tenant)
      .map(({ stream, type }) => `${stream} ${type}`);
  }

  /** As the PSA may do, which shares the Secrets Provider. */
  async writeSecret(tenant: string, key: SecretKey, value: string): Promise<void> {
    const { keyRing } = await this.embedded.folder.secrets();
    await this.atSecrets((database) =>
      postgresSecrets(database, KeyRing.parse(keyRing) as KeyRing).setTenantSecret(tenant, key, value),
    );
  }

  damageSecretsOf(tenant: string): Promise<void> {
    return this.atSecrets((database) =>
      database.query("update secrets.tenant_secrets set sealed = '\\x00' where tenant_id = $1", [tenant]),
    );
  }

  private async atSecrets(work: (database: DataSource) => Promise<unknown>): Promise<void> {
    const database = await openSecretsDatabase({ url: this.embedded.postgresUrl, poolSize: 1 });
    try {
      await work(database);
    } finally {
      await database.destroy();
    }
  }

  /** Nothing of one tenant’s trouble is left for the next. */
  async tidyUp(): Promise<void> {
    const { client } = this.embedded.simulator;
    await client.clearFaults();
    const ahead = this.clock.now().getTime() - (await client.now()).getTime();
    if (ahead > 1_000) await client.advance(ahead);
  }

  /** Time passes here and at Google. */
  async advance(milliseconds: number): Promise<void> {
    await this.embedded.simulator.client.advance(milliseconds);
    this.clock.advance(milliseconds);
  }
}
