import type { TenantProject, TenantProjectSeed } from '#google-simulator/admin/tenant-project';
import { check } from './report.js';
import type { Stage } from './stage.js';
import type { HttpAnswer } from './visitor.js';

/** An admin of a tenant, with a Google project and a token of the PSA; does everything over the HTTP API. */
export class Tenant {
  project!: TenantProject;
  private token = '';
  private readonly rotated: string[] = [];
  private readonly issued: string[] = [];

  constructor(
    readonly id: string,
    readonly stage: Stage,
  ) {}

  /** What the admin does in Google's console, and the PSA's sign-in. */
  async begin(seed: Omit<TenantProjectSeed, 'redirectUris'>): Promise<void> {
    const { embedded, google } = this.stage;
    this.token = await this.signIn(`admin@${this.id}`);
    this.project = await google.seedTenantProject({
      ...seed,
      redirectUris: ['/api/auth/google/callback', '/api/auth/google/calendar/callback'].map(
        (path) => `${embedded.gatewayUrl}${path}`,
      ),
    });
  }

  /** A token of one of the tenant's users, with every permission unless said. */
  async signIn(user: string, permissions?: string[]): Promise<string> {
    const of = { tenant: this.id, user, ...(permissions && { permissions }) };
    const token = await this.stage.embedded.token(of);
    this.issued.push(token);
    return token;
  }

  /** Every token that its users have. */
  get bearers(): string[] {
    return this.issued;
  }

  get topic(): string {
    return `projects/${this.project.projectId}/topics/gmail-notifications-${this.id}`;
  }

  get subscription(): string {
    return `projects/${this.project.projectId}/subscriptions/gmail-webhook-${this.id}`;
  }

  /** Of a console's download. */
  get serviceAccountKey(): { private_key: string } {
    return JSON.parse(this.project.serviceAccountKeyJson!) as { private_key: string };
  }

  call(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
    const { embedded, visitor } = this.stage;
    return visitor.visit(method, `${embedded.gatewayUrl}${path}`, { token: this.token, body });
  }

  /** A call that has to succeed; its JSON. @throws CheckFailed with the answer when it does not */
  async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(method, path, body);
    check(answer.status < 300, `${method} ${path} succeeds`, { status: answer.status, body: answer.text });
    return JSON.parse(answer.text) as Answer;
  }

  /** Every secret that this tenant's OAuth client ever had. */
  get clientSecrets(): string[] {
    return [this.project.clientSecret, ...this.rotated];
  }

  /** Only the secret is entered; everything else stays as it is. */
  async rotateSecret(clientSecret: string): Promise<void> {
    this.rotated.push(clientSecret);
    await this.ask('PUT', '/api/google/config', { gmail: { clientSecret } });
  }

  /** The form of the Google setup, filled in rightly. */
  googleApp(): Record<string, unknown> {
    const { projectId, clientId, clientSecret, serviceAccountKeyJson } = this.project;
    return {
      projectId,
      gmail: { clientId, clientSecret },
      calendar: 'same',
      serviceAccountKey: serviceAccountKeyJson,
    };
  }
}
