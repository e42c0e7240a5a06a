import type { TenantProject, TenantProjectSeed } from '#google-simulator/admin/tenant-project';
import { check } from './report.js';
import type { Stage } from './stage.js';
import type { HttpAnswer } from './visitor.js';

/** An admin of a tenant, with a Google project and a token of the PSA; does everything over the HTTP API. */
export class Tenant {
  project!: TenantProject;
  private token = '';
  private readonly rotated: string[] = [];

  constructor(
    readonly id: string,
    readonly stage: Stage,
  ) {}

  /** What the admin does in Google's console, and the PSA's sign-in. */
  async begin(seed: Omit<TenantProjectSeed, 'redirectUris'>): Promise<void> {
    const { embedded, google } = this.stage;
    this.token = await embedded.token({ tenant: this.id, user: `admin@${this.id}` });
    this.project = await google.seedTenantProject({
      ...seed,
      redirectUris: [`${embedded.gatewayUrl}/api/auth/google/callback`],
    });
  }

  get bearer(): string {
    return this.token;
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
