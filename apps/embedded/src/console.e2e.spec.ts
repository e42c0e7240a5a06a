import type { Locator, Page } from 'playwright-core';
import { minutes, seconds } from '#time/clock';
import { axeFindings, ConsoleStage, jsonFile, mailbox } from './fixtures/console-stage.js';

const stage = new ConsoleStage();
let admin: Page;
let mailboxId: string;

beforeAll(() => stage.open(), 120_000);
afterAll(() => stage.close());

const heading = (page: Page, name: string): Locator => page.getByRole('heading', { name });
const press = (page: Page | Locator, name: string | RegExp): Promise<void> =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click();
const says = (page: Page | Locator, text: string | RegExp): Promise<void> =>
  page.getByText(text).first().waitFor();
const visit = async (page: Page, area: string): Promise<void> => {
  await page
    .getByRole('navigation', { name: 'Google integration' })
    .getByRole('link', { name: area })
    .click();
  await page.getByRole('heading', { name: area, level: 1 }).waitFor();
};

/** What Google asks the owner, from the first page to the last. */
async function allows(popup: Page): Promise<void> {
  await popup.getByRole('button', { name: /^Continue to Acme PSA/ }).click();
  await popup.getByRole('button', { name: 'Continue', exact: true }).click();
}

async function popupOf(page: Page, button: string): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), press(page, button)]);
  await popup.getByRole('button', { name: /^Continue to Acme PSA/ }).waitFor();
  return popup;
}

const byHandClient = {
  web: {
    client_id: '123456789012-abcdefghijklmnopqrstuvwxyz012345.apps.googleusercontent.com',
    client_secret: 'GOCSPX-abcdefghijklmnopqrstuvwxyz01',
    project_id: 'by-hand-2026',
    redirect_uris: [],
  },
};

const fileInputs = (page: Page): Locator => page.locator('input[type=file]');

// The tests of this file are the chapters of one story: most go on where the one before ended.
describe('whoever comes', () => {
  it('is asked who it is, and a token that is none is refused at its field', async () => {
    const page = await stage.page();
    await page.goto(stage.url());
    await heading(page, 'Sign in').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Access token').fill('hunter2');
    await press(page, 'Sign in');
    await says(page, 'This is not an access token.');
    await page.context().close();
  });

  it('may be somebody without any permission: the setup is explained, the own calendars are open', async () => {
    const page = await stage.signedIn('setup', await stage.token('ann', []));
    await heading(page, 'You may not see this').waitFor();
    expect(await page.getByRole('link', { name: 'Google setup' }).count()).toBe(0);
    await page.getByRole('link', { name: 'To your calendars' }).click();
    await heading(page, 'No calendar yet').waitFor();
    await page.context().close();
  });

  it('finds that Google is not set up, with the way to the setup', async () => {
    admin = await stage.signedIn('mailboxes', await stage.token('admin'));
    await heading(admin, 'Google is not set up yet').waitFor();
    await admin.getByRole('link', { name: 'Open the Google setup' }).click();
    await heading(admin, 'Choose a project').waitFor();
    expect(await admin.evaluate('document.activeElement.textContent')).toBe('Google setup');
    expect(await axeFindings(admin)).toEqual([]);
  });
});

