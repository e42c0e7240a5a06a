import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import type { TenantProject } from '#google-simulator/admin/tenant-project';
import type { Embedded } from '../apps/embedded/src/start-embedded.js';

const tenant = 'northwind';
const mailbox = 'help@northwind-it.com';
const person = 'ann@northwind-it.com';

interface Pictures {
  embedded: Embedded;
  browser: Browser;
  folder: string;
  say(path: string): void;
}

/** The main states of the console, from the empty setup to a proven mailbox, for the guides. */
export async function takeConsolePictures(stage: Pictures): Promise<void> {
  const project = await stage.embedded.simulator.client.seedTenantProject({
    projectId: 'northwind-psa-2026',
    appName: 'Northwind PSA',
    redirectUris: redirectUris(stage),
    users: [{ email: mailbox }, { email: person }],
  });
  const page = await signedIn(stage);
  await setUp(stage, page, project);
  await connectMailbox(stage, page);
  await connectCalendars(stage, page);
  await page.context().close();
  const phone = await signedIn(stage, { width: 390, height: 780 });
  await phone.getByRole('link', { name: 'Mailboxes' }).click();
  await phone.getByRole('link', { name: /Helpdesk/ }).click();
  await phone.getByText('Connected and proven').waitFor();
  await picture(stage, phone, 'mailbox-narrow');
  await phone.context().close();
}

const redirectUris = ({ embedded: { gatewayUrl } }: Pictures): string[] => [
  `${gatewayUrl}/api/auth/google/callback`,
  `${gatewayUrl}/api/auth/google/calendar/callback`,
];

async function signedIn(
  { embedded, browser }: Pictures,
  viewport = { width: 1160, height: 900 },
): Promise<Page> {
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(`${embedded.gatewayUrl}/console/setup`);
  await page.getByLabel('Access token').fill(await embedded.token({ tenant, user: 'admin' }));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Choose a project' }).waitFor();
  return page;
}

async function setUp(stage: Pictures, page: Page, project: TenantProject): Promise<void> {
  await picture(stage, page, 'setup-empty');
  const client = (clientSecret: string) => ({
    web: {
      client_id: project.clientId,
      client_secret: clientSecret,
      project_id: project.projectId,
      redirect_uris: redirectUris(stage),
    },
  });
  await drop(page, 0, 'client_secret.json', JSON.stringify(client('too-short')));
  await drop(page, 1, 'client_secret.json', JSON.stringify(client('too-short')));
  await press(page, 'Save and verify');
  await page.getByText('This is not a client secret.').waitFor();
  await picture(stage, page, 'setup-wrong');
  await drop(page, 0, 'client_secret.json', JSON.stringify(client(project.clientSecret)));
  await drop(page, 1, 'key.json', project.serviceAccountKeyJson!);
  await press(page, 'Save and verify');
  await page.getByRole('button', { name: 'Verify again' }).waitFor();
  await page.getByText(/\d+ passed/).waitFor();
  await inBothSchemes(stage, page, 'setup-verified');
  await page.evaluate('scrollTo(0, 0)');
  await picture(stage, page, 'setup-stored');
}

async function connectMailbox(stage: Pictures, page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Mailboxes', exact: true }).click();
  await press(page, 'Add a mailbox');
  await page.getByLabel('Name').fill('Helpdesk');
  await page.getByLabel('Address of the mailbox').fill(mailbox);
  await picture(stage, page, 'mailbox-add');
  await press(page, 'Add');
  const refused = await googlesPage(page, 'Connect');
  await picture(stage, page, 'mailbox-connecting');
  await press(refused, /^Continue to/);
  await press(refused, 'Cancel');
  await page.getByText('The consent was refused on Google’s page.').first().waitFor();
  await refused.close();
  await picture(stage, page, 'mailbox-refused');
  await allow(await googlesPage(page, 'Connect again'));
  await page.getByText('Connected and proven').waitFor();
  await press(page, 'Verify');
  await page.getByText(/\d+ passed/).waitFor();
  await page.evaluate('scrollTo(0, 0)');
  await inBothSchemes(stage, page, 'mailbox-connected');
  const watched = page.locator('.happening', { hasText: 'Gmail notifies about the mailbox' });
  await press(watched, 'Why?');
  await watched.locator('.causes').waitFor();
  await watched.evaluate('(element) => element.scrollIntoView()');
  await picture(stage, page, 'mailbox-why');
  await press(watched, 'As it was then');
  await page.getByText('This is the past').waitFor();
  await picture(stage, page, 'mailbox-as-it-was');
  await press(page, 'Back to now');
  await page.evaluate('scrollTo(0, 0)');
  await press(page, 'Delete');
  await picture(stage, page, 'mailbox-delete');
  await press(page, 'Cancel');
}

async function connectCalendars(stage: Pictures, page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Calendars', exact: true }).click();
  await press(page, 'Add a Google account');
  await page.getByLabel('Name').fill('Ann’s calendars');
  await page.getByRole('textbox', { name: 'Google account' }).fill(person);
  await press(page, 'Add');
  await allow(await googlesPage(page, 'Connect'));
  await press(page, 'Choose calendars');
  await page.getByRole('dialog').getByRole('checkbox').first().waitFor();
  await press(page, 'Save');
  await page.getByText('Connected and proven').waitFor();
  await picture(stage, page, 'calendars-connected');
}

const press = (page: Page | Locator, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click();

const drop = (page: Page, input: number, name: string, text: string): Promise<void> =>
  page
    .locator('input[type=file]')
    .nth(input)
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });

async function googlesPage(page: Page, button: string): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), press(page, button)]);
  await popup.getByRole('button', { name: /^Continue to/ }).waitFor();
  return popup;
}

async function allow(popup: Page): Promise<void> {
  await press(popup, /^Continue to/);
  await press(popup, 'Continue');
}

async function inBothSchemes(stage: Pictures, page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(stage, page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await picture(stage, page, `${name}-light`);
}

async function picture({ folder, say }: Pictures, page: Page, name: string): Promise<void> {
  const path = join(folder, `console-${name}.png`);
  await page.screenshot({ path });
  say(path);
}
