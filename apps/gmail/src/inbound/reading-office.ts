import { randomUUID } from 'node:crypto';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { readConfiguration } from '#configuration/configuration';
import type { InboundEmailReceived } from '#contracts/inbound-email';
import type { MailboxEvent, MailboxFilter } from '#contracts/gmail';
import { openDatabase } from '#database/database';
import { activityPublisher } from '#deliveries/activity';
import { notificationPublisher } from '#deliveries/notifications';
import { openObjects } from '#deliveries/objects';
import { Outbox } from '#deliveries/outbox';
import { ACTIVITY, DELIVERIES, ensureStreams } from '#deliveries/streams';
import { activitySubject } from '#deliveries/subjects';
import { InMemoryEventStore } from '#event-sourcing/in-memory-event-store';
import { streamName } from '#event-sourcing/stream-name';
import { startSimulator, type Simulator } from '#google-simulator/server';
import type { TenantProject } from '#google-simulator/admin/tenant-project';
import type { Locks } from '#locks/locks';
import { PostgresLocks } from '#locks/postgres-locks';
import { createLogger } from '#logging/logger';
import type { Ask } from '#messaging/ask';
import { accepted, refused } from '#messaging/envelope';
import type { Problem } from '#problems/problem';
import { createTestDatabase, startTestNats, type TestDatabase, type TestNats } from '#servers/test-database';
import { hours } from '#time/clock';
import pg from 'pg';
import { MailboxTables1760000100000 } from '../mailbox/mailbox-tables.js';
import { initialiseCursor, type MailboxId } from './cursor.js';
import { InTurn } from './in-turn.js';
import { inboundMigrations, workersOf } from './inbound.js';
import { Quota } from './quota.js';
import type { ReadingMeans } from './reading-means.js';
import { WantedSyncs } from './wanted-syncs.js';

const GMAIL_READONLY = 'https://www.googleapis.com/auth/gmail.readonly';
const tenantId = 't1';

/** For specs: a tenant with mailboxes at the simulator, and as many processes as wanted that read them for real. */
export class ReadingOffice {
  readonly stopping: (() => Promise<void>)[] = [];
  /** Set to have oauth refuse access tokens. */
  tokenProblem: Problem | null = null;
  /** Set before a replica is started. */
  backfillMessages = 2_000;

  private constructor(
    readonly google: Simulator,
    readonly project: TenantProject,
    readonly database: DataSource,
    readonly nats: NatsConnection,
    readonly store: InMemoryEventStore,
    private readonly locks: Locks,
    private readonly closeServers: () => Promise<void>,
  ) {}

  static async open(): Promise<ReadingOffice> {
    const [server, testDatabase, google]: [TestNats, TestDatabase, Simulator] = await Promise.all([
      startTestNats(),
      createTestDatabase(),
      startSimulator(),
    ]);
    const project = await google.client.seedTenantProject({
      projectId: 'tenant-one-psa',
      redirectUris: ['https://psa.example.com/callback'],
      users: [],
    });
    const nats = await connect({ servers: server.url });
    const database = await openDatabase({
      url: testDatabase.url,
      schema: 'gmail',
      entities: [],
      migrations: [MailboxTables1760000100000, ...inboundMigrations],
      poolSize: 8,
    });
    await ensureStreams(nats, { retentionDays: 14 });
    const pool = new pg.Pool({ connectionString: testDatabase.url, max: 24 });
    pool.on('error', () => {});
    return new ReadingOffice(
      google,
      project,
      database,
      nats,
      new InMemoryEventStore(),
      new PostgresLocks(pool),
      async () => {
        await pool.end();
        await database.destroy();
        await nats.close();
        await server.stop();
        await google.close();
        await testDatabase.drop();
      },
    );
  }

  async close(): Promise<void> {
    await this.stopAll();
    await this.closeServers();
  }

  async stopAll(): Promise<void> {
    for (const stop of this.stopping.splice(0)) await stop();
  }

  /** A connected and watched mailbox, read from its present position on. */
  async connect(
    address: string,
    { labels = [], include = [] }: Partial<MailboxFilter> = {},
  ): Promise<MailboxId> {
    await this.google.client.createUser(address, { workspaceDomain: address.split('@')[1]! });
    const { historyId } = await this.google.client.gmail.mailbox(address);
    const id = { tenantId, providerId: `p-${address.split('@')[0]!}` };
    await this.database.query(
      `INSERT INTO mailboxes (tenant_id, provider_id, name, address, status, labels, include, mailbox_revision)
       VALUES ($1, $2, $3, $3, 'watched', $4, $5, 0)`,
      [id.tenantId, id.providerId, address, labels, include],
    );
    await initialiseCursor(this.database, { ...id, historyId, at: this.now() });
    await this.happened(
      id,
      {
        type: 'MailboxAdded',
        data: {
          name: address,
          address,
          filter: { labels, include },
          defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
        },
      },
      {
        type: 'WatchStarted',
        data: {
          topic: 'projects/p/topics/t',
          historyId,
          expiresAt: new Date(this.now().getTime() + hours(168)).toISOString(),
          labelIds: [],
        },
      },
    );
    return id;
  }

  now(): Date {
    return this.google.world.now();
  }

  async happened({ tenantId, providerId }: MailboxId, ...events: MailboxEvent[]): Promise<void> {
    const recorded = events.map(({ type, data }) => ({
      type,
      data,
      metadata: {
        id: randomUUID(),
        tenantId,
        correlationId: randomUUID(),
        causationId: randomUUID(),
        at: this.now().toISOString(),
        by: 'spec',
      },
    }));
    await this.store.append(streamName('mailbox', tenantId, providerId), recorded, 'any');
  }

