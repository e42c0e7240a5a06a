import type { DataSource } from 'typeorm';
import { createLogger } from '#logging/logger';
import { readConfiguration } from '#configuration/configuration';
import type { RequestContract } from '#contracts/contract';
import {
  type googleAppStatus,
  GetAccessToken,
  GetGoogleAppStatus,
  GetProvisioningToken,
} from '#contracts/oauth';
import { openDatabase } from '#database/database';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import { startSimulator, type Simulator } from '#google-simulator/server';
import type { TenantProject, TenantProjectSeed } from '#google-simulator/admin/tenant-project';
import type { Means } from '#hosting/service';
import { MemoryLocks } from '#locks/memory-locks';
import { accepted, beginning, refused, type Origin, type Reply } from '#messaging/envelope';
import type { Ask } from '#messaging/ask';
import type { Handler } from '#messaging/handler';
import { problem, type Problem } from '#problems/problem';
import type { Processor, Reactor } from '#processors/processor';
import { createTestDatabase } from '#servers/test-database';
import { hours, MovableClock } from '#time/clock';
import type { z } from 'zod';
import { inboundMigrations } from './inbound/inbound.js';
import { MailboxTables1760000100000 } from './mailbox/mailbox-tables.js';

export const SUPPORT = 'support@acme.example';
const scope = 'https://www.googleapis.com/auth/';

/**
 * For specs: the simulated Google, a database and one tenant `t1` whose oauth service is replaced by the tokens that it would have. Requests
 * to gmail go to the handlers that a spec names.
 */
export class GmailWorld {
  readonly clock = new MovableClock();
  readonly store = new InMemoryEventStore();
  readonly asked: { type: string; data: unknown; tenantId: string }[] = [];
  /** What oauth refuses tokens of mailboxes with; null: it gives them. */
  noAccess: Problem | null = null;
  /** What oauth refuses tokens of the service account with. */
  noProvisioning: Problem | null = null;
  app: Partial<z.infer<typeof googleAppStatus>> = {};
  handlers: Handler[] = [];
  readonly means: Means;

  private constructor(
    readonly google: Simulator,
    readonly project: TenantProject,
    readonly database: DataSource,
    private readonly dropDatabase: () => Promise<void>,
  ) {
    const configuration = readConfiguration({
      BASE_URL: 'https://psa.example.com',
      NATS_URL: 'nats://nowhere:4222',
      DATABASE_URL: 'postgresql://nobody@nowhere/nothing',
      AUTH_JWT_SECRET: 'x'.repeat(32),
      SECRETS_KEY_RING: 'k1:none',
      DEVELOPMENT: 'true',
      GOOGLE_SIMULATOR_URL: google.url,
    });
    const { clock, store } = this;
    const absent = (name: string): never => new Proxy({}, { get: () => assertAbsent(name) }) as never;
    this.means = {
      configuration,
      clock,
      store,
      database,
      logger: createLogger({ level: 'silent', name: 'gmail' }),
      locks: new MemoryLocks(),
      ask: ((contract, data, origin) => this.answer(contract as RequestContract, data, origin)) as Ask,
      nats: absent('NATS'),
      secrets: absent('secrets'),
    };
  }

  static async open(seed: Partial<TenantProjectSeed> = {}): Promise<GmailWorld> {
    const google = await startSimulator();
    const { url, drop } = await createTestDatabase();
    const migrations = [MailboxTables1760000100000, ...inboundMigrations];
    const database = await openDatabase({ url, schema: 'gmail', entities: [], migrations, poolSize: 4 });
    const project = await google.client.seedTenantProject({
      projectId: 'acme-helpdesk',
      redirectUris: ['https://psa.example.com/callback'],
      users: [{ email: SUPPORT }],
      ...seed,
    });
    return new GmailWorld(google, project, database, drop);
  }

  async close(): Promise<void> {
    await this.database.destroy();
    await this.dropDatabase();
    await this.google.close();
  }

  async advance(milliseconds: number): Promise<void> {
    await this.google.client.advance(milliseconds);
    this.clock.advance(milliseconds);
  }

