import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { openChromium } from '#servers/test-browser';
import { MovableClock } from '#time/clock';
import { takeConsolePictures } from './console-pictures.js';
import { startEmbedded, type Embedded } from '../apps/embedded/src/start-embedded.js';

const mailbox = 'support@acme-helpdesk.com';
const folder = resolve('docs/images');

/** Writes pictures of the console, and of what people see at the end of Google's consent, to docs/images. */
const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-screenshots-'));
const embedded = await startEmbedded({
  dataDir,
  gatewayPort: 0,
  simulatorPort: 0,
  logLevel: 'warn',
  clock: new MovableClock(),
  say: () => {},
  onFailure: (error) => process.stderr.write(`${error.message}\n`),
});
const browser = await openChromium();
try {
  await mkdir(folder, { recursive: true });
  const providerId = await connectable(embedded);
  const authUrl = (): Promise<string> => initiated(embedded, providerId);
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width: 600, height: 520 }, colorScheme });
    const page = await context.newPage();
    await page.goto(await authUrl());
    await page.getByRole('button', { name: /^Continue to/ }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await picture(page, `callback-refused-${colorScheme}`);
    await page.goto(await authUrl());
    await page.getByRole('button', { name: /^Continue to/ }).click();
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await picture(page, `callback-connected-${colorScheme}`);
    await context.close();
  }
  const say = (path: string): boolean => process.stdout.write(`${path}\n`);
  await takeConsolePictures({ embedded, browser, folder, say });
} finally {
  await browser.close();
  await embedded.close();
  await rm(dataDir, { recursive: true, force: true });
}

async function picture(page: Page, name: string): Promise<void> {
  await page.getByRole('main').or(page.getByRole('alert')).or(page.getByRole('status')).first().waitFor();
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  process.stdout.write(`${path}\n`);
}

async function call<Answer>(at: Embedded, method: string, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`${at.gatewayUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await at.token({ tenant: 'acme', user: 'admin' })}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** A tenant whose Google app is stored, with a mailbox that can be connected. */
async function connectable(at: Embedded): Promise<string> {
  const project = await at.simulator.client.seedTenantProject({
    projectId: 'acme-psa-2026',
    appName: 'Acme PSA',
    redirectUris: [`${at.gatewayUrl}/api/auth/google/callback`],
    users: [{ email: mailbox }],
  });
  await call(at, 'PUT', '/api/google/config', {
    projectId: project.projectId,
    gmail: { clientId: project.clientId, clientSecret: project.clientSecret },
    calendar: 'same',
    serviceAccountKey: project.serviceAccountKeyJson,
  });
  return (await call<{ id: string }>(at, 'POST', '/api/email/providers', { name: 'Helpdesk', mailbox })).id;
}

async function initiated(at: Embedded, providerId: string): Promise<string> {
  const body = { provider: 'google', providerId };
  return (await call<{ authUrl: string }>(at, 'POST', '/api/email/oauth/initiate', body)).authUrl;
}
