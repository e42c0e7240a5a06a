import { OAuth2Client } from 'google-auth-library';
import type { GenerateAuthUrlOpts } from 'google-auth-library';
import type { TenantProject, TenantProjectSeed } from '../admin/tenant-project.js';
import { startSimulator } from '../server.js';
import type { Simulator } from '../server.js';
import type { ConsentWishes } from './consent-walk.js';

export const CALLBACK = 'https://psa.example.com/oauth/google/callback';
export const ALICE = 'alice@customer.example';
export const GMAIL_READONLY = 'https://www.googleapis.com/auth/gmail.readonly';
export const CALENDAR = 'https://www.googleapis.com/auth/calendar';
export const PUBSUB = 'https://www.googleapis.com/auth/pubsub';

type AuthorizationOptions = GenerateAuthUrlOpts & { nonce?: string };

/** What the token endpoint answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** For specs: a simulator with one tenant's project, and an app that connects with it. */
export class ConnectedTenant {
  private constructor(
    readonly google: Simulator,
    readonly project: TenantProject,
  ) {}

  static async start(seed: Partial<TenantProjectSeed> = {}): Promise<ConnectedTenant> {
    const google = await startSimulator();
    const project = await google.client.seedTenantProject({
      projectId: 'tenant-one-psa',
      redirectUris: [CALLBACK],
      users: [{ email: ALICE, workspaceDomain: 'customer.example' }],
      ...seed,
    });
    return new ConnectedTenant(google, project);
  }

  /** Google's own library, told where Google is. */
  app(credentials: { clientId: string; clientSecret: string } = this.project): OAuth2Client {
    const { url } = this.google;
    return new OAuth2Client({
      ...credentials,
      redirectUri: CALLBACK,
      endpoints: {
        oauth2AuthBaseUrl: `${url}/o/oauth2/v2/auth`,
        oauth2TokenUrl: `${url}/token`,
        oauth2RevokeUrl: `${url}/revoke`,
        tokenInfoUrl: `${url}/tokeninfo`,
        oauth2FederatedSignonPemCertsUrl: `${url}/oauth2/v1/certs`,
        oauth2FederatedSignonJwkCertsUrl: `${url}/oauth2/v3/certs`,
      },
    });
  }

  authUrl(options: AuthorizationOptions = {}, app = this.app()): string {
    return app.generateAuthUrl({
      access_type: 'offline',
      prompt: 'consent',
      scope: ['openid', 'email', GMAIL_READONLY],
      state: 'opaque-state',
      ...options,
    });
  }

  /** Consents as Alice, unless told otherwise, and brings back the code. */
  async code(options: AuthorizationOptions = {}, wishes: Partial<ConsentWishes> = {}): Promise<string> {
    const result = await this.google.client.consent(this.authUrl(options), { account: ALICE, ...wishes });
    if (result.kind !== 'redirected') throw new Error(`Stranded on ${result.page}`);
    const code = result.url.searchParams.get('code');
    if (code === null) throw new Error(`Came back without a code: ${result.url.search}`);
    return code;
  }

  async tokens(options: AuthorizationOptions = {}, wishes: Partial<ConsentWishes> = {}) {
    return (await this.app().getToken(await this.code(options, wishes))).tokens;
  }

  async refreshToken(
    options: AuthorizationOptions = {},
    wishes: Partial<ConsentWishes> = {},
  ): Promise<string> {
    const { refresh_token: token } = await this.tokens(options, wishes);
    if (!token) throw new Error('Google gave no refresh token.');
    return token;
  }

  /** Posts to the token endpoint as this tenant's client, with these fields on top. */
  async post(fields: Record<string, string>): Promise<TokenAnswer> {
    const { clientId, clientSecret } = this.project;
    const response = await fetch(`${this.google.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...fields }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  exchange(code: string, fields: Record<string, string> = {}): Promise<TokenAnswer> {
    return this.post({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...fields });
  }

  refresh(token: string, fields: Record<string, string> = {}): Promise<TokenAnswer> {
    return this.post({ grant_type: 'refresh_token', refresh_token: token, ...fields });
  }

  close(): Promise<void> {
    return this.google.close();
  }
}