  origin(by = 'spec'): Origin {
    return beginning('t1', by);
  }

  /** What oauth would have recorded. */
  async grant(providerId: string, type: string, data: Record<string, unknown> = {}): Promise<void> {
    const { id, tenantId, correlationId, by } = this.origin();
    const metadata = { id, tenantId, correlationId, causationId: id, at: this.clock.now().toISOString(), by };
    await this.store.append(
      `grant-t1+${providerId}`,
      [{ type, data: { product: 'gmail', ...data }, metadata }],
      'any',
    );
  }

  /** Types of a stream's events, oldest first. */
  async told(stream: string): Promise<string[]> {
    return (await this.store.readStream(stream)).map(({ type }) => type);
  }

  async last(stream: string): Promise<{ type: string; data: Record<string, unknown> } | undefined> {
    const event = (await this.store.readStream(stream)).at(-1);
    return event && { type: event.type, data: event.data };
  }

  /** Lets processors see everything that was not shown to them yet, and what comes of it, until nothing comes any more. */
  async settle(processors: Processor[]): Promise<void> {
    for (let after = this.shown; ; after = this.shown) {
      const events = await this.store.readAll({ after, limit: 1_000 });
      const event = events[0];
      if (!event) return;
      this.shown = event.position;
      const category = event.stream.split('-')[0]!;
      for (const processor of processors.filter(({ categories }) => categories.includes(category)))
        if (processor.kind === 'projection')
          await this.database.transaction((manager) => processor.project([event], manager));
        else await done(processor, event);
    }
  }
  private shown: string | null = null;

  private async answer(contract: RequestContract, data: unknown, origin: Origin): Promise<Reply<never>> {
    this.asked.push({ type: contract.type, data, tenantId: origin.tenantId });
    const handler = this.handlers.find((each) => each.contract.type === contract.type);
    const reply = handler ? await handler.handle(data, origin) : this.answerAsOauth(contract);
    return reply as Reply<never>;
  }

  private answerAsOauth({ type }: RequestContract): Reply<unknown> {
    const { projectId, serviceAccountEmail } = this.project;
    const expiresAt = new Date(this.clock.now().getTime() + hours(1)).toISOString();
    const { oauth } = this.google.world;
    switch (type) {
      case GetGoogleAppStatus.type:
        return accepted({
          projectId,
          serviceAccountEmail,
          provisioning: 'key',
          serviceAccountKeyStored: true,
          gmail: { configured: true, missing: [] },
          ...this.app,
        });
      case GetAccessToken.type: {
        if (this.noAccess) return refused(this.noAccess);
        const { sub } = this.google.world.user(SUPPORT)!;
        const holder = { kind: 'user' as const, sub, clientId: this.project.clientId };
        return accepted({
          accessToken: oauth.issueAccessToken(holder, [`${scope}gmail.readonly`]).token,
          expiresAt,
        });
      }
      case GetProvisioningToken.type: {
        if (this.noProvisioning) return refused(this.noProvisioning);
        const holder = { kind: 'service-account' as const, email: serviceAccountEmail };
        const accessToken = oauth.issueAccessToken(holder, [`${scope}pubsub`]).token;
        return accepted({ accessToken, expiresAt, projectId, serviceAccountEmail });
      }
      case 'StartAuthorization':
        return accepted({ authUrl: `${this.google.url}/o/oauth2/v2/auth`, state: 's', expiresAt });
      case 'ForgetGrant':
        return accepted({ revoked: true });
      default:
        return refused(problem('service.unavailable', { service: 'spec' }));
    }
  }
}

async function done(reactor: Reactor, event: Parameters<Reactor['react']>[0]): Promise<void> {
  const reaction = await reactor.react(event);
  if (reaction !== 'done') throw new Error(`${reactor.id} on ${event.type}: ${JSON.stringify(reaction)}`);
}

function assertAbsent(name: string): never {
  throw new Error(`This spec brought no ${name}.`);
}