describe('the Google setup', () => {
  it('leads to the pages of Google’s console, in the project as soon as it is known', async () => {
    const link = admin.getByRole('link', { name: /^Clients/ });
    expect(await link.getAttribute('href')).toBe('https://console.cloud.google.com/auth/clients');
    await admin.getByLabel('Project ID').fill('acme-psa-2026');
    expect(await link.getAttribute('href')).toBe(
      'https://console.cloud.google.com/auth/clients?project=acme-psa-2026',
    );
    await admin.getByLabel('Project ID').fill('');
  });

  it('copies the redirect URI', async () => {
    await admin.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await press(admin, 'Copy: Redirect URI for Gmail');
    await admin.getByRole('button', { name: 'Copied: Redirect URI for Gmail' }).waitFor();
    expect(await admin.evaluate('navigator.clipboard.readText()')).toBe(
      `${stage.embedded.gatewayUrl}/api/auth/google/callback`,
    );
  });

  it('has nothing to save in the beginning, and says where to begin', async () => {
    await press(admin, 'Save and verify');
    await says(admin, 'There is nothing to save yet: begin with step 1.');
    expect(await admin.evaluate('document.activeElement.getAttribute("aria-invalid")')).toBe('true');
  });

  it.each([
    [0, 'a key where the client belongs', () => stage.keyFile(), 'This is a service account key.'],
    [1, 'a client where the key belongs', () => stage.clientFile(), 'This is the JSON of the OAuth client.'],
    [
      0,
      'a desktop client',
      () => jsonFile('desktop.json', { installed: {} }),
      'This client is of the type “Desktop app”.',
    ],
    [
      0,
      'something else',
      () => ({ name: 'cat.json', mimeType: 'application/json', buffer: Buffer.from('meow') }),
      'cat.json is not JSON.',
    ],
    [1, 'some other JSON', () => jsonFile('package.json', { name: 'x' }), 'package.json is neither'],
  ] as const)('names a wrong file (%i): %s', async (input, _, file, sentence) => {
    await fileInputs(admin).nth(input).setInputFiles(file());
    await says(admin, sentence);
  });

  it('warns when the client’s file lacks a redirect URI', async () => {
    await fileInputs(admin).first().setInputFiles(stage.clientFile([]));
    await says(admin, /The file does not list .*google\/callback.* as an authorized redirect URI/);
  });

  it.each([
    ['Project ID', '123456789012', 'is a project number, not a project id'],
    ['Project ID', 'Acme PSA', 'is not a Google Cloud project id'],
    ['Client ID', 'someone@acme.com', 'This is an e-mail address, not an OAuth client id.'],
    ['Client ID', 'GOCSPX-aaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'This looks like a client secret, not a client id.'],
    ['Client secret', 'short', 'This is not a client secret.'],
    [
      'Client secret',
      'GOCSPX-aaaaaaaaaaaa aaaaaaaaaaaaaaaa',
      'The client secret holds blanks or line breaks.',
    ],
  ])('shows at the field that %s %j is wrong, and puts the focus there', async (label, value, sentence) => {
    await fileInputs(admin).first().setInputFiles(stage.clientFile());
    await admin.getByLabel('Project ID').fill('acme-psa-2026');
    const field = admin.getByLabel(label, { exact: true });
    await field.fill(value);
    await press(admin, 'Save and verify');
    await says(admin, sentence);
    expect(await admin.locator(':focus').getAttribute('id')).toBe(await field.getAttribute('id'));
    const described = (await field.getAttribute('aria-describedby')) ?? '';
    const words = described.split(' ').map((id) => admin.locator(`[id="${id}"]`).allInnerTexts());
    expect((await Promise.all(words)).flat().join(' ')).toContain(sentence);
  });

  it('shows at the key that it is of another project', async () => {
    await fileInputs(admin).first().setInputFiles(stage.clientFile());
    await fileInputs(admin).nth(1).setInputFiles(stage.keyFile());
    await admin.getByLabel('Project ID').fill('another-project');
    await press(admin, 'Save and verify');
    await says(admin, 'The key belongs to the project acme-psa-2026');
    expect(await axeFindings(admin)).toEqual([]);
  });

  it('says what is still missing after a part of it was stored', async () => {
    await admin.reload();
    await heading(admin, 'Choose a project').waitFor();
    await fileInputs(admin).first().setInputFiles(stage.clientFile());
    await admin.getByText('Read from client_secret.json.').waitFor();
    expect(await admin.getByLabel('Project ID').inputValue()).toBe('acme-psa-2026');
    await press(admin, 'Save and verify');
    await says(admin, 'One field needs your attention.');
    await says(admin, 'Needs setup');
  });

  it('stores the rest, checks everything line by line, and shows no secret again', async () => {
    await fileInputs(admin).last().setInputFiles(stage.keyFile());
    await says(admin, 'Key of helpdesk-mail@acme-psa-2026.iam.gserviceaccount.com from key.json.');
    await press(admin, 'Save and verify');
    await says(admin, 'The Gmail API is on');
    await admin.getByRole('button', { name: 'Verify again' }).waitFor();
    await says(admin, 'Ready');
    const last = stage.project.clientId.split('.')[0]!.slice(-4);
    await says(admin, new RegExp(`^\\d+-…${last}\\.apps\\.googleusercontent\\.com$`));
    const content = await admin.content();
    expect(content).not.toContain(stage.project.clientSecret);
    expect(content).not.toContain('PRIVATE KEY');
    expect(await axeFindings(admin)).toEqual([]);
  });

  it('shows what a support desk needs before it is given to anybody', async () => {
    await press(admin, 'For support');
    const bundle = admin.getByRole('dialog').locator('pre');
    await bundle.waitFor();
    expect(await bundle.innerText()).not.toContain(stage.project.clientSecret);
    expect(await axeFindings(admin)).toEqual([]);
    await press(admin.getByRole('dialog'), 'Close');
  });

  it('replaces a secret on purpose only, and offers to keep what is stored', async () => {
    await press(admin, 'Replace only the secret');
    await admin.getByLabel('Client secret').fill('short');
    await press(admin, 'Save and verify');
    await says(admin, 'This is not a client secret.');
    await press(admin, 'Keep what is stored');
    expect(await admin.getByLabel('Client secret').count()).toBe(0);
    expect(await admin.getByRole('button', { name: 'Save and verify' }).count()).toBe(0);
  });

  it('removes the key only when it is saved', async () => {
    await press(admin, 'Remove the key');
    await says(admin, 'The key is removed when you save.');
    await says(admin, 'There are changes that are not saved.');
    await press(admin, 'Undo');
    await says(admin, 'It is never shown again.');
  });

  it('gives calendars a client of their own, with errors at its own fields', async () => {
    await admin.getByText('A client of its own').click();
    const own = admin.getByRole('group', { name: 'Calendar’s own client' });
    await own.getByLabel('Client ID').fill('someone@acme.com');
    await press(admin, 'Save and verify');
    await says(own, 'This is an e-mail address, not an OAuth client id.');
    expect(await axeFindings(admin)).toEqual([]);
    await admin.getByText('The same app as Gmail').click();
    await own.waitFor({ state: 'hidden' });
  });

  it('shows the commands for doing it by hand, once the project is known', async () => {
    const page = await stage.signedIn('setup', await stage.token('bob', undefined, 'byhand'));
    await page.getByText('By hand, without a key').click();
    await says(page, 'Save the project ID first');
    await page.getByLabel('Project ID').fill('by-hand-2026');
    await press(page, 'Save and verify');
    await page
      .getByText(/^gcloud pubsub subscriptions create gmail-webhook-byhand .*--project=by-hand-2026$/)
      .waitFor();
    await press(page, 'Use gmail-push@by-hand-2026.iam.gserviceaccount.com');
    await fileInputs(page).first().setInputFiles(jsonFile('client_secret.json', byHandClient));
    await press(page, 'Save and verify');
    await says(page, 'Ready');
    expect(await axeFindings(page)).toEqual([]);
    await page.context().close();
  });

  it('keeps what was entered while somebody looks at another page', async () => {
    await admin.getByLabel('Project ID').fill('another-one');
    await visit(admin, 'Mailboxes');
    await visit(admin, 'Google setup');
    expect(await admin.getByLabel('Project ID').inputValue()).toBe('another-one');
    await admin.getByLabel('Project ID').fill('acme-psa-2026');
  });
});

describe('a mailbox', () => {
  it('is added with the keyboard alone, its form saying what is missing', async () => {
    await visit(admin, 'Mailboxes');
    await admin.getByRole('button', { name: 'Add a mailbox' }).focus();
    await admin.keyboard.press('Enter');
    await heading(admin, 'Add a mailbox').waitFor();
    await admin.keyboard.press('Enter');
    await says(admin, 'Enter a name.');
    await says(admin, 'Enter the address of the mailbox');
    expect(await axeFindings(admin)).toEqual([]);
    await admin.keyboard.type('Helpdesk');
    await admin.keyboard.press('Tab');
    await admin.keyboard.type('no address');
    await admin.keyboard.press('Enter');
    await says(admin, 'Enter the address of the mailbox');
    await admin.keyboard.press('Escape');
    await heading(admin, 'Add a mailbox').waitFor({ state: 'hidden' });
    await admin.locator('button:focus', { hasText: 'Add a mailbox' }).waitFor();
    await admin.keyboard.press('Enter');
    await admin.keyboard.type('Helpdesk');
    await admin.keyboard.press('Tab');
    await admin.keyboard.type(mailbox);
    await admin.keyboard.press('Enter');
    await heading(admin, 'Helpdesk').waitFor();
    mailboxId = new URL(admin.url()).pathname.split('/').at(-1)!;
    await says(admin, `sign in at Google as ${mailbox}`);
    expect(await axeFindings(admin)).toEqual([]);
  });

  it('cannot be added twice, and the form says why', async () => {
    const page = await stage.signedIn('mailboxes', await stage.token('admin'));
    await press(page, 'Add a mailbox');
    await page.getByLabel('Name').fill('Again');
    await page.getByLabel('Address of the mailbox').fill(mailbox);
    await press(page, 'Add');
    await page.getByRole('alert').getByText('is connected already').waitFor();
    await page.context().close();
  });

  it('can be connected again when the window was closed', async () => {
    const popup = await popupOf(admin, 'Connect');
    await says(admin, 'Google’s page is open in another window.');
    await popup.close();
    await says(admin, 'The window was closed before the permission was given.');
    await admin.getByRole('button', { name: 'Connect again' }).waitFor();
  });

  it('offers a link when the browser blocks the window', async () => {
    await admin.evaluate('window.reallyOpen = window.open; window.open = () => null; undefined');
    await press(admin, 'Connect again');
    await says(admin, 'Your browser blocked the window.');
    const [opened] = await Promise.all([
      admin.waitForEvent('popup'),
      admin.getByRole('link', { name: 'Continue at Google' }).click(),
    ]);
    await opened.getByRole('button', { name: /^Continue to Acme PSA/ }).click();
    await opened.getByRole('button', { name: 'Cancel' }).click();
    await heading(opened, 'The mailbox was not connected').waitFor();
    await says(admin, 'The consent was refused on Google’s page.');
    await says(admin, 'Needs attention');
    await opened.close();
    await admin.evaluate('window.open = window.reallyOpen; undefined');
    expect(await axeFindings(admin)).toEqual([]);
  });

  it('is connected and proven, shown as it happens', async () => {
    const popup = await popupOf(admin, 'Connect again');
    await allows(popup);
    await says(admin, 'Connected and proven.');
    await admin.locator('.badge', { hasText: 'Connected' }).waitFor();
    await says(admin, 'The first notification arrived: the whole way from Gmail to here works.');
    expect(await axeFindings(admin)).toEqual([]);
  });

  it('delivers a mail, and the page shows it without being loaded again', async () => {
    const { client } = stage.embedded.simulator;
    await client.advance(minutes(2));
    stage.clock.advance(minutes(2));
    const pushed = admin.locator('.facts time').first();
    const before = await pushed.getAttribute('datetime');
    const mail = { from: 'Ann <ann@customer.example>', subject: 'It burns', text: 'Help.' };
    const { id } = await client.gmail.deliver(mailbox, mail);
    await stage.delivered(id);
    await admin.locator(`.facts div:first-child time:not([datetime="${before}"])`).waitFor();
  });

  it('shows what somebody else does', async () => {
    await stage.call('POST', `/api/email/providers/${mailboxId}/pause`, {});
    await says(admin, 'The mailbox is paused.');
    await press(admin, 'Resume');
    await says(admin, 'Connected and proven');
  });

  it('is checked with all that it stands on', async () => {
    await press(admin, 'Verify');
    await admin.getByRole('button', { name: 'Verify again' }).waitFor();
    await says(admin, 'A first notification has come');
    expect(await axeFindings(admin)).toEqual([]);
  });

  it('shows a parked message with its reason, and retries it', async () => {
    const { client } = stage.embedded.simulator;
    const lost = { on: 'pubsub-push' as const, caller: mailbox };
    await client.addFault({ match: lost, effect: { kind: 'drop' }, times: 1 });
    await client.advance(seconds(2));
    stage.clock.advance(seconds(2));
    const poison = await client.gmail.deliver(mailbox, { from: 'a@b.example', subject: 'Poison', text: '' });
    await client.pubsub.settled();
    await client.addFault({
      match: { on: 'request', pathPattern: `/messages/${poison.id}` },
      effect: { kind: 'error', code: 500, message: 'Internal error encountered.' },
    });
    await client.advance(seconds(2));
    stage.clock.advance(seconds(2));
    await client.gmail.deliver(mailbox, { from: 'a@b.example', subject: 'After it', text: '' });
    await admin.getByRole('button', { name: `Retry now: message ${poison.id}` }).waitFor();
    expect(await axeFindings(admin)).toEqual([]);
    await client.clearFaults();
    await press(admin, `Retry now: message ${poison.id}`);
    await says(admin, 'The message was processed.');
    await says(admin, 'No message is parked.');
  });

  it('shows of its history what is asked for', async () => {
    await admin.getByText('Permission', { exact: true }).click();
    await says(admin, `${mailbox} gave the permission.`);
    expect(await admin.getByText('The Google app was stored').count()).toBe(0);
  });

  it('shows how it was at a happening and at any moment, marked as the past, by keyboard', async () => {
    await admin.getByText('This one', { exact: true }).click();
    const paused = admin.locator('.happening', { hasText: /paused/i }).first();
    const then = paused.getByRole('button', { name: 'As it was then' });
    await then.focus();
    await admin.keyboard.press('Enter');
    const past = admin.getByRole('dialog');
    await says(past, 'This is the past');
    await past.locator('.badge', { hasText: 'Paused' }).waitFor();
    expect(await past.getByText('Last read').count()).toBe(0);
    expect(await axeFindings(admin)).toEqual([]);
    const moment = past.getByLabel('Moment');
    await moment.fill('2001-01-01T00:00:00');
    await admin.keyboard.press('Enter');
    await says(past, 'is before this provider was added');
    expect(await moment.getAttribute('aria-invalid')).toBe('true');
    expect(await past.getByText('This is the past').count()).toBe(0);
    await moment.fill('');
    await press(past, 'Show this moment');
    await says(past, 'Enter a date and a time.');
    expect(await axeFindings(admin)).toEqual([]);
    await press(past, 'Back to now');
    await past.waitFor({ state: 'hidden' });
    await admin.locator('button:focus', { hasText: 'As it was then' }).waitFor();
    await admin.locator('.badge', { hasText: 'Connected' }).waitFor();
  });

  it('says why something happened, back to who began it', async () => {
    const watched = admin.locator('.happening', { hasText: 'Gmail notifies about' }).last();
    await watched.getByRole('button', { name: 'Why?' }).focus();
    await admin.keyboard.press('Enter');
    await says(watched.locator('.causes'), `${mailbox} gave the permission.`);
    await says(watched.locator('.causes'), 'It began with a request by admin.');
    expect(await axeFindings(admin)).toEqual([]);
    await admin.keyboard.press('Enter');
    await watched.locator('.causes').waitFor({ state: 'hidden' });
  });

  it('says what will happen before it is disconnected or deleted', async () => {
    await press(admin, 'Disconnect');
    const asked = admin.getByRole('alertdialog');
    await says(asked, 'Gmail is told to stop notifying, and the permission is deleted here.');
    expect(await axeFindings(admin)).toEqual([]);
    await press(asked, 'Cancel');
    await press(admin, 'Delete');
    await says(asked, 'Nothing is deleted in Gmail.');
    await admin.keyboard.press('Escape');
    await asked.waitFor({ state: 'hidden' });
  });
});

describe('a reset', () => {
  it('takes a reason, and leaves a mailbox that can be connected anew', async () => {
    await press(admin, 'Reset');
    const asked = admin.getByRole('dialog');
    await says(asked, 'The mailbox begins anew');
    await press(asked, 'Reset');
    await says(asked, 'Say why: the history shows it.');
    await asked.getByRole('textbox', { name: 'Reason' }).fill('Moved to another account');
    await press(asked, 'Reset');
    await says(admin, 'Not connected yet. Press Connect');
    await admin.getByText('Everything', { exact: true }).click();
    await says(admin, 'Reset to the beginning (Moved to another account).');
    await allows(await popupOf(admin, 'Connect'));
    await says(admin, 'Connected and proven');
  });
});

describe('calendars', () => {
  it('of somebody without permissions are connected, chosen and proven', async () => {
    await stage.embedded.simulator.client.createUser('ann@acme-helpdesk.com');
    const ann = await stage.signedIn('calendars', await stage.token('ann', []));
    await press(ann, 'Add a Google account');
    await press(ann, 'Add');
    await says(ann, 'Enter the address of the account');
    await ann.getByLabel('Name').fill('Ann’s calendars');
    await ann.getByRole('textbox', { name: 'Google account' }).fill('ann@acme-helpdesk.com');
    await press(ann, 'Add');
    await allows(await popupOf(ann, 'Connect'));
    await press(ann, 'Choose calendars');
    const choice = ann.getByRole('dialog');
    await choice.getByRole('checkbox').first().waitFor();
    expect(await axeFindings(ann)).toEqual([]);
    await press(choice, 'Save');
    await says(ann, 'Connected and proven');
    expect(await axeFindings(ann)).toEqual([]);
    await ann.context().close();
  });
});

describe('roles', () => {
  it('may look and change nothing', async () => {
    const reader = await stage.signedIn('setup', await stage.token('reader', ['system_settings:read']));
    await says(reader, 'You may look, but not change anything here.');
    expect(await reader.getByRole('button', { name: /Save|Remove|Replace/ }).count()).toBe(0);
    await visit(reader, 'Mailboxes');
    expect(await reader.getByRole('button', { name: 'Add a mailbox' }).count()).toBe(0);
    await reader.getByRole('link', { name: /Helpdesk/ }).click();
    await says(reader, 'The first notification arrived');
    expect(await reader.getByRole('button', { name: /Pause|Delete|Disconnect|Connect/ }).count()).toBe(0);
    await reader.context().close();
  });
});

describe('in the page of the PSA', () => {
  it('takes the token that is handed over, its colours, and keeps neither in the address nor in a storage', async () => {
    const psa = await stage.page();
    stage.hostToken = () => stage.shortToken(120);
    await psa.context().clock.install();
    await psa.goto(stage.psa.origin);
    const frame = psa.frames().find((one) => one.url().startsWith(stage.url()))!;
    await frame.getByRole('heading', { name: 'Google setup' }).waitFor();
    expect(frame.url()).toBe(stage.url('setup'));
    expect(
      await frame.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])'),
    ).toBe('[{},{},""]');
    const color = `getComputedStyle(document.querySelector('.tab[aria-current]')).borderBottomColor`;
    expect(await frame.evaluate(color)).toBe('rgb(120, 0, 90)');
    // A token of two minutes is replaced half a minute before it ends.
    await psa.clock.fastForward(seconds(95));
    await psa.waitForFunction(`wishes.includes('expiring')`);
    await frame.getByRole('link', { name: 'Mailboxes' }).click();
    await frame.getByRole('link', { name: /Helpdesk/ }).waitFor();
    expect(await psa.evaluate('document.querySelector("iframe").style.height')).not.toBe('');
    await psa.context().close();
  });

  it('asks for another token when the one it has is refused', async () => {
    const psa = await stage.page();
    const tokens = [await stage.shortToken(-60), await stage.token('admin')];
    stage.hostToken = () => Promise.resolve(tokens.shift()!);
    await psa.goto(stage.psa.origin);
    await psa.frameLocator('iframe').getByRole('heading', { name: 'Choose a project' }).waitFor();
    expect(await psa.evaluate('wishes')).toContain('refused');
    await psa.context().close();
  });

  it('is shown in no frame of a stranger', async () => {
    const { origin } = stage.strangers;
    const stranger = await stage.page();
    await stranger.goto(origin);
    const framed = stranger.frames().find((one) => one.parentFrame() !== null);
    expect(framed?.url()).not.toBe(stage.url('setup'));
    expect(stage.complaints.join()).toContain('frame-ancestors');
    expect(await stranger.evaluate('wishes')).toEqual([]);
    await stranger.context().close();
    stage.complaints.length = 0;
  });

  it('believes no stranger who opens it and hands it a token', async () => {
    const stranger = await stage.page();
    await stranger.context().clock.install();
    await stranger.goto(`${stage.strangers.origin}/`);
    const [opened] = await Promise.all([
      stranger.waitForEvent('popup'),
      stranger.evaluate(`window.opened = window.open(${JSON.stringify(stage.url('setup'))}); undefined`),
    ]);
    await opened.waitForLoadState();
    const token = await stage.token('mallory');
    await stranger.evaluate(
      `opened.postMessage({ type: 'tenant-google:token', token: ${JSON.stringify(token)} }, '*')`,
    );
    await opened.clock.fastForward(seconds(11));
    await says(opened, 'The page that shows or opened this one did not say who you are.');
    await stranger.context().close();
    stage.complaints.length = 0;
  });
});

