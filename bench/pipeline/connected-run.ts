import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SimulatorClient } from '#google-simulator/client';
import { until } from '../measuring/program.js';

interface Running {
  gateway: string;
  simulator: string;
  nats: string;
}

interface GoogleApp {
  projectId: string;
  gmail: { clientId: string; clientSecret: string };
}

/** What a newcomer does with a running instance: stores the first tenant's Google app and connects mailboxes, over HTTP alone. */
export class ConnectedRun {
  private constructor(
    readonly google: SimulatorClient,
    readonly natsUrl: string,
    private readonly gatewayUrl: string,
    private readonly token: string,
    private readonly app: GoogleApp,
  ) {}

  static async open(dataDir: string): Promise<ConnectedRun> {
    const text = (name: string): Promise<string> => readFile(join(dataDir, name), 'utf8');
    const running = JSON.parse(await text('running.json')) as Running;
    const app = JSON.parse(await text('acme-google-app.json')) as GoogleApp;
    const google = new SimulatorClient(running.simulator);
    const run = new ConnectedRun(google, running.nats, running.gateway, await text('token'), app);
    await run.call('PUT', '/api/google/config', app);
    return run;
  }

  /** A new account with a mailbox that the product watches. Answers the provider's id. */
  async connect(address: string): Promise<string> {
    await this.google.createUser(address);
    const { id } = await this.call<{ id: string }>('POST', '/api/email/providers', {
      name: address,
      mailbox: address,
    });
    const { authUrl } = await this.call<{ authUrl: string }>('POST', '/api/email/oauth/initiate', {
      provider: 'google',
      providerId: id,
    });
    await fetch(await this.consented(authUrl, address));
    await until(`${address} is watched`, async () => {
      const path = `/api/email/providers/${id}/status`;
      const status = await this.call<{ watchExpiresAt?: string }>('GET', path).catch(() => null);
      return typeof status?.watchExpiresAt === 'string';
    });
    return id;
  }

  /** A new account of which we hold an access token ourselves, for asking Google without the product between. */
  async accessToken(address: string): Promise<string> {
    await this.google.createUser(address);
    const redirectUri = `${this.gatewayUrl}/api/auth/google/callback`;
    const { clientId, clientSecret } = this.app.gmail;
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'https://www.googleapis.com/auth/gmail.readonly',
    });
    const back = await this.consented(`${this.google.url}/o/oauth2/v2/auth?${query}`, address);
    const response = await fetch(`${this.google.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: back.searchParams.get('code') ?? '',
        redirect_uri: redirectUri,
        client_id: clientId,
        client_secret: clientSecret,
      }),
    });
    const { access_token: token } = (await response.json()) as { access_token?: string };
    if (!token) throw new Error(`The simulated Google gave no token (${response.status}).`);
    return token;
  }

  private async consented(authUrl: string, account: string): Promise<URL> {
    const result = await this.google.consent(authUrl, { account });
    if (result.kind !== 'redirected') throw new Error(`The consent stranded on ${result.page}.`);
    return result.url;
  }

  private async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.gatewayUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }
}
