import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findOrInstall } from './debian-package.js';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real Chromium without a window. @throws ServerStartError that says what to do when there is none */
export async function openChromium(): Promise<Browser> {
  const executablePath = await findOrInstall('chromium', 'chromium', {
    cacheDir: join(process.cwd(), '.data', 'bin'),
    say: (sentence) => process.stderr.write(`${sentence}\n`),
    otherwise: 'Install Chromium by hand and put it on the PATH.',
  });
  return chromium.launch({ executablePath, args: flags });
}

/** What the host's settings page does: opens the popup, and waits for the message that tells how it ended. */
const openerPage = `<!doctype html><title>Settings of the PSA</title><h1>Mailboxes</h1><script>
window.heard = [];
addEventListener('message', ({ origin, data }) => heard.push({ origin, data }));
</script>`;

/** What the opener was told, and by whom. */
export interface Told {
  origin: string;
  data: Record<string, unknown>;
}

/** A page of the PSA, on an origin of its own. */
export class OpenerPage {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async serve(): Promise<OpenerPage> {
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8').end(openerPage);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new OpenerPage(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  /** Opens Google's page as a popup of this one. */
  async popup(page: Page, authUrl: string): Promise<Page> {
    await page.goto(this.origin);
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(`void window.open(${JSON.stringify(authUrl)}, 'google', 'popup,width=600,height=760')`),
    ]);
    return popup;
  }

  /** Resolves with the first message that the page gets. */
  async told(page: Page): Promise<Told> {
    const heard = await page.waitForFunction('window.heard[0]');
    return (await heard.jsonValue()) as Told;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