  /** The mailbox's events since it was connected. */
  async told({
    tenantId,
    providerId,
  }: MailboxId): Promise<{ type: string; data: Record<string, unknown> }[]> {
    const events = await this.store.readStream(streamName('mailbox', tenantId, providerId));
    return events.slice(2).map(({ type, data }) => ({ type, data }));
  }

  /** What one process has. `broken` wraps what it does outside, so that it fails. */
  async means(broken: (means: ReadingMeans) => Partial<ReadingMeans> = () => ({})): Promise<ReadingMeans> {
    const { google, database, nats, locks, store } = this;
    const { clock } = google.world;
    const logger = createLogger({ level: 'silent', name: 'gmail' });
    const means: ReadingMeans = {
      ask: this.oauth(),
      clock,
      configuration: readConfiguration({
        BASE_URL: 'https://psa.example.com',
        NATS_URL: 'nats://127.0.0.1:4222',
        DATABASE_URL: 'postgresql://127.0.0.1/none',
        AUTH_JWT_SECRET: 'x'.repeat(32),
        SECRETS_KEY_RING: 'k1:abc',
        GOOGLE_SIMULATOR_URL: google.url,
        DEVELOPMENT: 'true',
        BACKFILL_MESSAGES: String(this.backfillMessages),
      }),
      database,
      locks,
      logger,
      store,
      objects: await openObjects(nats),
      outbox: new Outbox({ database, nats, locks, clock, logger, service: 'gmail' }),
      quota: new Quota(clock),
      wanted: new WantedSyncs(database, clock),
      messagesAtOnce: new InTurn(6),
      publishActivity: activityPublisher(nats),
    };
    const changed = { ...means, ...broken(means) };
    if (changed.database === means.database) return changed;
    return {
      ...changed,
      outbox: new Outbox({ ...changed, nats, service: 'gmail' }),
      wanted: new WantedSyncs(changed.database, clock),
    };
  }

  /** Starts a process that reads; returns how to stop it. */
  start(means: ReadingMeans, without: string[] = []): () => Promise<void> {
    const ending = new AbortController();
    const workers = workersOf(means, this.nats).filter(({ name }) => !without.includes(name));
    const working = workers.map(({ run }) => run(ending.signal));
    const stop = async (): Promise<void> => {
      ending.abort();
      await Promise.allSettled(working);
    };
    this.stopping.push(stop);
    return stop;
  }

  async notify(address: string, historyId?: string): Promise<void> {
    const position = historyId ?? (await this.google.client.gmail.mailbox(address)).historyId;
    await notificationPublisher(this.nats)({
      tenantId,
      emailAddress: address,
      historyId: position,
      pushedAt: this.now().toISOString(),
      pubsubMessageId: randomUUID(),
    });
  }

  /** Everything that was delivered of a mailbox so far, as a consumer gets it that does not de-duplicate. */
  async deliveries({ providerId }: MailboxId): Promise<InboundEmailReceived[]> {
    const manager = await jetstreamManager(this.nats);
    const { state } = await manager.streams.info(DELIVERIES);
    const { name } = await manager.consumers.add(DELIVERIES, { ack_policy: AckPolicy.None });
    const consumer = await jetstream(this.nats).consumers.get(DELIVERIES, name);
    const found: InboundEmailReceived[] = [];
    for (let left = state.messages; left > 0; left--) {
      const message = await consumer.next({ expires: 5_000 });
      if (!message) break;
      found.push(message.json());
    }
    await consumer.delete();
    return found.filter((delivery) => delivery.providerId === providerId);
  }

  async subjects(mailbox: MailboxId): Promise<string[]> {
    return (await this.deliveries(mailbox)).map(({ subject }) => subject);
  }

  async activity({ tenantId, providerId }: MailboxId): Promise<unknown> {
    const manager = await jetstreamManager(this.nats);
    const last = await manager.streams.getMessage(ACTIVITY, {
      last_by_subj: activitySubject(tenantId, providerId),
    });
    return last?.json() ?? null;
  }

  /** Notifications that were taken from the stream and are not done with. */
  async unacknowledged(): Promise<number> {
    const manager = await jetstreamManager(this.nats);
    return (await manager.consumers.info('NOTIFICATIONS', 'gmail-inbound')).num_ack_pending;
  }

  /** Until nothing is to be done now: every notification was taken, every mailbox read, every delivery published. */
  async settled(): Promise<void> {
    await eventually(async () => {
      const manager = await jetstreamManager(this.nats);
      const info = await manager.consumers.info('NOTIFICATIONS', 'gmail-inbound').catch(() => null);
      const [row]: { busy: boolean }[] = await this.database.query(
        `SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM wanted_syncs WHERE due_at <= $1)
             OR EXISTS (SELECT FROM parked_messages WHERE next_attempt_at <= $1) AS busy`,
        [this.now()],
      );
      return info !== null && info.num_pending + info.num_ack_pending === 0 && !row!.busy;
    });
  }

  private oauth(): Ask {
    const answer = async (data: unknown): Promise<unknown> => {
      if (this.tokenProblem) return refused(this.tokenProblem);
      const { providerId } = data as { providerId: string };
      const user = [...this.google.world.users.values()].find(
        ({ email }) => `p-${email.split('@')[0]!}` === providerId,
      );
      const holder = { kind: 'user' as const, sub: user!.sub, clientId: this.project.clientId };
      const { token } = this.google.world.oauth.issueAccessToken(holder, [GMAIL_READONLY]);
      return accepted({
        accessToken: token,
        expiresAt: new Date(this.now().getTime() + hours(1)).toISOString(),
      });
    };
    return ((_contract: unknown, data: unknown) => answer(data)) as unknown as Ask;
  }
}

/** Looks every few milliseconds, for at most 20 seconds. */
export async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('It did not come to be so in time.');
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