describe('everywhere', () => {
  it.each(['setup', 'mailboxes', 'calendars'])('fits a narrow screen: %s', async (place) => {
    const narrow = await stage.signedIn(place, await stage.token('admin'), {
      viewport: { width: 340, height: 700 },
    });
    await narrow.getByRole('heading', { level: 1 }).waitFor();
    if (place === 'mailboxes') await narrow.getByRole('link', { name: /Helpdesk/ }).click();
    if (place === 'setup') await press(narrow, 'Verify');
    await narrow
      .locator(place === 'calendars' ? '.cards' : '.card')
      .first()
      .waitFor();
    expect(await narrow.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(340);
    expect(await axeFindings(narrow)).toEqual([]);
    await narrow.context().close();
  });

  it('says so when changes cannot be heard, and hears them again', async () => {
    await stage.embedded.stop('gateway');
    await says(admin, 'Changes do not come by themselves at the moment');
    await stage.embedded.restart('gateway');
    await admin.getByText('Changes do not come by themselves').waitFor({ state: 'hidden' });
  });

  it('loads less than 200 kB of script', async () => {
    expect(await stage.scriptBytes()).toBeLessThan(200_000);
  });

  it('resets everything of the tenant for a reason, and shows what came of it', async () => {
    await visit(admin, 'Google setup');
    await press(admin, 'Reset everything');
    const asked = admin.getByRole('dialog');
    await says(asked, 'Every mailbox and every calendar account begins anew');
    await press(asked, 'Reset everything');
    await says(asked, 'Say why: the history shows it.');
    expect(await axeFindings(admin)).toEqual([]);
    await asked.getByRole('textbox', { name: 'Reason' }).fill('A new Workspace');
    await press(asked, 'Reset everything');
    await says(admin, /by admin: A new Workspace$/);
    await says(admin, /Mailboxes reset: 1\. Calendar accounts reset: 1\.$/);
    expect(await axeFindings(admin)).toEqual([]);
  });

  it('removes the Google app after saying what will happen', async () => {
    await visit(admin, 'Google setup');
    await press(admin, 'Remove the Google app');
    const asked = admin.getByRole('alertdialog');
    await says(asked, 'all mailboxes and calendars stop');
    await press(asked, 'Remove it');
    await says(admin, 'Not configured');
    await visit(admin, 'Mailboxes');
    await says(admin, 'The Google setup is not complete, so nobody can connect anew.');
  });

  it('made the browser complain of nothing', () => {
    expect(
      stage.complaints.filter((text) => !/Failed to load resource|ERR_CONNECTION_REFUSED/.test(text)),
    ).toEqual([]);
  });
});
