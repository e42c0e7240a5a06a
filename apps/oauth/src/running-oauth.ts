import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { z } from 'zod';
import { readConfiguration } from '#configuration/configuration';
import type { RequestContract } from '#contracts/contract';
import { CompleteAuthorization, StartAuthorization, StoreConfig, type Product } from '#contracts/oauth';
import { openDatabase } from '#database/database';
import type { RecordedEvent } from '#event-sourcing/event-store';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import type { TenantProject, TenantProjectSeed } from '#google-simulator/admin/tenant-project';
import type { ConsentWishes } from '#google-simulator/oauth/consent-walk';
import { startSimulator, type Simulator } from '#google-simulator/server';
import type { Composition, Means } from '#hosting/service';
import { PostgresLocks } from '#locks/postgres-locks';
import { createLogger } from '#logging/logger';
import { beginning, type Reply } from '#messaging/envelope';
import { memorySecrets } from '#secrets/memory-secrets';
import { newStagedSecretsId, stagedSecretsKey, type StagedSecrets } from '#secrets/secret-keys';
import type { SecretsProvider } from '#secrets/secrets-provider';
import { createTestDatabase } from '#servers/test-database';
import { MovableClock } from '#time/clock';
import { oauth } from './service.js';

export const ALICE = 'alice@acme.example';
export const BOB = 'bob@acme.example';
export const baseUrl = 'https://psa.example.com';

/** One process of the service. */
export interface Instance extends Composition {
  ask<Data, Answer>(
    contract: RequestContract<Data, Answer>,
    data: Data,
    tenantId?: string,
  ): Promise<Reply<Answer>>;
}

/**
 * For specs: the service against the simulator and a real PostgreSQL, in as many processes' worth of instances as wanted, without the wire.
 * Every reply but access tokens, every event and every log line is kept, to be searched for what must never be there.
 */
export class RunningOAuth {
  readonly clock = new MovableClock();
  readonly store = new InMemoryEventStore();
  readonly secrets: SecretsProvider = memorySecrets();
  readonly logged: string[] = [];
  readonly replies: string[] = [];
  private readonly pools: pg.Pool[] = [];

