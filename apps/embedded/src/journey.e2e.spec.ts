import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { Browser, Page } from 'playwright-core';
import { inboundEmailReceived, type InboundEmailReceived } from '#contracts/inbound-email';
import { DELIVERIES } from '#deliveries/streams';
import type { TenantProject } from '#google-simulator/admin/tenant-project';
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
    logLevel: 'info',
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
    await manager.consumers.add(DELIVERIES, { durable_name: 'journey', ack_policy: AckPolicy.Explicit });
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

    it('delivers a mail that comes in', async () => {
      const id = await mailComesIn('The printer is on fire');
      expect(await nextDelivery()).toMatchObject({
        tenantId: 'acme',
        providerId,
        gmailId: id,
        from: { email: 'ann@customer.example', name: 'Ann' },
        subject: 'The printer is on fire',
      });
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
