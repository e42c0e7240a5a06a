import { randomUUID } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import { SignJWT } from 'jose';
import { activityPublisher } from '#deliveries/activity';
import { ensureStreams } from '#deliveries/streams';
import type { NewEvent } from '#event-sourcing/event-store';
import { PostgresEventStore } from '#event-sourcing/postgres/postgres-event-store';
import { streamName } from '#event-sourcing/stream-name';
import { startSimulator } from '#google-simulator/server';
import { freePort } from '#servers/child-server';
import { days } from '#time/clock';
import { startProduct, until } from '../measuring/program.js';
import type { Servers } from '../measuring/servers.js';

const tenants = 20;
const mailboxesPerTenant = 50;
const jwtSecret = 'the shared secret of the benchmark, long enough';
const audience = 'http://localhost/api/email/webhooks/google';

export interface ServedMailbox {
  tenantId: string;
  providerId: string;
  address: string;
  subscription: string;
}

export interface ServedTenants {
  pid: number;
  port: number;
  mailboxes: ServedMailbox[];
  /** The host's token of a tenant. */
  hostToken(tenantId: string): Promise<string>;
  /** What Google signs the tenant's pushes with, for an hour. */
  pushToken(tenantId: string): string;
  stop(): Promise<void>;
}

const account = (tenantId: string): string => `psa@${tenantId}-project.iam.gserviceaccount.com`;

/** The gateway as it is shipped, in a process of its own, and a thousand connected mailboxes that it knows from their events. */
export async function serveTenants(
  { postgresUrl, natsUrl }: Servers,
  profileDir: string | undefined,
): Promise<ServedTenants> {
  const mailboxes = await happenedMailboxes(postgresUrl);
  await tellActivity(natsUrl, mailboxes);
  const google = await startSimulator();
  const port = await freePort();
  const ready = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  const gateway = await startProduct('apps/gateway/src/main.js', {
    env: {
      BASE_URL: 'http://localhost',
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      NATS_URL: natsUrl,
      DATABASE_URL: postgresUrl,
      AUTH_JWT_SECRET: jwtSecret,
      SECRETS_KEY_RING: `k1:${Buffer.alloc(32).toString('base64')}`,
      GOOGLE_SIMULATOR_URL: google.url,
      DEVELOPMENT: 'true',
    },
    profileDir,
    isReady: ready,
  });
  const served: ServedTenants = {
    pid: gateway.pid,
    port,
    mailboxes,
    hostToken: (tenantId) =>
      new SignJWT({ tenant: tenantId, permissions: ['system_settings:read'] })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('u1')
        .setExpirationTime('2h')
        .sign(new TextEncoder().encode(jwtSecret)),
    pushToken: (tenantId) => {
      const iat = Math.floor(Date.now() / 1_000);
      return google.world.keys.signIdToken({
        iss: 'https://accounts.google.com',
        aud: audience,
        azp: '1234',
        sub: '1234',
        email: account(tenantId),
        email_verified: true,
        iat,
        exp: iat + 3_600,
      });
    },
    stop: async () => {
      await gateway.stop();
      await google.close();
    },
  };
  try {
    await until('the gateway knows all mailboxes', () => isShown(served));
  } catch (error) {
    await served.stop();
    throw error;
  }
  return served;
}

/** Every status is in its final shape, activity included. */
async function isShown({ port, mailboxes, hostToken }: ServedTenants): Promise<boolean> {
  for (const { tenantId, providerId } of mailboxes.filter((_, n) => n % mailboxesPerTenant === 0)) {
    const response = await fetch(`http://127.0.0.1:${port}/api/email/providers/${providerId}/status`, {
      headers: { authorization: `Bearer ${await hostToken(tenantId)}` },
    });
    const status = response.ok ? ((await response.json()) as Record<string, unknown>) : {};
    if (status['status'] !== 'connected' || !status['lastPushAt']) return false;
  }
  return true;
}