  private constructor(
    readonly google: Simulator,
    readonly database: DataSource,
    private readonly databaseUrl: string,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(): Promise<RunningOAuth> {
    const [google, server] = await Promise.all([startSimulator(), createTestDatabase()]);
    const { entities, migrations } = oauth;
    const options = { url: server.url, schema: 'oauth', entities, migrations, poolSize: 4 };
    return new RunningOAuth(google, await openDatabase(options), server.url, server.drop);
  }

  /** Another process of the service, on the same stores. */
  async instance(
    settings: Record<string, string> = {},
    secrets: SecretsProvider = this.secrets,
  ): Promise<Instance> {
    const pool = new pg.Pool({ connectionString: this.databaseUrl, max: 6 });
    // Dropping the database ends whatever connection is still closing.
    this.pools.push(pool.on('error', () => {}));
    const means: Means = {
      configuration: readConfiguration({
        BASE_URL: baseUrl,
        NATS_URL: 'nats://localhost:1',
        DATABASE_URL: this.databaseUrl,
        AUTH_JWT_SECRET: 'a secret of thirty-two characters',
        SECRETS_KEY_RING: 'unused',
        GOOGLE_SIMULATOR_URL: this.google.url,
        DEVELOPMENT: 'true',
        ...settings,
      }),
      clock: this.clock,
      logger: createLogger({
        level: 'trace',
        name: 'oauth',
        destination: { write: (line) => void this.logged.push(line) },
      }),
      database: this.database,
      store: this.store,
      locks: new PostgresLocks(pool),
      secrets,
      nats: unused('NATS'),
      ask: unused('asking'),
    };
    const composition = await oauth.compose(means);
    return {
      ...composition,
      ask: async (contract, data, tenantId = 't1') => {
        const handler = composition.handlers.find(({ contract: { type } }) => type === contract.type);
        const reply = await handler!.handle(contract.data.parse(data), beginning(tenantId, 'user u1'));
        if (!/Token$/.test(contract.type)) this.replies.push(JSON.stringify(reply));
        return reply as Awaited<ReturnType<Instance['ask']>> as never;
      },
    };
  }

  tenantProject(seed: Partial<TenantProjectSeed> = {}): Promise<TenantProject> {
    return this.google.client.seedTenantProject({
      projectId: 'acme-psa',
      redirectUris: [`${baseUrl}/api/auth/google/callback`, `${baseUrl}/api/auth/google/calendar/callback`],
      users: [ALICE, BOB].map((email) => ({ email, workspaceDomain: 'acme.example' })),
      ...seed,
    });
  }

  /** As the gateway does: secrets are laid down first, the command carries their id. */
  async put(
    instance: Instance,
    fields: Omit<z.input<typeof StoreConfig.data>, 'stagedSecretsId'>,
    staged?: StagedSecrets,
    tenantId = 't1',
  ) {
    const id = newStagedSecretsId(this.clock.now());
    if (staged) await this.secrets.setTenantSecret(tenantId, stagedSecretsKey(id), JSON.stringify(staged));
    return instance.ask(StoreConfig, { ...fields, ...(staged && { stagedSecretsId: id }) }, tenantId);
  }

  async configured(instance: Instance, seed: Partial<TenantProjectSeed> = {}): Promise<TenantProject> {
    const project = await this.tenantProject(seed);
    const { projectId, clientId, clientSecret, serviceAccountKeyJson } = project;
    const reply = await this.put(
      instance,
      { projectId, gmailClientId: clientId, calendar: 'same' },
      { gmailClientSecret: clientSecret, serviceAccountKey: serviceAccountKeyJson! },
    );
    if (!reply.ok || reply.value.outcome !== 'stored')
      throw new Error(`Not stored: ${JSON.stringify(reply)}`);
    return project;
  }

  /** Connects a provider as a person does: to the consent page, through it, and back. */
  async connect(
    instance: Instance,
    providerId: string,
    wishes: Partial<ConsentWishes> & { expected?: string; product?: Product } = {},
  ) {
    const { expected = ALICE, product = 'gmail', ...consent } = wishes;
    const redirect = await this.consent(instance, providerId, { expected, product, ...consent });
    return instance.ask(CompleteAuthorization, { product, ...redirect });
  }

  /** What Google's redirect brings, not yet handed over. */
  async consent(
    instance: Instance,
    providerId: string,
    wishes: Partial<ConsentWishes> & { expected?: string; product?: Product } = {},
  ): Promise<{ state: string; code?: string; error?: string; issuer?: string }> {
    const { expected = ALICE, product = 'gmail', ...consent } = wishes;
    const openerOrigin = 'https://psa.example.com';
    const started = await instance.ask(StartAuthorization, {
      providerId,
      product,
      expectedAccount: expected,
      userId: 'u1',
      openerOrigin,
    });
    if (!started.ok) throw new Error(`Not started: ${started.problem.code}`);
    const page = new URL(started.value.authUrl);
    // Google selects the hinted account; whoever wants another one starts over without the hint.
    if (consent.account) page.searchParams.delete('login_hint');
    const result = await this.google.client.consent(page.href, { account: expected, ...consent });
    if (result.kind !== 'redirected') throw new Error(`Stranded on ${result.page}`);
    const brought = (name: string) => result.url.searchParams.get(name) ?? undefined;
    const [code, error, issuer] = [brought('code'), brought('error'), brought('iss')];
    return {
      state: brought('state')!,
      ...(code && { code }),
      ...(error && { error }),
      ...(issuer && { issuer }),
    };
  }

  /** Time passes here and at Google. */
  async advance(milliseconds: number): Promise<void> {
    this.clock.advance(milliseconds);
    await this.google.client.advance(milliseconds);
  }

  async events(tenantId = 't1'): Promise<RecordedEvent[]> {
    const all = await this.store.readAll({ after: null, limit: 1_000 });
    return all.filter(({ metadata }) => metadata.tenantId === tenantId);
  }

  async typesOf(stream: string): Promise<string[]> {
    return (await this.store.readStream(stream)).map(({ type }) => type);
  }

  /** How often Google was asked for a token. */
  async tokenRequests(grantType: string): Promise<number> {
    const requests = await this.google.client.requests();
    return requests.filter(({ path, form }) => path === '/token' && form['grant_type'] === grantType).length;
  }

  async close(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.end()));
    await this.database.destroy();
    await this.drop();
    await this.google.close();
    await this.store.close();
  }
}

const unused = <Thing>(what: string): Thing =>
  new Proxy(() => {}, {
    get(_target, name) {
      throw new Error(`The service uses ${what}: ${String(name)}`);
    },
  }) as Thing;
