import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { openChromium } from '#servers/test-browser';
import { systemClock } from '#time/clock';
import { startEmbedded } from '../apps/embedded/src/start-embedded.js';

/**
 * Goes from the empty console to a proven mailbox as a tenant's admin does who has both of Google's files at hand, at a person's pace: a second and
 * a half before each action, ten letters a second. Prints what each step took. What happens in Google's console is not in it.
 */
const before = 1_500;
const perLetter = 100;
const tenant = 'fabrikam';
const mailbox = 'help@fabrikam-it.com';

const dataDir = await mkdtemp(join(tmpdir(), 'tenant-google-walkthrough-'));
const embedded = await startEmbedded({
  dataDir,
  gatewayPort: 0,
  simulatorPort: 0,
  logLevel: 'warn',
  clock: systemClock,
  say: () => {},
  onFailure: (error) => process.stderr.write(`${error.message}\n`),
});
const browser = await openChromium();
const rows: { step: string; actions: number; seconds: number }[] = [];
let actions = 0;

try {
  const redirectUris = ['', '/calendar'].map((of) => `${embedded.gatewayUrl}/api/auth/google${of}/callback`);
  const project = await embedded.simulator.client.seedTenantProject({
    projectId: 'fabrikam-psa-2026',
    appName: 'Fabrikam PSA',
    redirectUris,
    users: [{ email: mailbox }],
  });
  const client = {
    client_id: project.clientId,
    client_secret: project.clientSecret,
    project_id: project.projectId,
    redirect_uris: redirectUris,
  };
  const page = await (await browser.newContext({ viewport: { width: 1200, height: 900 } })).newPage();
  const token = await embedded.token({ tenant, user: 'admin' });

  await step('Open the console and say who one is (a PSA does that by itself)', async () => {
    await page.goto(`${embedded.gatewayUrl}/console`);
    await page.getByLabel('Access token').fill(token);
    await press(page, 'Sign in');
    await page.getByRole('heading', { name: 'Choose a project' }).waitFor();
  });
  await step('Copy both redirect URIs (for the client at Google)', async () => {
    await press(page, 'Copy: Redirect URI for Gmail');
    await press(page, 'Copy: Redirect URI for Calendar');
  });
  await step('Give the client’s file; it fills project ID, client ID and secret', async () => {
    await give(page, 0, 'client_secret.json', JSON.stringify({ web: client }));
    await page.getByText('Read from client_secret.json.').waitFor();
  });
  await step('Give the key’s file', async () => {
    await give(page, 1, 'key.json', project.serviceAccountKeyJson!);
    await page.getByText('from key.json').waitFor();
  });
  await step('Save and verify, until the last check is answered', async () => {
    await press(page, 'Save and verify');
    await page.getByText(/\d+ passed/).waitFor();
  });
  await step('Go to the mailboxes and add one', async () => {
    await act(page.getByRole('link', { name: 'To the mailboxes' }));
    await press(page, 'Add a mailbox');
    await type(page, 'Helpdesk');
    await page.keyboard.press('Tab');
    await type(page, mailbox);
    await press(page, 'Add');
    await page.getByText('Not connected yet.').waitFor();
  });
  const google = await step('Connect: Google’s page opens in a window', async () => {
    const [popup] = await Promise.all([page.waitForEvent('popup'), press(page, 'Connect')]);
    await popup.getByRole('button', { name: /^Continue to/ }).waitFor();
    return popup;
  });
  await step('Allow the access at Google', async () => {
    await press(google, /^Continue to/);
    await press(google, 'Continue');
    await google.getByRole('heading', { name: 'The mailbox is connected' }).waitFor();
  });
  await step('Watch it become connected and proven', async () => {
    await page.getByText('Connected and proven.').waitFor();
  });
} finally {
  await browser.close();
  await embedded.close();
  await rm(dataDir, { recursive: true, force: true });
}
const total = (of: 'actions' | 'seconds'): number => rows.reduce((sum, row) => sum + row[of], 0);
rows.push({ step: 'Together', actions: total('actions'), seconds: total('seconds') });
for (const [index, row] of rows.entries())
  process.stdout.write(
    `| ${index + 1 < rows.length ? index + 1 : ''} | ${row.step} | ${row.actions} | ${row.seconds.toFixed(1)} |\n`,
  );

async function step<Value>(name: string, happens: () => Promise<Value>): Promise<Value> {
  actions = 0;
  const begun = performance.now();
  const value = await happens();
  rows.push({ step: name, actions, seconds: (performance.now() - begun) / 1_000 });
  return value;
}

async function act(on: Locator): Promise<void> {
  actions += 1;
  await on.waitFor();
  await on.page().waitForTimeout(before);
  await on.click();
}

function press(page: Page, name: string | RegExp): Promise<void> {
  return act(page.getByRole('button', { name, exact: typeof name === 'string' }));
}

async function type(page: Page, text: string): Promise<void> {
  actions += 1;
  await page.keyboard.type(text, { delay: perLetter });
}

async function give(page: Page, input: number, name: string, text: string): Promise<void> {
  actions += 1;
  await page.waitForTimeout(before);
  const file = { name, mimeType: 'application/json', buffer: Buffer.from(text) };
  await page.locator('input[type=file]').nth(input).setInputFiles(file);
}