async function happenedMailboxes(postgresUrl: string): Promise<ServedMailbox[]> {
  const warn = (sentence: string): boolean => process.stderr.write(`${sentence}\n`);
  const store = await PostgresEventStore.open({ url: postgresUrl, poolSize: 8, warn });
  const tenantIds = Array.from({ length: tenants }, (_, n) => `tenant${n}`);
  const mailboxes = tenantIds.flatMap((tenantId) =>
    Array.from({ length: mailboxesPerTenant }, (_, n) => ({
      tenantId,
      providerId: randomUUID(),
      address: `help${n}@${tenantId}.example`,
      subscription: `projects/${tenantId}-project/subscriptions/gmail-webhook-${tenantId}`,
    })),
  );
  const streams = [...tenantIds.flatMap(tenantStreams), ...mailboxes.flatMap(mailboxStreams)];
  for (const { stream, events } of streams) await store.append(stream, events, 'no-stream');
  await store.settled();
  await store.close();
  return mailboxes;
}

interface Stream {
  stream: string;
  events: NewEvent[];
}

function tenantStreams(tenantId: string): Stream[] {
  const projectId = `${tenantId}-project`;
  const serviceAccountEmail = account(tenantId);
  const app = {
    projectId,
    provisioning: 'key',
    gmailClientId: `${tenantId}.apps.googleusercontent.com`,
    calendar: 'same',
    calendarClientId: null,
    serviceAccountEmail,
    changed: [],
  };
  const topic = {
    projectId,
    topic: `projects/${projectId}/topics/gmail-notifications-${tenantId}`,
    subscription: `projects/${projectId}/subscriptions/gmail-webhook-${tenantId}`,
    endpoint: audience,
    audience,
    serviceAccountEmail,
    mode: 'key',
    repaired: [],
  };
  return [
    { stream: streamName('googleApp', tenantId), events: [happened(tenantId, 'ConfigStored', app)] },
    { stream: streamName('topic', tenantId), events: [happened(tenantId, 'TopicProvisioned', topic)] },
  ];
}

function mailboxStreams({ tenantId, providerId, address }: ServedMailbox): Stream[] {
  const added = {
    name: 'Helpdesk',
    address,
    filter: { labels: [], include: [] },
    defaults: { inboundTicketDefaultsId: null, autoProcessEmails: true },
  };
  const watch = {
    topic: `projects/${tenantId}-project/topics/gmail-notifications-${tenantId}`,
    historyId: '1',
    expiresAt: new Date(Date.now() + days(7)).toISOString(),
    labelIds: [],
  };
  const authorized = {
    product: 'gmail',
    account: address,
    clientId: `${tenantId}.apps.googleusercontent.com`,
    projectId: `${tenantId}-project`,
    scopes: [],
    expiresAt: null,
  };
  const mailbox = [
    happened(tenantId, 'MailboxAdded', added),
    happened(tenantId, 'WatchStarted', watch),
    happened(tenantId, 'NotificationProven', {}),
  ];
  return [
    { stream: streamName('mailbox', tenantId, providerId), events: mailbox },
    {
      stream: streamName('grant', tenantId, providerId),
      events: [happened(tenantId, 'Authorized', authorized)],
    },
  ];
}

function happened(tenantId: string, type: string, data: Record<string, unknown>): NewEvent {
  const id = randomUUID();
  const at = new Date().toISOString();
  return { type, data, metadata: { id, tenantId, correlationId: id, causationId: id, at, by: 'benchmark' } };
}

async function tellActivity(natsUrl: string, mailboxes: ServedMailbox[]): Promise<void> {
  const nats = await connect({ servers: natsUrl });
  await ensureStreams(nats, { retentionDays: 14 });
  const tell = activityPublisher(nats);
  const now = new Date().toISOString();
  for (const { tenantId, providerId } of mailboxes) {
    const lately = { lastPushAt: now, lastSyncAt: now, lastMessageAt: now, delivered: 1, parked: 0 };
    await tell({ tenantId, providerId, ...lately });
  }
  await nats.close();
}
