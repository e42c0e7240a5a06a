import { v1 } from '@google-cloud/pubsub';
import { calendar } from '@googleapis/calendar';
import type { calendar_v3 } from '@googleapis/calendar';
import { gmail } from '@googleapis/gmail';
import type { gmail_v1 } from '@googleapis/gmail';
import { OAuth2Client } from 'google-auth-library';
import type { TenantProject, TenantProjectSeed } from './admin/tenant-project.js';
import type { Simulator } from './server.js';

type SetIamPolicyRequest = Parameters<v1.PublisherClient['setIamPolicy']>[0];

const SCOPE = 'https://www.googleapis.com/auth/';

/** Google's own clients, signed in with tokens that were issued without a consent page. */
export class TenantClients {
  private readonly open: { close(): Promise<void> }[] = [];

  private constructor(
    readonly google: Simulator,
    readonly project: TenantProject,
  ) {}

  static async of(google: Simulator, seed: Omit<TenantProjectSeed, 'redirectUris'>): Promise<TenantClients> {
    const redirectUris = ['https://psa.example.com/callback'];
    return new TenantClients(google, await google.client.seedTenantProject({ ...seed, redirectUris }));
  }

  /** The same tenant's clients for a simulator that was started again. */
  on(google: Simulator): TenantClients {
    return new TenantClients(google, this.project);
  }

  gmailOf(address: string, scopes: readonly string[] = ['gmail.readonly']): gmail_v1.Gmail {
    const auth = this.signedInUser(address, scopes);
    return gmail({ version: 'v1', rootUrl: `${this.google.url}/`, auth, retry: false });
  }

  calendarOf(address: string, scopes: readonly string[] = ['calendar']): calendar_v3.Calendar {
    const auth = this.signedInUser(address, scopes);
    return calendar({ version: 'v3', rootUrl: `${this.google.url}/`, auth, retry: false });
  }

  signedInUser(address: string, scopes: readonly string[]): OAuth2Client {
    const sub = this.google.world.user(address)?.sub ?? '';
    return this.signedIn({ kind: 'user', sub, clientId: this.project.clientId }, scopes);
  }

  publisher(email = this.project.serviceAccountEmail): v1.PublisherClient {
    return this.closing(new v1.PublisherClient(this.pubsubOptions(this.signedInAccount(email))));
  }

  subscriber(email = this.project.serviceAccountEmail): v1.SubscriberClient {
    return this.closing(new v1.SubscriberClient(this.pubsubOptions(this.signedInAccount(email))));
  }

  /** A publisher that acts for a person, not for a service account. */
  publisherOf(address: string): v1.PublisherClient {
    return this.closing(new v1.PublisherClient(this.pubsubOptions(this.signedInUser(address, ['pubsub']))));
  }

  /** Replaces a topic's publishers. The library types IAM requests as message objects and takes plain ones. */
  async setPublishers(
    topic: string,
    members: string[],
    { etag, as }: { etag?: Buffer; as?: string } = {},
  ): Promise<void> {
    const bindings = members.length > 0 ? [{ role: 'roles/pubsub.publisher', members }] : [];
    const request = { resource: topic, policy: { bindings, ...(etag && { etag }) } };
    await this.publisher(as).setIamPolicy(request as unknown as SetIamPolicyRequest);
  }

  async close(): Promise<void> {
    for (const client of this.open) await client.close();
  }

  private pubsubOptions(authClient: OAuth2Client) {
    const { hostname, port } = new URL(this.google.url);
    return {
      fallback: true,
      protocol: 'http',
      apiEndpoint: hostname,
      port: Number(port),
      projectId: this.project.projectId,
      authClient,
    };
  }

  private signedInAccount(email: string): OAuth2Client {
    return this.signedIn({ kind: 'service-account', email }, ['pubsub']);
  }

  private signedIn(
    holder: Parameters<Simulator['world']['oauth']['issueAccessToken']>[0],
    scopes: readonly string[],
  ): OAuth2Client {
    const full = scopes.map((scope) => (scope.startsWith('https:') ? scope : SCOPE + scope));
    const auth = new OAuth2Client();
    auth.setCredentials({ access_token: this.google.world.oauth.issueAccessToken(holder, full).token });
    return auth;
  }

  private closing<Client extends { close(): Promise<void> }>(client: Client): Client {
    this.open.push(client);
    return client;
  }
}

/** What a promise was refused with, for assertions on Google's errors. @throws Error when it was fulfilled */
export async function refusalOf(promise: Promise<unknown>): Promise<{
  code: unknown;
  message: string;
  reason?: string;
}> {
  try {
    await promise;
  } catch (error) {
    const { code, message, response } = error as {
      code: unknown;
      message: string;
      response?: { data?: { error?: { code: number; message: string; errors?: { reason: string }[] } } };
    };
    const body = response?.data?.error;
    const reason = body?.errors?.[0]?.reason;
    return { code: body?.code ?? code, message: body?.message ?? message, ...(reason && { reason }) };
  }
  throw new Error('It was not refused');
}
