import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Browser, Page } from 'playwright-core';
import { inboundEmailReceived, type InboundEmailReceived } from '#contracts/inbound-email';
import { DELIVERIES } from '#deliveries/streams';
import type { TenantProject } from '#google-simulator/admin/tenant-project';
import { parseScrape } from '#operating/fixtures/scrape';
import { openChromium, OpenerPage } from '#servers/test-browser';
import { MovableClock, seconds } from '#time/clock';
import { StandIn } from '../../../tools/eventstoredb-stand-in/src/stand-in.js';
import { startEmbedded, type Embedded } from './start-embedded.js';

const mailbox = 'support@acme-helpdesk.com';

let dataDir: string;
let embedded: Embedded;
let browser: Browser;
let opener: OpenerPage;
let project: TenantProject;
let providerId: string;
let eventStoreDb: StandIn | undefined;
const clock = new MovableClock();

function start(ports = { gatewayPort: 0, simulatorPort: 0 }): Promise<Embedded> {
  return startEmbedded({
    dataDir,
    ...ports,
    logLevel: 'debug',
    clock,
    openerOrigins: [opener.origin],
    ...(eventStoreDb && { eventStoreDbUrl: eventStoreDb.url }),
    say: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
}

async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const token = await embedded.token({ tenant: 'acme', user: 'admin' });
  const response = await fetch(`${embedded.gatewayUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', origin: opener.origin },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

interface Status {
  status: string;
  problem: { code: string } | null;
}

/** Asks as the host's page does, until it is as hoped or the test's time is over. */
async function statusWhen(hoped: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = await call<Status>('GET', `/api/email/providers/${providerId}/status`);
    if (hoped(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const scrape = async (): Promise<string> => (await fetch(`${embedded.gatewayUrl}/operator/metrics`)).text();

async function scrapedWhen(hoped: (text: string) => boolean): Promise<string> {
  for (;;) {
    const text = await scrape();
    if (hoped(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function openedPopup(page: Page): Promise<Page> {
  const { authUrl } = await call<{ authUrl: string }>('POST', '/api/email/oauth/initiate', {
    provider: 'google',
    providerId,
  });
  const withoutHint = new URL(authUrl);
  withoutHint.searchParams.delete('login_hint');
  return opener.popup(page, withoutHint.href);
}

/** Gmail notifies about a mailbox at most once a second, so a second passes before. Resolves with the Gmail id. */
async function mailComesIn(subject: string): Promise<string> {
  const { client } = embedded.simulator;
  await client.advance(seconds(2));
  clock.advance(seconds(2));
  const mail = { from: 'Ann <ann@customer.example>', subject, text: 'Please help.' };
  return (await client.gmail.deliver(mailbox, mail)).id;
}

async function nextDelivery(): Promise<InboundEmailReceived> {
  const nats = await connect({ servers: embedded.natsUrl });
  try {
    const manager = await jetstreamManager(nats);
    await manager.consumers.add(DELIVERIES, {
      durable_name: 'journey',
      filter_subject: 'delivery.*.inbound-email.received',
      ack_policy: AckPolicy.Explicit,
    });
    const consumer = await jetstream(nats).consumers.get(DELIVERIES, 'journey');
    const message = await consumer.next({ expires: 30_000 });
    if (!message) throw new Error('Nothing was delivered in time.');
    await message.ackAck();
    return inboundEmailReceived.parse(message.json());
  } finally {
    await nats.close();
  }
}

// The same journey wherever the events are kept.
describe.each(['PostgreSQL', 'EventStoreDB'])('with its events in %s', (eventStore) => {
  beforeAll(async () => {
    eventStoreDb = eventStore === 'EventStoreDB' ? await StandIn.start() : undefined;
    dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-journey-'));
    opener = await OpenerPage.serve();
    [embedded, browser] = await Promise.all([start(), openChromium()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await opener?.close();
    await embedded?.close();
    await eventStoreDb?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  // The tests of this file are the chapters of one journey: each goes on where the one before ended.
  describe('from the first form to the first mail', () => {
    it('stores the Google app and adds a mailbox, not yet connected', async () => {
      project = await embedded.simulator.client.seedTenantProject({
        projectId: 'acme-psa-2026',
        appName: 'Acme PSA',
        redirectUris: [`${embedded.gatewayUrl}/api/auth/google/callback`],
        users: [{ email: mailbox }],
      });
      const stored = await call<{ badge: string }>('PUT', '/api/google/config', {
        projectId: project.projectId,
        gmail: { clientId: project.clientId, clientSecret: project.clientSecret },
        calendar: 'same',
        serviceAccountKey: project.serviceAccountKeyJson,
      });
      expect(stored.badge).toBe('ready');
      ({ id: providerId } = await call<{ id: string }>('POST', '/api/email/providers', {
        name: 'Helpdesk',
        mailbox,
      }));
    });

    it('says so when the owner presses Cancel at Google', async () => {
      const page = await browser.newPage();
      const popup = await openedPopup(page);
      await popup.getByRole('button', { name: mailbox }).click();
      await popup.getByRole('button', { name: /^Continue to Acme PSA/ }).click();
      await popup.getByRole('button', { name: 'Cancel' }).click();

      await popup.getByRole('heading', { name: 'The mailbox was not connected' }).waitFor();
      const words = await popup.getByRole('alert').innerText();
      expect(words).toContain('The consent was refused on Google’s page.');
      expect(words).toContain(mailbox);
      expect(await opener.told(page)).toMatchObject({
        origin: embedded.gatewayUrl,
        data: {
          type: 'oauth-callback',
          success: false,
          error: 'authorization.denied',
          data: { providerId, connected: false },
        },
      });
      expect((await statusWhen(({ problem }) => problem?.code === 'authorization.denied')).status).not.toBe(
        'connected',
      );
      await page.context().close();
    });

    it('connects when the owner consents, and tells the page that opened the popup, without a token', async () => {
      const page = await browser.newPage();
      const popup = await openedPopup(page);
      await popup.getByRole('button', { name: mailbox }).click();
      await popup.getByRole('button', { name: /^Continue to Acme PSA/ }).click();
      const closed = popup.waitForEvent('close');
      await popup.getByRole('button', { name: 'Continue', exact: true }).click();

      await popup.getByRole('heading', { name: 'The mailbox is connected' }).waitFor();
      expect(await popup.getByRole('status').innerText()).toContain(`${mailbox} gave the permission.`);
      expect(new URL(popup.url()).search).toBe('');
      expect(await opener.told(page)).toEqual({
        origin: embedded.gatewayUrl,
        data: {
          type: 'oauth-callback',
          provider: 'google',
          success: true,
          data: { providerId, connected: true },
        },
      });
      await closed;
      const { problem } = await statusWhen(({ status }) => status === 'connected');
      expect(problem).toBeNull();
      await page.context().close();
    });

    // The metrics are those of the process, and so of all that ran in it before.
    const deliveriesCounted = ['tenant_google_push_to_delivery_seconds_count', { product: 'gmail' }] as const;
    let countedBefore: number;

    it('delivers a mail that comes in', async () => {
      countedBefore = parseScrape(await scrape()).value(...deliveriesCounted) ?? 0;
      const id = await mailComesIn('The printer is on fire');
      expect(await nextDelivery()).toMatchObject({
        tenantId: 'acme',
        providerId,
        gmailId: id,
        from: { email: 'ann@customer.example', name: 'Ann' },
        subject: 'The printer is on fire',
      });
    });

    it('shows operators what happened, without a name of anybody', async () => {
      // A delivery is counted once JetStream has confirmed it, which may be after somebody has it.
      const scraped = await scrapedWhen((text) => {
        const counted = parseScrape(text).value(...deliveriesCounted) ?? 0;
        return counted > countedBefore;
      });
      const { value, types } = parseScrape(scraped);
      expect(value('tenant_google_providers', { product: 'gmail', status: 'connected' })).toBe(1);
      expect(value('tenant_google_pushes_total', { product: 'gmail', result: 'accepted' })).toBeGreaterThan(
        0,
      );
      expect(value(...deliveriesCounted)).toBe(countedBefore + 1);
      expect(
        value('tenant_google_google_call_seconds_count', { api: 'gmail', result: 'ok' }),
      ).toBeGreaterThan(0);
      expect(
        value('tenant_google_google_call_seconds_count', { api: 'pubsub', result: 'ok' }),
      ).toBeGreaterThan(0);
      expect(
        value('tenant_google_google_call_seconds_count', { api: 'token', result: 'ok' }),
      ).toBeGreaterThan(0);
      expect(value('tenant_google_watch_least_hours_left', { product: 'gmail' })).toBeGreaterThan(48);
      for (const service of ['gateway', 'oauth', 'gmail', 'calendar', 'maintenance'])
        expect(value('tenant_google_connected', { service, server: 'nats' })).toBe(1);
      for (const name of ['acme', providerId, project.clientId]) expect(scraped).not.toContain(name);

      const ours = [...types.keys()].filter((name) => name.startsWith('tenant_google_')).toSorted();
      const guide = await readFile('docs/guides/operators.md', 'utf8');
      const explained = [...guide.matchAll(/^\| `(tenant_google_\w+)`/gm)].map(([, name]) => name).toSorted();
      expect(explained).toEqual(ours);
      const rules = await readFile('docs/alerts.yml', 'utf8');
      const expressions = rules.match(/^ {8}expr: .+$/gm)!;
      expect(expressions).toHaveLength(rules.match(/^ {6}- alert: \w+$/gm)!.length);
      for (const expression of expressions) {
        const named = expression.match(/tenant_google_\w+/g)!;
        for (const name of named) expect(ours).toContain(name.replace(/_(bucket|count|sum)$/, ''));
      }
    });

    it('is ready in all of its services', async () => {
      const response = await fetch(`${embedded.gatewayUrl}/operator/ready`);
      const { services } = (await response.json()) as { services: Record<string, { missing: string[] }> };
      expect(Object.values(services).flatMap(({ missing }) => missing)).toEqual([]);
      expect(Object.keys(services).toSorted()).toEqual([
        'calendar',
        'gateway',
        'gmail',
        'maintenance',
        'oauth',
      ]);
      expect(response.status).toBe(200);
    });

    it('logs whom each line is about, and nothing of what they write or keep secret', async () => {
      const log = await readFile(join(dataDir, 'log', 'tenant-google.log'), 'utf8');
      const lines = log
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const about = lines.filter((line) => JSON.stringify(line).includes(providerId));
      expect(about.length).toBeGreaterThan(5);
      for (const line of about)
        expect(line).toMatchObject({ tenantId: 'acme', providerId, service: expect.any(String) });
      const answered = lines.filter(({ msg }) => msg === 'answered');
      for (const line of answered) expect(line).toMatchObject({ correlationId: expect.any(String) });
      const canaries = [
        project.clientSecret,
        'PRIVATE KEY',
        'printer is on fire',
        'Please help',
        'ann@customer',
      ];
      for (const canary of canaries) expect(log).not.toContain(canary);
    });

    it('finds all of it after a second start on the same folder', async () => {
      const ports = {
        gatewayPort: Number(new URL(embedded.gatewayUrl).port),
        simulatorPort: Number(new URL(embedded.simulator.url).port),
      };
      await embedded.close();
      embedded = await start(ports);
      const { status } = await statusWhen(({ problem }) => problem === null);
      expect(status).toBe('connected');
      const id = await mailComesIn('It burns again');
      expect(await nextDelivery()).toMatchObject({ gmailId: id, subject: 'It burns again' });
    });
  });
});
